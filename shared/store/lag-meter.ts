import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { MeasurementRow } from '../contracts/health-rows.ts';
import { type Lags, lagsOf, mergedLags, type TimedBatch } from '../domain/sync-health.ts';
import type { Documents } from './documents.ts';
import { measurementKey, type Named } from './keys.ts';

/** Keeps how long changes take. */
export interface LagMeter {
  /** At the end of a batch. Never throws: no change waits for its measuring. */
  keep(batch: TimedBatch): Promise<void>;
}

export interface LagMeterOptions {
  /** Of this container alone. */
  readonly container: string;
  readonly clock: () => Date;
  /** Hears what could not be written. */
  readonly onFailure: (error: unknown) => void;
}

const LONGEST_SILENCE_MS = 1000;

/** Long enough for the schedule to have missed some runs; then the sums of the minute hold what it said. */
const KEPT_SECONDS = 60 * 60;

/**
 * Counts in memory and writes a row of its own for each minute, whole each time: sent twice it counts once. At most a
 * Put a second, however many changes there are; what came after the last one goes with the next, be it in the next
 * minute, so that nothing is said of a minute long after it. A container that is not called again takes with it what
 * it measured in its last second.
 */
export function createLagMeter(
  documents: Documents,
  tables: Named<'measurements'>,
  { container, clock, onFailure }: LagMeterOptions,
): LagMeter {
  let minute = '';
  let counted: Lags = {};
  let unsaid: Lags[] = [];
  let lastPut = -Infinity;
  return {
    keep: async (batch) => {
      const lags = lagsOf(batch);
      if (Object.keys(lags).length === 0) return;
      unsaid.push(lags);
      const now = clock();
      if (now.getTime() - lastPut < LONGEST_SILENCE_MS) return;
      lastPut = now.getTime();
      const present = minuteOf(now);
      counted = newest(mergedLags([...(present === minute ? [counted] : []), ...unsaid]), lags);
      minute = present;
      unsaid = [];
      const item: MeasurementRow = {
        ...measurementKey(minute, container),
        lags: { ...counted },
        expiresAt: Math.floor(now.getTime() / 1000) + KEPT_SECONDS,
      };
      try {
        await documents.send(new PutCommand({ TableName: tables.measurements, Item: item }));
      } catch (error) {
        onFailure(error);
      }
    },
  };
}

/** `2026-11-22T10:03` */
export function minuteOf(time: Date): string {
  return time.toISOString().slice(0, 16);
}

/** How old the oldest change was is of the last batch, not of the worst one of the minute. */
function newest(lags: Lags, last: Lags): Lags {
  return Object.fromEntries(
    Object.entries(lags).map(([name, lag]) => [name, { ...lag, oldest: last[name]?.oldest ?? 0 }]),
  );
}
