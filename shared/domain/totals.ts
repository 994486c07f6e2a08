import type { Metrics } from './contribution.ts';
import { ownEntry } from './equal.ts';
import { bankFiguresOf, type BankFigures } from './qbank-statistics.ts';

export interface QuizFigures {
  readonly attempts: number;
  readonly scored: number;
  readonly passes: number;
  /** 0 to 100; null while nothing is scored. */
  readonly meanScore: number | null;
  /** Population standard deviation, in points; null while nothing is scored. */
  readonly scoreDeviation: number | null;
}

/** What the enrollments, quizzes and videos of a course, or of the whole school, add up to. */
export interface Totals {
  readonly enrollments: number;
  readonly byStatus: { readonly active: number; readonly completed: number; readonly cancelled: number };
  readonly bySource: {
    readonly direct: number;
    readonly admin: number;
    readonly request: number;
    readonly payment: number;
  };
  readonly learners: number;
  readonly completions: number;
  /** 0 to 100; null where no progress is known. */
  readonly meanProgress: number | null;
  /** How many stand at 0-9, 10-19, ... 90-99 and 100 percent. */
  readonly progressDistribution: number[];
  readonly quizzes: QuizFigures & { readonly learnersWithAttempt: number };
  readonly chaptersCompleted: number;
  readonly watchMinutes: number;
  readonly pendingRequests: number;
  readonly qbank: BankFigures;
  readonly payments: {
    readonly completed: number;
    readonly refunded: number;
    /** Minor units by currency; currencies in the order of the alphabet. */
    readonly revenue: Record<string, number>;
  };
}

function metric(metrics: Readonly<Metrics>, name: string): number {
  return ownEntry(metrics, name) ?? 0;
}

/** The sum of the shards of an aggregate. */
export function sumMetrics(shards: Iterable<Readonly<Metrics>>): Metrics {
  const sum = new Map<string, number>();
  for (const shard of shards) {
    for (const [name, value] of Object.entries(shard)) sum.set(name, (sum.get(name) ?? 0) + value);
  }
  return Object.fromEntries(sum);
}

/** sqrt(n * sum(x^2) - sum(x)^2) / n, x in hundredths. The difference of two large numbers, so taken exactly. */
function deviation(count: number, sum: number, squares: number): number {
  const scaled = BigInt(count) * BigInt(squares) - BigInt(sum) * BigInt(sum);
  return scaled <= 0n ? 0 : Math.sqrt(Number(scaled)) / count / 100;
}

/** The figures of one quiz, or of all quizzes of an aggregate. */
export function quizFiguresOf(metrics: Readonly<Metrics>): QuizFigures {
  const scored = metric(metrics, 'scored');
  const sum = metric(metrics, 'scoreSum');
  return {
    attempts: metric(metrics, 'attempts'),
    scored,
    passes: metric(metrics, 'passes'),
    meanScore: scored > 0 ? sum / 100 / scored : null,
    scoreDeviation: scored > 0 ? deviation(scored, sum, metric(metrics, 'scoreSquares')) : null,
  };
}

/** The totals of an aggregate of contributions (see contribution.ts for the metrics). */
export function totalsOf(metrics: Readonly<Metrics>): Totals {
  const of = (name: string): number => metric(metrics, name);
  const known = of('progressCount');
  return {
    enrollments: of('enrollments'),
    byStatus: {
      active: of('status.active'),
      completed: of('status.completed'),
      cancelled: of('status.cancelled'),
    },
    bySource: {
      direct: of('source.direct'),
      admin: of('source.admin'),
      request: of('source.request'),
      payment: of('source.payment'),
    },
    learners: of('learners'),
    completions: of('completions'),
    meanProgress: known > 0 ? of('progressSum') / known : null,
    progressDistribution: Array.from({ length: 11 }, (_, band) => of(`progress.${band}`)),
    quizzes: { ...quizFiguresOf(metrics), learnersWithAttempt: of('learnersWithAttempt') },
    chaptersCompleted: of('chaptersCompleted'),
    watchMinutes: of('watchMinutes'),
    pendingRequests: of('pendingRequests'),
    qbank: bankFiguresOf(metrics),
    payments: {
      completed: of('payments.completed'),
      refunded: of('payments.refunded'),
      revenue: revenueOf(metrics),
    },
  };
}

const REVENUE = 'revenue.';

function revenueOf(metrics: Readonly<Metrics>): Record<string, number> {
  const sums = Object.entries(metrics).filter(([name, sum]) => name.startsWith(REVENUE) && sum !== 0);
  return Object.fromEntries(
    sums
      .map(([name, sum]): [string, number] => [name.slice(REVENUE.length), sum])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
