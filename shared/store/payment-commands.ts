import {
  applyPaymentEvent,
  attachCheckout,
  startPayment,
  type Checkout,
  type PaymentEvent,
} from '../domain/payment.ts';
import { DomainError } from '../domain/errors.ts';
import type { CourseId, PaymentId, UserId } from '../domain/ids.ts';
import type { Cause } from '../domain/stamp.ts';
import type { PaymentState } from '../domain/states.ts';
import type { Documents } from './documents.ts';
import { type EnrollDependencies, enrollmentWrites, readEnrolling } from './enrollment-commands.ts';
import type { Named } from './keys.ts';
import { readRow, readSnapshot } from './reads.ts';
import { courseRow, enrollmentRow, paymentRow } from './rows.ts';
import { settle } from './settle.ts';
import { asReadToBecome } from './status-condition.ts';
import { commit, type Write } from './transact.ts';

/** Whose payment, and what led to the change. */
export interface PaymentCommand {
  readonly userId: UserId;
  readonly paymentId: PaymentId;
  readonly cause: Cause;
  readonly now: Date;
}

export interface CheckoutDependencies {
  readonly documents: Documents;
  readonly tables: Named<'courses' | 'enrollments' | 'payments'>;
}

/**
 * Starts a payment, or finds the one that was started under this id. It is there before the provider hears of it,
 * so that no event is about a payment that nobody knows.
 *
 * Requests: TransactGet of course, enrollment and payment; Put of the payment, the first time.
 *
 * @throws DomainError course_unknown, course_not_published, course_not_paid, already_enrolled, payment_conflict, busy
 */
export function startCheckoutPayment(
  { documents, tables }: CheckoutDependencies,
  command: PaymentCommand & {
    readonly courseId: CourseId;
    readonly successUrl: string;
    readonly cancelUrl: string;
  },
): Promise<PaymentState> {
  const { userId, paymentId, courseId } = command;
  return settle(async () => {
    const [course, enrollment, payment] = await readSnapshot(documents, [
      courseRow(tables, courseId),
      enrollmentRow(tables, userId, courseId),
      paymentRow(tables, userId, paymentId),
    ]);
    const now = command.now.toISOString();
    const started = startPayment({ ...command, course, enrollment, payment, now });
    await commit(documents, started === undefined ? [] : [paymentPut(tables, payment, started)]);
    return kept(started ?? payment);
  });
}

/**
 * Notes the checkout that the provider opened for a payment. One that is no longer pending stays what it became.
 *
 * Requests: Get of the payment; Put of the payment.
 *
 * @throws DomainError payment_unknown, busy
 */
export function keepCheckout(
  { documents, tables }: Pick<CheckoutDependencies, 'documents'> & { readonly tables: Named<'payments'> },
  { userId, paymentId, cause, ...command }: PaymentCommand & { readonly checkout: Checkout },
): Promise<PaymentState> {
  return settle(async () => {
    const payment = await readRow(documents, paymentRow(tables, userId, paymentId));
    if (payment === undefined) {
      throw new DomainError('payment_unknown', 'There is no such payment', { paymentId });
    }
    const attached = attachCheckout(payment, command.checkout, command.now.toISOString(), cause);
    await commit(documents, attached === undefined ? [] : [paymentPut(tables, payment, attached)]);
    return attached ?? payment;
  });
}

export type PaymentEventDependencies = EnrollDependencies<'notifications'> & {
  readonly tables: Named<'payments'>;
};

/**
 * Applies a provider's event to its payment, with the enrollment that it buys or ends and the news to the student.
 *
 * Requests: TransactGet of payment, course, enrollment, progress, student and request; BatchGet of an outline not
 * seen yet; TransactWrite, unless nothing changes.
 *
 * @returns whether anything changed: not where the event came before, or too late to count
 * @throws DomainError payment_unknown, payment_mismatch, course_unknown, course_not_published, busy
 */
export function recordPaymentEvent(
  dependencies: PaymentEventDependencies,
  {
    event,
    cause,
    now: received,
  }: { readonly event: PaymentEvent; readonly cause: Cause; readonly now: Date },
): Promise<boolean> {
  const { documents, tables } = dependencies;
  return settle(async () => {
    const {
      read,
      others: [payment],
    } = await readEnrolling(dependencies, event, paymentRow(tables, event.userId, event.paymentId));
    const decided = applyPaymentEvent({ event, payment, ...read, now: received.toISOString(), cause });
    if (decided === undefined) return false;
    await commit(documents, [
      paymentPut(tables, payment, decided.payment),
      // Who loses an enrollment may ask to get in meanwhile.
      ...enrollmentWrites(
        tables,
        event.outcome === 'completed' ? read : { enrollment: read.enrollment },
        decided,
      ),
    ]);
    return true;
  });
}

function paymentPut(tables: Named<'payments'>, read: PaymentState | undefined, item: PaymentState): Write {
  return {
    kind: 'put',
    table: tables.payments,
    item,
    when: asReadToBecome('payments', read, item, 'userId'),
  };
}

function kept(payment: PaymentState | undefined): PaymentState {
  if (payment === undefined) throw new Error('Starting left no payment');
  return payment;
}
