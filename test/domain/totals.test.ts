import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { entriesOf } from '../../shared/domain/contribution.ts';
import { sumMetrics, totalsOf } from '../../shared/domain/totals.ts';
import type { AccessRequestState, PaymentState } from '../../shared/domain/states.ts';
import { accessRequest, attempt, enrollment, payment } from './builders.ts';

describe('totals', () => {
  test('of nothing are zeros, and null where there is no mean', () => {
    expect(totalsOf({})).toEqual({
      enrollments: 0,
      byStatus: { active: 0, completed: 0, cancelled: 0 },
      bySource: { direct: 0, admin: 0, request: 0, payment: 0 },
      learners: 0,
      completions: 0,
      meanProgress: null,
      progressDistribution: Array.from({ length: 11 }, () => 0),
      quizzes: {
        attempts: 0,
        scored: 0,
        passes: 0,
        meanScore: null,
        scoreDeviation: null,
        learnersWithAttempt: 0,
      },
      chaptersCompleted: 0,
      watchMinutes: 0,
      pendingRequests: 0,
      qbank: { answers: 0, correct: 0, tests: 0, meanScore: null },
      payments: { completed: 0, refunded: 0, revenue: {} },
    });
  });

  test('have the money that was taken and not given back, by currency', () => {
    const paid = (over: Partial<PaymentState>) =>
      entriesOf('payments', payment(over))[0]?.contribution['school|total'] ?? {};
    const rows = [
      paid({ status: 'completed', amount: 4900, currency: 'EUR' }),
      paid({ status: 'completed', amount: 100, currency: 'CHF' }),
      paid({ status: 'refunded', amount: 4900, currency: 'EUR' }),
      paid({ status: 'pending', amount: 4900, currency: 'EUR' }),
      paid({ status: 'failed', amount: 4900, currency: 'EUR' }),
    ];
    expect(totalsOf(sumMetrics(rows)).payments).toEqual({
      completed: 2,
      refunded: 1,
      revenue: { CHF: 100, EUR: 4900 },
    });
  });

  test('count the requests that wait, and none that was decided', () => {
    const waiting = (over: Partial<AccessRequestState>) =>
      entriesOf('accessRequests', accessRequest(over))[0]?.contribution['school|total'] ?? {};
    const rows = [waiting({}), waiting({}), waiting({ status: 'rejected' })];
    expect(totalsOf(sumMetrics(rows)).pendingRequests).toBe(2);
  });

  test('put 100 percent in a band of its own', () => {
    const shards = [0, 9, 10, 99, 100].map(
      (progress) => entriesOf('enrollments', enrollment({ progress }))[0]?.contribution['school|total'] ?? {},
    );
    expect(totalsOf(sumMetrics(shards))).toMatchObject({
      meanProgress: 43.6,
      progressDistribution: [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1],
    });
  });

  test('have the mean and the deviation of the scores, to a billionth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 200 }),
        (hundredths) => {
          const scores = hundredths.map((each) => each / 100);
          const metrics = sumMetrics(
            scores.map(
              (score, index) =>
                entriesOf('quizAttempts', attempt('q1', index, score))[0]?.contribution['school|total'] ?? {},
            ),
          );
          const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
          const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
          const { quizzes } = totalsOf(metrics);
          expect(Math.abs((quizzes.meanScore ?? -1) - mean)).toBeLessThan(1e-9);
          expect(Math.abs((quizzes.scoreDeviation ?? -1) - Math.sqrt(variance))).toBeLessThan(
            1e-9 + (variance < 1e-12 ? 1e-6 : 0),
          );
        },
      ),
    );
  });

  test('have no deviation where all scores are one, however many', () => {
    const n = 3_000_000;
    const metrics = { scored: n, scoreSum: n * 6667, scoreSquares: n * 6667 * 6667 };
    expect(totalsOf(metrics).quizzes).toMatchObject({ scoreDeviation: 0 });
  });
});
