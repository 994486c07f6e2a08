import { describe, expect, test } from 'vitest';
import {
  applyPaymentEvent,
  attachCheckout,
  needsCheckout,
  startPayment,
  type PayingEvent,
  type PaymentEvent,
  type PaymentOutcome,
  type StartingPayment,
} from '../../shared/domain/payment.ts';
import type { CourseId, PaymentId } from '../../shared/domain/ids.ts';
import type { EnrollmentState, PaymentState } from '../../shared/domain/states.ts';
import {
  accessRequest,
  at,
  cause,
  course,
  enrollment,
  id,
  outline,
  payment,
  reading,
  refusal,
  student,
} from './builders.ts';

const price = { amount: 4900, currency: 'EUR' };
const sold = course({ access: 'paid', price });
const later = { causedBy: 'evt_1', causedAt: at(60) };

function starting(over: Partial<StartingPayment> = {}): PaymentState | undefined {
  return startPayment({
    userId: id('u1'),
    paymentId: id<PaymentId>('p1'),
    courseId: id('c1'),
    course: sold,
    enrollment: undefined,
    payment: undefined,
    successUrl: 'https://school.test/thanks',
    cancelUrl: 'https://school.test/back',
    now: at(0),
    cause,
    ...over,
  });
}

describe('starting a payment', () => {
  test('asks for the price of the course at that moment, and keeps what the provider is to be asked', () => {
    expect(starting()).toEqual(payment());
  });

  test('again is the same payment, whatever became of it, of the course or of its price since', () => {
    for (const status of ['pending', 'completed', 'failed', 'refunded'] as const) {
      expect(starting({ payment: payment({ status }) })).toBeUndefined();
    }
    const dearer = course({ access: 'paid', price: { amount: 9900, currency: 'EUR' } });
    expect(starting({ payment: payment(), course: dearer })).toBeUndefined();
    expect(starting({ payment: payment(), course: course({ status: 'archived' }) })).toBeUndefined();
    expect(starting({ payment: payment(), enrollment: enrollment() })).toBeUndefined();
  });

  test('is possible again, under another id, for who has left the course', () => {
    expect(starting({ enrollment: enrollment({ status: 'cancelled' }) })).toMatchObject({
      status: 'pending',
    });
  });

  test.each<[string, Partial<StartingPayment>, string]>([
    ['for a course that is not there', { course: undefined }, 'course_unknown'],
    ['for a draft', { course: { ...sold, status: 'draft' } }, 'course_not_published'],
    ['for an archived course', { course: { ...sold, status: 'archived' } }, 'course_not_published'],
    ['for an open course', { course: course({ price }) }, 'course_not_paid'],
    ['for a course without a price', { course: course({ access: 'paid' }) }, 'course_not_paid'],
    ['to who is in already', { enrollment: enrollment() }, 'already_enrolled'],
    ['to who has completed it', { enrollment: enrollment({ status: 'completed' }) }, 'already_enrolled'],
    [
      'under the id of a payment for another',
      { payment: payment({ courseId: id<CourseId>('c2') }) },
      'payment_conflict',
    ],
  ])('is refused %s', (_rule, over, code) => {
    expect(refusal(() => starting(over)).code).toBe(code);
  });
});

describe('the checkout of a payment', () => {
  const checkout = { checkoutId: 'cs_1', checkoutUrl: 'https://pay.test/cs_1' };

  test('is noted once it is open', () => {
    expect(needsCheckout(payment())).toBe(true);
    const open = attachCheckout(payment(), checkout, at(1), later);
    expect(open).toMatchObject({ ...checkout, status: 'pending', version: 2, causedBy: 'evt_1' });
    expect(needsCheckout(open!)).toBe(false);
  });

  test('stays the first one', () => {
    const open = payment({ checkoutId: 'cs_0', checkoutUrl: 'https://pay.test/cs_0' });
    expect(attachCheckout(open, checkout, at(1), later)).toBeUndefined();
  });

  test.each(['completed', 'failed', 'refunded'] as const)('is not needed once it is %s', (status) => {
    expect(needsCheckout(payment({ status }))).toBe(false);
    expect(attachCheckout(payment({ status }), checkout, at(1), later)).toBeUndefined();
  });
});

function event(outcome: PaymentOutcome, over: Partial<PaymentEvent> = {}): PaymentEvent {
  return {
    eventId: `evt_${outcome}`,
    outcome,
    userId: id('u1'),
    paymentId: id<PaymentId>('p1'),
    courseId: id('c1'),
    ...price,
    at: at(30),
    ...over,
  };
}

function applying(over: Partial<PayingEvent> & Pick<PayingEvent, 'event'>) {
  return applyPaymentEvent({
    payment: payment(),
    course: sold,
    outline: outline({ ch1: [reading('r1')] }),
    enrollment: undefined,
    progress: undefined,
    student: student(),
    request: undefined,
    now: at(60),
    cause: later,
    ...over,
  });
}

/** Applies events one after the other, as the store does with the rows in between. */
function after(outcomes: readonly PaymentOutcome[], start: EnrollmentState | undefined = undefined) {
  let rows = { payment: payment(), enrollment: start };
  const told: string[] = [];
  for (const outcome of outcomes) {
    const decided = applying({ ...rows, event: event(outcome) });
    rows = {
      payment: decided?.payment ?? rows.payment,
      enrollment: decided?.enrollment ?? rows.enrollment,
    };
    if (decided?.notification !== undefined) told.push(decided.notification.kind);
  }
  return { payment: rows.payment.status, enrollment: rows.enrollment?.status, told };
}

describe("a provider's event", () => {
  test('completed enrolls the student and tells them, all by the same event', () => {
    const decided = applying({ event: event('completed') });
    expect(decided?.payment).toMatchObject({
      status: 'completed',
      completedAt: at(30),
      completedBy: 'evt_completed',
      version: 2,
      causedBy: 'evt_1',
    });
    expect(decided?.enrollment).toMatchObject({ status: 'active', source: 'payment', paymentId: 'p1' });
    expect(decided?.progress).toMatchObject({ totalProgress: 0 });
    expect(decided?.notification).toMatchObject({
      // Of when the school learned it: what was read since the provider's 30 does not read this.
      notificationId: `${at(60)}.payment_completed.c1.p1.2`,
      kind: 'payment_completed',
      details: { title: 'A course', amount: 4900, currency: 'EUR' },
    });
  });

  test('completed ends the request for access that the student had made', () => {
    const request = accessRequest();
    expect(applying({ event: event('completed'), request })?.endedRequest).toBe(request);
  });

  test('completed lets in who paid before the course was archived', () => {
    const decided = applying({ event: event('completed'), course: { ...sold, status: 'archived' } });
    expect(decided?.enrollment).toMatchObject({ status: 'active' });
  });

  test('completed leaves the enrollment of who got in otherwise meanwhile as it is', () => {
    const decided = applying({ event: event('completed'), enrollment: enrollment({ source: 'admin' }) });
    expect(decided?.payment.status).toBe('completed');
    expect(decided).not.toHaveProperty('enrollment');
  });

  test('completed, of another payment for a bought enrollment, makes it stand by both', () => {
    const bought = enrollment({ source: 'payment', paymentId: id<PaymentId>('p0') });
    const decided = applying({ event: event('completed'), enrollment: bought });
    expect(decided?.enrollment).toEqual({
      ...bought,
      alsoPaidBy: ['p1'],
      version: 2,
      updatedAt: at(60),
      ...later,
    });
  });

  test('refunded leaves an enrollment to the other payments that came in for it', () => {
    const bought = enrollment({
      source: 'payment',
      paymentId: id<PaymentId>('p1'),
      alsoPaidBy: [id<PaymentId>('p2')],
    });
    const completed = payment({ status: 'completed' });
    const decided = applying({ event: event('refunded'), payment: completed, enrollment: bought });
    expect(decided?.enrollment).toMatchObject({ status: 'active', paymentId: 'p2', version: 2 });
    expect(decided?.enrollment).not.toHaveProperty('alsoPaidBy');
  });

  test('failed tells the student, and enrolls nobody', () => {
    const decided = applying({ event: event('failed') });
    expect(decided?.payment).toMatchObject({ status: 'failed', failedAt: at(30), failedBy: 'evt_failed' });
    expect(decided?.notification?.kind).toBe('payment_failed');
    expect(decided).not.toHaveProperty('enrollment');
  });

  test('refunded ends the enrollment that the payment bought, and tells of the refund alone', () => {
    const bought = enrollment({ source: 'payment', paymentId: id<PaymentId>('p1') });
    const decided = applying({
      event: event('refunded'),
      payment: payment({ status: 'completed' }),
      enrollment: bought,
    });
    expect(decided?.payment).toMatchObject({ status: 'refunded', refundedBy: 'evt_refunded' });
    expect(decided?.enrollment).toMatchObject({ status: 'cancelled', cancelledAt: at(60) });
    expect(decided?.notification?.kind).toBe('payment_refunded');
  });

  test.each<[string, EnrollmentState | undefined]>([
    ['an admin gave', enrollment({ source: 'admin' })],
    ['another payment bought', enrollment({ source: 'payment', paymentId: id<PaymentId>('p2') })],
    ['was cancelled already', enrollment({ status: 'cancelled', paymentId: id<PaymentId>('p1') })],
    ['is not there', undefined],
  ])('refunded leaves an enrollment alone that %s', (_rule, standing) => {
    const decided = applying({
      event: event('refunded'),
      payment: payment({ status: 'completed' }),
      enrollment: standing,
    });
    expect(decided?.payment.status).toBe('refunded');
    expect(decided).not.toHaveProperty('enrollment');
  });

  const told = (...kinds: string[]) => kinds.map((kind) => `payment_${kind}`);
  test.each<[PaymentOutcome[], ReturnType<typeof after>]>([
    [['completed', 'completed'], { payment: 'completed', enrollment: 'active', told: told('completed') }],
    [
      ['failed', 'completed'],
      { payment: 'completed', enrollment: 'active', told: told('failed', 'completed') },
    ],
    [['completed', 'failed'], { payment: 'completed', enrollment: 'active', told: told('completed') }],
    [
      ['completed', 'refunded', 'completed', 'refunded'],
      { payment: 'refunded', enrollment: 'cancelled', told: told('completed', 'refunded') },
    ],
    [['refunded', 'completed'], { payment: 'refunded', enrollment: undefined, told: told('refunded') }],
    [
      ['failed', 'refunded', 'completed'],
      { payment: 'refunded', enrollment: undefined, told: told('failed', 'refunded') },
    ],
  ])('may come twice, late and out of order: %j', (outcomes, outcome) => {
    expect(after(outcomes)).toEqual(outcome);
  });

  test.each<[string, Partial<PayingEvent> & Pick<PayingEvent, 'event'>, string]>([
    [
      'of a payment that nobody started',
      { event: event('completed'), payment: undefined },
      'payment_unknown',
    ],
    ['of another amount', { event: event('completed', { amount: 1 }) }, 'payment_mismatch'],
    ['of another currency', { event: event('completed', { currency: 'USD' }) }, 'payment_mismatch'],
    [
      'of another course',
      { event: event('completed', { courseId: id<CourseId>('c2') }) },
      'payment_mismatch',
    ],
    [
      'of another amount, even where it is too late',
      {
        event: event('completed', { amount: 1 }),
        payment: payment({ status: 'completed' }),
      },
      'payment_mismatch',
    ],
  ])('is refused %s', (_rule, over, code) => {
    expect(refusal(() => applying(over)).code).toBe(code);
  });
});
