/**
 * How long changes take from the row that says so to those that follow from it. Pure, and mergeable in any order, so
 * that every container counts for itself and nobody has to count together.
 */

/** How many changes took how long, by bucket; one that is empty is missing. */
type Histogram = Readonly<Record<string, number>>;

/** What was measured of one way in some time. An alias, so that it fits where rows go. */
export type Lag = {
  /** Changes that arrived, and those of them that did within `IN_TIME_MS`. */
  readonly events: number;
  readonly inTime: number;
  /** Deliveries that failed and come again. */
  readonly again: number;
  /** Milliseconds that the oldest change of the last batch had waited. */
  readonly oldest: number;
  readonly buckets: Histogram;
};

export const NO_LAG: Lag = { events: 0, inTime: 0, again: 0, oldest: 0, buckets: {} };

/** What a person takes for at once. */
export const IN_TIME_MS = 1000;

/** Each bucket ends so many times later than the one before: its middle is within 7.3 % of all that is in it. */
const GROWTH = 1.15;

/** As long as a stream keeps a change: none comes later. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

function bucketOf(milliseconds: number): number {
  const within = Math.min(Math.max(milliseconds, 1), LONGEST_MS);
  return Math.ceil(Math.log(within) / Math.log(GROWTH));
}

/** The geometric middle of a bucket, in milliseconds; the first one ends with the first millisecond. */
function middleOf(bucket: number): number {
  return bucket === 0 ? 1 : GROWTH ** (bucket - 0.5);
}

/** Of a batch: how long the changes took that arrived, and how long those have waited that come again. */
export function lagOfBatch(arrived: readonly number[], again: readonly number[]): Lag {
  const buckets: Record<string, number> = {};
  for (const milliseconds of arrived) {
    const bucket = String(bucketOf(milliseconds));
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  return {
    events: arrived.length,
    inTime: arrived.filter((milliseconds) => milliseconds <= IN_TIME_MS).length,
    again: again.length,
    oldest: [...arrived, ...again].reduce((oldest, each) => Math.max(oldest, each), 0),
    buckets,
  };
}

/** What several have measured, as if one had; the oldest is the oldest of all. */
export function mergedLag(lags: readonly Lag[]): Lag {
  const buckets: Record<string, number> = {};
  const sum = (of: 'events' | 'inTime' | 'again') => lags.reduce((total, lag) => total + lag[of], 0);
  for (const lag of lags) {
    for (const [bucket, count] of Object.entries(lag.buckets))
      buckets[bucket] = (buckets[bucket] ?? 0) + count;
  }
  return {
    events: sum('events'),
    inTime: sum('inTime'),
    again: sum('again'),
    oldest: lags.reduce((oldest, lag) => Math.max(oldest, lag.oldest), 0),
    buckets,
  };
}

/**
 * The milliseconds within which the part `share` of the changes arrived (the nearest rank), less than 10 % off; null
 * where none did.
 */
export function quantileOf({ buckets }: Pick<Lag, 'buckets'>, share: number): number | null {
  const sorted = Object.entries(buckets)
    .map(([bucket, count]) => ({ bucket: Number(bucket), count }))
    .sort((one, other) => one.bucket - other.bucket);
  const rank = Math.max(1, Math.ceil(share * sorted.reduce((sum, { count }) => sum + count, 0)));
  let passed = 0;
  for (const { bucket, count } of sorted) {
    passed += count;
    if (passed >= rank) return middleOf(bucket);
  }
  return null;
}

interface Times {
  readonly updatedAt?: unknown;
  readonly causedAt?: unknown;
}

/**
 * How long ago a row was written, in milliseconds; undefined for one that does not say. What was redriven was written
 * anew, so however old it is, it has waited only since then; what is delivered late has waited all that time.
 */
export function ageOf({ updatedAt }: Times, now: Date): number | undefined {
  const written = timeOf(updatedAt);
  return written === undefined ? undefined : Math.max(0, now.getTime() - written);
}

/** How much later than what caused it a row may be written and still be on the same way. */
const LONGEST_WAY_MS = 15 * 60 * 1000;

/**
 * How long a change has been on its way, in milliseconds, by a derived row that tells of it: such a row carries the
 * time of what caused it, and the way is measured from there, from what a person did. A row that was written much later
 * than its cause was redriven, repaired or recalculated: nothing was on its way all that time, so its way begins with
 * its own writing.
 */
export function wayOf(row: Times, now: Date): number | undefined {
  const [written, caused] = [timeOf(row.updatedAt), timeOf(row.causedAt)];
  if (written === undefined || caused === undefined || written - caused > LONGEST_WAY_MS)
    return ageOf(row, now);
  return Math.max(0, now.getTime() - Math.min(written, caused));
}

function timeOf(value: unknown): number | undefined {
  const time = typeof value === 'string' ? Date.parse(value) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
