import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { MeasurementRow } from '../contracts/health-rows.ts';
import { MOST_MINUTES } from '../contracts/sync-health.ts';
import { type Lags, type Measured, mergedLags } from '../domain/sync-health.ts';
import type { Documents } from './documents.ts';
import { measurementKey, type Named } from './keys.ts';
import { minuteOf } from './lag-meter.ts';
import { queryAllRows } from './pages.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** How many minutes are recent, and are counted anew where a run was missed. */
const RECENT_MINUTES = 15;
/** Containers write of the minute that runs, and a little later; then it stands. */
const OPEN_MINUTES = 3;
const DAY_HOURS = 24;

/** A little longer than they are asked for. */
export const MINUTES_KEPT_SECONDS = (MOST_MINUTES + 10) * 60;
const KEPT_SECONDS = { minutes: MINUTES_KEPT_SECONDS, hours: 3 * 24 * 60 * 60 } as const;

/**
 * Sums what the containers measured by the minute, and the minutes by the hour: each sum is counted anew from the rows
 * below it and written whole, so that a run may be repeated, missed or cut off.
 *
 * Requests, whatever the size of the school but for the pages of many containers: three Queries of the last minutes (up
 * to 15 after missed runs) with a Put each, a Query and one or two Puts of hours, a Query of a day.
 *
 * @throws MalformedRow
 */
export async function foldMeasurements(
  documents: Documents,
  tables: Named<'measurements'>,
  now: Date,
): Promise<Pick<Measured, 'minutes' | 'day' | 'now'>> {
  const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds);
  const read = (slot: string, sort?: { readonly from: string; readonly to: string }) =>
    queryAllRows(documents, {
      table: tables.measurements,
      schema: MeasurementRow,
      partition: ['slot', slot],
      ...(sort !== undefined && { sort: { attribute: 'part', ...sort } }),
    });
  const write = async (slot: keyof typeof KEPT_SECONDS, part: string, lags: Lags) => {
    const item: MeasurementRow = {
      ...measurementKey(slot, part),
      lags: { ...lags },
      expiresAt: Math.floor(now.getTime() / 1000) + KEPT_SECONDS[slot],
    };
    await documents.send(new PutCommand({ TableName: tables.measurements, Item: item }));
  };

  const recent = Array.from({ length: RECENT_MINUTES }, (_, minutes) => minuteOf(ago(minutes * MINUTE_MS)));
  // From the beginning of the hour that the oldest of them is in: that hour is summed anew.
  const oldest = `${hourOf(minuteOf(ago((RECENT_MINUTES - 1) * MINUTE_MS)))}:00`;
  const kept = await read('minutes', { from: oldest, to: minuteOf(now) });
  const byMinute = new Map(kept.map(({ part, lags }) => [part, lags]));
  const unsettled = recent.filter((minute, index) => index < OPEN_MINUTES || !byMinute.has(minute));
  await Promise.all(
    unsettled.map(async (minute) => {
      const lags = mergedLags((await read(minute)).map((row) => row.lags));
      byMinute.set(minute, lags);
      await write('minutes', minute, lags);
    }),
  );

  const byHour = new Map(
    (
      await read('hours', {
        from: hourOf(minuteOf(ago((DAY_HOURS - 1) * HOUR_MS))),
        to: hourOf(minuteOf(now)),
      })
    ).map(({ part, lags }) => [part, lags]),
  );
  for (const hour of new Set(unsettled.map(hourOf))) {
    const lags = mergedLags(
      [...byMinute].filter(([minute]) => minute.startsWith(hour)).map(([, each]) => each),
    );
    byHour.set(hour, lags);
    await write('hours', hour, lags);
  }

  const of = (minutes: readonly string[]) => mergedLags(minutes.map((minute) => byMinute.get(minute) ?? {}));
  return { minutes: of(recent), day: mergedLags([...byHour.values()]), now: of(recent.slice(0, 2)) };
}

/** `2026-11-22T10`, of `2026-11-22T10:03` */
function hourOf(minute: string): string {
  return minute.slice(0, minute.indexOf(':'));
}
