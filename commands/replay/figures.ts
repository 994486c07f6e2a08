import type { AdminAnalytics } from '../../shared/contracts/views.ts';

/** What a replayed presentation must add up to, as the admin analytics tell it. */
export interface PresentationFigures {
  readonly name: string;
  readonly enrollments: number;
  readonly cancelled: number;
  readonly attempts: number;
  readonly scored: number;
  /** Of the scored attempts, 0 to 100; null where there is none. */
  readonly mean: number | null;
  /** Population standard deviation. */
  readonly deviation: number | null;
  readonly passed: number;
  readonly learnersWithAttempt: number;
}

export function figuresOf(name: string, { totals }: AdminAnalytics): PresentationFigures {
  return {
    name,
    enrollments: totals.enrollments,
    cancelled: totals.byStatus.cancelled,
    attempts: totals.quizzes.attempts,
    scored: totals.quizzes.scored,
    mean: totals.quizzes.meanScore,
    deviation: totals.quizzes.scoreDeviation,
    passed: totals.quizzes.passes,
    learnersWithAttempt: totals.quizzes.learnersWithAttempt,
  };
}

/** The value at or above which a share of the values lie; null of none. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? null;
}
