import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import { MeasurementRow, ScoresRow } from '../contracts/health-rows.ts';
import type { HealthMinute } from '../contracts/sync-health.ts';
import { figuresOfMinute, type SyncHealth } from '../domain/sync-health.ts';
import type { Documents } from './documents.ts';
import { measurementKey, type Named } from './keys.ts';
import { minuteOf } from './lag-meter.ts';
import { MINUTES_KEPT_SECONDS } from './measurements.ts';
import { queryAllRows } from './pages.ts';

/** What is kept of each minute, so that it can be seen how the health came to be what it is. */

const SCORES = 'scores';
const MINUTE_MS = 60_000;

/**
 * Keeps the scores of the minute that runs; a run that is repeated writes them over.
 *
 * Request: a Put.
 */
export async function keepScores(
  documents: Documents,
  tables: Named<'measurements'>,
  { score, scores }: Pick<SyncHealth, 'score' | 'scores'>,
  now: Date,
): Promise<void> {
  const item: ScoresRow = {
    ...measurementKey(SCORES, minuteOf(now)),
    score,
    scores: [...scores],
    expiresAt: Math.floor(now.getTime() / 1000) + MINUTES_KEPT_SECONDS,
  };
  await documents.send(new PutCommand({ TableName: tables.measurements, Item: item }));
}

/**
 * The last minutes up to the one that runs, oldest first; one that nobody measured is missing.
 *
 * Requests: two Queries, whatever the size of the school: a minute has one row in each, of a few kilobytes at most, so
 * that three hours are one page of the second, and two at most of the first.
 *
 * @throws MalformedRow
 */
export async function readHistory(
  documents: Documents,
  tables: Named<'measurements'>,
  minutes: number,
  now: Date,
): Promise<HealthMinute[]> {
  const between = <Schema extends z.ZodType>(slot: string, schema: Schema) =>
    queryAllRows(documents, {
      table: tables.measurements,
      schema,
      partition: ['slot', slot],
      sort: {
        attribute: 'part',
        from: minuteOf(new Date(now.getTime() - (minutes - 1) * MINUTE_MS)),
        to: minuteOf(now),
      },
      // What is a minute old may be a moment older.
      consistent: false,
    });
  const [measured, scored] = await Promise.all([
    between('minutes', MeasurementRow),
    between(SCORES, ScoresRow),
  ]);
  const lags = new Map(measured.map((row) => [row.part, row.lags]));
  const scores = new Map(scored.map((row) => [row.part, row]));
  return [...new Set([...lags.keys(), ...scores.keys()])].sort().map((minute) => ({
    at: `${minute}:00.000Z`,
    flows: figuresOfMinute(lags.get(minute) ?? {}),
    score: scores.get(minute)?.score ?? null,
    scores: scores.get(minute)?.scores ?? [],
  }));
}
