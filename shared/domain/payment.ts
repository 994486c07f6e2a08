import { enroll, unenroll, type EnrollmentDecision, type Enrolling } from './enrollment.ts';
import { paidByTheOthers, paymentsOf } from './enrollment-payments.ts';
import { DomainError } from './errors.ts';
import type { CourseId, PaymentId, UserId } from './ids.ts';
import { notifyOf } from './notification.ts';
import { nextStamp, type Cause } from './stamp.ts';
import type { CourseState, EnrollmentState, PaymentState, Price } from './states.ts';
import { mayBecome, type PaymentStatus } from './status.ts';

/** What a provider can tell of a payment. */
export type PaymentOutcome = Exclude<PaymentStatus, 'pending'>;

/** A provider's event, proved to be from the provider. Amounts are in minor units. */
export interface PaymentEvent {
  /** The provider's own, the same however often the event is sent. */
  readonly eventId: string;
  readonly outcome: PaymentOutcome;
  readonly userId: UserId;
  readonly paymentId: PaymentId;
  readonly courseId: CourseId;
  readonly amount: number;
  readonly currency: string;
  /** When the provider says it happened: ISO 8601, UTC, milliseconds. */
  readonly at: string;
}

/** Where the provider takes the money. */
export interface Checkout {
  readonly checkoutId: string;
  readonly checkoutUrl: string;
}

export interface StartingPayment {
  readonly userId: UserId;
  readonly paymentId: PaymentId;
  readonly courseId: CourseId;
  readonly course: CourseState | undefined;
  readonly enrollment: EnrollmentState | undefined;
  readonly payment: PaymentState | undefined;
  readonly successUrl: string;
  readonly cancelUrl: string;
  readonly now: string;
  readonly cause: Cause;
}

/**
 * Starts to buy a course, at its price of this moment. Undefined where the payment was started before, whatever
 * became of it or of the course since. Throws DomainError course_unknown, course_not_published, course_not_paid,
 * already_enrolled, payment_conflict.
 */
export function startPayment(given: StartingPayment): PaymentState | undefined {
  const { userId, paymentId, courseId, enrollment, payment, successUrl, cancelUrl, now, cause } = given;
  if (payment !== undefined) {
    if (payment.courseId === courseId) return undefined;
    throw new DomainError('payment_conflict', 'This payment id is of another course.', {
      courseId: payment.courseId,
    });
  }
  const { price, title } = boughtCourse(given);
  if (enrollment !== undefined && enrollment.status !== 'cancelled') {
    throw new DomainError('already_enrolled', 'You are in this course already.', { courseId });
  }
  return {
    userId,
    paymentId,
    courseId,
    amount: price.amount,
    currency: price.currency,
    status: 'pending',
    createdAt: now,
    order: { title, successUrl, cancelUrl },
    ...nextStamp(undefined, now, cause),
  };
}

function boughtCourse({ course }: StartingPayment): { readonly price: Price; readonly title: string } {
  if (course === undefined) throw new DomainError('course_unknown', 'There is no such course.');
  const { status, access, price, title } = course;
  if (status !== 'published') {
    throw new DomainError('course_not_published', 'The course is not published.', { status });
  }
  if (access !== 'paid' || price === undefined) {
    throw new DomainError('course_not_paid', 'This course is not for sale.', { access });
  }
  return { price, title };
}

/** Whether a checkout has to be opened: not where one is, nor where none is needed any more. */
export function needsCheckout({ status, checkoutId }: PaymentState): boolean {
  return status === 'pending' && checkoutId === undefined;
}

/** Notes the checkout that the provider opened. Undefined where the payment needs none (any more). */
export function attachCheckout(
  payment: PaymentState,
  { checkoutId, checkoutUrl }: Checkout,
  now: string,
  cause: Cause,
): PaymentState | undefined {
  if (!needsCheckout(payment)) return undefined;
  return { ...payment, checkoutId, checkoutUrl, ...nextStamp(payment, now, cause) };
}

/** The rows to write; an enrollment only where the event changes one. */
export interface PaymentDecision extends EnrollmentDecision {
  readonly payment: PaymentState;
}

export interface PayingEvent extends Pick<
  Enrolling,
  'course' | 'outline' | 'enrollment' | 'progress' | 'student' | 'request' | 'now' | 'cause'
> {
  readonly event: PaymentEvent;
  readonly payment: PaymentState | undefined;
}

/**
 * Applies a provider's event, in whatever order and however often events come. Completed: the student is in, unless
 * in already; an enrollment that was not bought then stays what it is. Failed: a completed payment stays completed.
 * Refunded: ends the enrollment that this payment bought, unless another payment came in for it too. Undefined where
 * nothing changes. The news is of the time at which the school learned it: were it of the provider's, who has read
 * everything in between would never see it as unread.
 * Throws DomainError payment_unknown, payment_mismatch, and what `enroll` throws.
 */
export function applyPaymentEvent(given: PayingEvent): PaymentDecision | undefined {
  const { event, course, now, cause } = given;
  const payment = matchingPayment(given);
  const { outcome, eventId, at } = event;
  if (!mayBecome('payments', payment.status, outcome)) return undefined;
  const { paymentId, courseId, amount, currency } = payment;
  const settled: PaymentState = {
    ...payment,
    status: outcome,
    ...momentOf(outcome, at, eventId),
    ...nextStamp(payment, now, cause),
  };
  const details = { title: course?.title ?? courseId, amount, currency };
  return {
    payment: settled,
    ...enrollmentAfter(given, payment),
    notification: notifyOf(settled, `payment_${outcome}`, details, `${courseId}.${paymentId}`),
  };
}

function matchingPayment({ payment, event }: PayingEvent): PaymentState {
  const { paymentId } = event;
  if (payment === undefined) {
    throw new DomainError('payment_unknown', 'There is no such payment.', { paymentId });
  }
  const differing = (['courseId', 'amount', 'currency'] as const).find(
    (name) => payment[name] !== event[name],
  );
  if (differing === undefined) return payment;
  throw new DomainError('payment_mismatch', 'The event is of another sum or course than the payment.', {
    paymentId,
    differing,
  });
}

function momentOf(outcome: PaymentOutcome, at: string, eventId: string): Partial<PaymentState> {
  switch (outcome) {
    case 'completed':
      return { completedAt: at, completedBy: eventId };
    case 'failed':
      return { failedAt: at, failedBy: eventId };
    case 'refunded':
      return { refundedAt: at, refundedBy: eventId };
  }
}

function enrollmentAfter(given: PayingEvent, payment: PaymentState): EnrollmentDecision {
  switch (given.event.outcome) {
    case 'completed':
      return enroll({ ...given, userId: payment.userId, source: 'payment', payment });
    case 'failed':
      return {};
    case 'refunded':
      return enrollmentAfterRefund(given, payment);
  }
}

function enrollmentAfterRefund(
  { course, enrollment, now, cause }: PayingEvent,
  { paymentId }: PaymentState,
): EnrollmentDecision {
  if (enrollment === undefined || enrollment.status === 'cancelled') return {};
  if (!paymentsOf(enrollment).includes(paymentId)) return {};
  const standing = paidByTheOthers(enrollment, paymentId, now, cause);
  if (standing !== undefined) return { enrollment: standing };
  return unenroll({ enrollment, by: 'refund', title: course?.title, now, cause });
}
