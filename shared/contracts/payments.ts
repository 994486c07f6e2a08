import * as z from 'zod';
import { CourseId, Money, PaymentId, statusField, Timestamp } from './fields.ts';

/** What to buy, and where the provider's page leads back to. */
export const CheckoutRequest = z.strictObject({
  courseId: CourseId,
  successUrl: z.url({ protocol: /^https?$/ }).max(2000),
  cancelUrl: z.url({ protocol: /^https?$/ }).max(2000),
});
export type CheckoutRequest = z.infer<typeof CheckoutRequest>;

export const PaymentView = z.strictObject({
  paymentId: PaymentId,
  courseId: CourseId,
  ...Money.shape,
  status: statusField('payments'),
  /** Where to pay, while it is pending. */
  checkoutUrl: z.string().optional(),
  createdAt: Timestamp,
  completedAt: Timestamp.optional(),
  failedAt: Timestamp.optional(),
  refundedAt: Timestamp.optional(),
  version: z.int(),
});
export type PaymentView = z.infer<typeof PaymentView>;

export const Payments = z.strictObject({ payments: z.array(PaymentView), cursor: z.string().optional() });
export type Payments = z.infer<typeof Payments>;

/** What became of a provider's event: it changed a payment, or there was nothing (more) to change. */
export const PaymentEventReceipt = z.strictObject({ received: z.literal(true), applied: z.boolean() });
export type PaymentEventReceipt = z.infer<typeof PaymentEventReceipt>;
