import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { enroll, unenroll } from '../../shared/domain/enrollment.ts';
import type { PaymentId } from '../../shared/domain/ids.ts';
import { applyPaymentEvent, type PaymentOutcome } from '../../shared/domain/payment.ts';
import type { EnrollmentState, PaymentState, ProgressState } from '../../shared/domain/states.ts';
import { at, cause, course, id, outline, payment, reading, student } from './builders.ts';

const sold = course({ access: 'paid', price: { amount: 4900, currency: 'EUR' } });
const of = outline({ ch1: [reading('r1')] });

const paymentId = fc.constantFrom('p1', 'p2', 'p3');
const outcome = fc.constantFrom<PaymentOutcome[]>('completed', 'failed', 'refunded');
const event = fc.record({ paymentId, outcome });
/** What the provider tells, and what an admin or the student does meanwhile. */
const move = fc.oneof(
  { weight: 8, arbitrary: event },
  { weight: 1, arbitrary: fc.constantFrom('let in' as const, 'leave' as const) },
);
type Move = typeof move extends fc.Arbitrary<infer M> ? M : never;

interface Rows {
  readonly payments: Readonly<Record<string, PaymentState>>;
  readonly enrollment?: EnrollmentState | undefined;
  readonly progress?: ProgressState | undefined;
  readonly told: readonly string[];
}

function start(): Rows {
  const payments = ['p1', 'p2', 'p3'].map(
    (name) => [name, payment({ paymentId: id<PaymentId>(name) })] as const,
  );
  return { payments: Object.fromEntries(payments), told: [] };
}

function after(rows: Rows, made: Move, seconds: number): Rows {
  const now = at(seconds);
  const given = { course: sold, outline: of, request: undefined, student: student(), now, cause };
  const { enrollment, progress } = rows;
  if (made === 'let in') {
    return { ...rows, ...enroll({ ...given, enrollment, progress, userId: id('u1'), source: 'admin' }) };
  }
  if (made === 'leave') {
    if (enrollment === undefined) return rows;
    return { ...rows, ...unenroll({ ...given, enrollment, by: 'student', title: undefined }) };
  }
  const { userId, courseId, amount, currency } = payment();
  const decided = applyPaymentEvent({
    ...given,
    enrollment,
    progress,
    payment: rows.payments[made.paymentId],
    event: {
      eventId: `evt-${seconds}`,
      outcome: made.outcome,
      paymentId: id<PaymentId>(made.paymentId),
      userId,
      courseId,
      amount,
      currency,
      at: at(0),
    },
  });
  if (decided === undefined) return rows;
  return {
    ...rows,
    ...(decided.enrollment && { enrollment: decided.enrollment }),
    ...(decided.progress && { progress: decided.progress }),
    payments: { ...rows.payments, [made.paymentId]: decided.payment },
    told: [...rows.told, decided.notification?.notificationId ?? 'nothing'],
  };
}

/** The rows after each of the moves, with those before the first. */
function walk(moves: readonly Move[]): Rows[] {
  const states = [start()];
  for (const [index, made] of moves.entries()) states.push(after(states.at(-1)!, made, index + 1));
  return states;
}

const isIn = ({ enrollment }: Rows) => enrollment !== undefined && enrollment.status !== 'cancelled';

/** What becomes of a payment, in whatever order it is told. */
function endOf(outcomes: readonly PaymentOutcome[]): string {
  return (['refunded', 'completed', 'failed'] as const).find((each) => outcomes.includes(each)) ?? 'pending';
}

describe('the events of several payments for one course', () => {
  test('leave each payment where they lead to in any order and however often', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        const { payments } = walk(events).at(-1)!;
        for (const [name, { status }] of Object.entries(payments)) {
          const own = events.filter((each) => each.paymentId === name);
          expect(status).toBe(endOf(own.map((each) => each.outcome)));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('keep a student in as long as any of the payments that came in has not been given back', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        for (const rows of walk(events)) {
          const paid = Object.values(rows.payments).some(({ status }) => status === 'completed');
          expect(isIn(rows)).toBe(paid);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('never end the place that an admin gave, whoever came and went before', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 12 }), fc.array(event, { maxLength: 12 }), (before, then) => {
        const moves: Move[] = [...before, 'leave', 'let in', ...then];
        const given = before.length + 2;
        for (const rows of walk(moves).slice(given)) expect(isIn(rows)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('tell of each payment at most once of each kind, under ids of their own', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
        const { told } = walk(moves).at(-1)!;
        expect(new Set(told).size).toBe(told.length);
        expect(told.length).toBeLessThanOrEqual(9);
      }),
      { numRuns: 300 },
    );
  });

  test('let versions only grow, by one with each change', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 25 }), (moves) => {
        const states = walk(moves);
        for (const [index, { enrollment, payments }] of states.entries()) {
          const before = states[index - 1];
          if (before === undefined) continue;
          expect([0, 1]).toContain((enrollment?.version ?? 0) - (before.enrollment?.version ?? 0));
          for (const [name, { version }] of Object.entries(payments)) {
            expect([0, 1]).toContain(version - before.payments[name]!.version);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
