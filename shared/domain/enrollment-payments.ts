import type { PaymentId } from './ids.ts';
import { nextStamp, type Cause, type Stamp } from './stamp.ts';
import type { EnrollmentState } from './states.ts';

/**
 * The payments that an enrollment stands by: none where it was not bought. Two checkouts of one course can both be
 * open and both be paid; who then gets one payment back has still paid.
 */
export function paymentsOf({ paymentId, alsoPaidBy = [] }: EnrollmentState): readonly PaymentId[] {
  return paymentId === undefined ? [] : [paymentId, ...alsoPaidBy];
}

/** The enrollment as if nobody had paid for it. */
export function withoutPayments(enrollment: EnrollmentState): EnrollmentState {
  const { paymentId: _paymentId, alsoPaidBy: _alsoPaidBy, ...rest } = enrollment;
  return rest;
}

/** The enrollment with a further payment. Undefined where it was not bought, or stands by this one already. */
export function paidAgain(
  enrollment: EnrollmentState,
  paymentId: PaymentId,
  now: string,
  cause: Cause,
): EnrollmentState | undefined {
  const payments = paymentsOf(enrollment);
  if (payments.length === 0 || payments.includes(paymentId)) return undefined;
  return paidBy(enrollment, [...payments, paymentId], nextStamp(enrollment, now, cause));
}

/** The enrollment by the payments that are left without this one. Undefined where none is left. */
export function paidByTheOthers(
  enrollment: EnrollmentState,
  paymentId: PaymentId,
  now: string,
  cause: Cause,
): EnrollmentState | undefined {
  const left = paymentsOf(enrollment).filter((each) => each !== paymentId);
  return left.length === 0 ? undefined : paidBy(enrollment, left, nextStamp(enrollment, now, cause));
}

function paidBy(
  enrollment: EnrollmentState,
  [paymentId, ...alsoPaidBy]: readonly PaymentId[],
  stamp: Stamp,
): EnrollmentState {
  return {
    ...withoutPayments(enrollment),
    ...(paymentId === undefined ? {} : { paymentId }),
    ...(alsoPaidBy.length === 0 ? {} : { alsoPaidBy }),
    ...stamp,
  };
}
