import type { PaymentState } from '../domain/states.ts';
import type { PaymentView } from './payments.ts';

/** A payment as the student and the admins see it: without the provider's ids. */
export function paymentView(row: PaymentState): PaymentView {
  return {
    paymentId: row.paymentId,
    courseId: row.courseId,
    amount: row.amount,
    currency: row.currency,
    status: row.status,
    ...(row.status === 'pending' && row.checkoutUrl !== undefined && { checkoutUrl: row.checkoutUrl }),
    createdAt: row.createdAt,
    ...(row.completedAt !== undefined && { completedAt: row.completedAt }),
    ...(row.failedAt !== undefined && { failedAt: row.failedAt }),
    ...(row.refundedAt !== undefined && { refundedAt: row.refundedAt }),
    version: row.version,
  };
}
