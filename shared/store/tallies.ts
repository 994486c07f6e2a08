import * as z from 'zod';
import type { Sums } from '../domain/aggregate-sums.ts';
import type { Documents } from './documents.ts';
import { claimKey, type Named, tallyKey, tallyOf } from './keys.ts';
import { queryRows } from './pages.ts';
import { readRow } from './reads.ts';
import { absent, commit } from './transact.ts';
import { Unsettled } from './unsettled.ts';

/**
 * What the steps of a job add up, kept by aggregates: each step writes rows of its own, one for each bucket of
 * aggregates that it met, and whoever asks for the sums of a bucket adds up its rows. A step that comes twice finds
 * its rows there already; there is nothing that could be counted twice.
 */

type Tables = Named<'tallies'>;

/** A step of a segment of a job. */
export interface StepOfJob {
  readonly jobId: string;
  readonly segment: number;
  readonly step: number;
}

/** Buckets of aggregates: enough that what a large school adds up to fits the memory by one of them. */
export const BUCKETS = 64;

/** FNV-1a: an aggregate is always in the same bucket. */
export function bucketOf(aggregate: string): number {
  let hash = 0x811c9dc5;
  for (const letter of aggregate) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0) % BUCKETS;
}

const Position = z.record(z.string(), z.string());
const Claim = z.looseObject({ end: Position.nullable() });

/** The key of the last row of a step's page; null where the list ends. */
export type PageEnd = z.infer<typeof Position> | null;

/** Where the page of a step ends, if the step has begun before. */
export async function claimedEnd(
  documents: Documents,
  tables: Tables,
  { jobId, segment, step }: StepOfJob,
): Promise<{ readonly end: PageEnd } | undefined> {
  const key = claimKey(jobId, segment, step);
  return readRow(documents, { table: tables.tallies, key, schema: Claim });
}

/**
 * Says where the page of a step ends, for whoever takes the step again: rows that are new since would move the end,
 * and a row behind it be counted in this step and in the next.
 *
 * @throws Unsettled where somebody has said it before
 */
export function claimEnd(
  documents: Documents,
  tables: Tables,
  { jobId, segment, step }: StepOfJob,
  end: PageEnd,
  expiresAt: number,
): Promise<void> {
  const item = { ...claimKey(jobId, segment, step), end, expiresAt };
  return commit(documents, [{ kind: 'put', table: tables.tallies, item, when: absent('tally') }]);
}

const Amount = z.union([z.int(), z.bigint()]);

/** What one step added up: of ledger rows, or of shards, and which aggregates have a shard that is not sound. */
const TallyRow = z.looseObject({
  of: z.enum(['ledger', 'shards']),
  sums: z.record(z.string(), z.record(z.string(), Amount)),
  malformed: z.array(z.string()),
});
export type TallyRow = z.infer<typeof TallyRow>;

/** The rows that a step writes, by bucket. */
export function talliesOf(
  of: TallyRow['of'],
  sums: Sums,
  malformed: ReadonlySet<string>,
): Map<number, TallyRow> {
  const rows = new Map<number, TallyRow>();
  for (const [aggregate, amounts] of sums.byAggregate) {
    const bucket = bucketOf(aggregate);
    const row = rows.get(bucket) ?? { of, sums: {}, malformed: [] };
    rows.set(bucket, row);
    row.sums[aggregate] = Object.fromEntries(amounts);
    if (malformed.has(aggregate)) row.malformed.push(aggregate);
  }
  return rows;
}

/** Writes what a step added up of a bucket, unless it is there. To be settled. */
export async function putTally(
  documents: Documents,
  tables: Tables,
  { jobId, segment, step }: StepOfJob,
  bucket: number,
  given: { readonly row: TallyRow; readonly expiresAt: number },
): Promise<void> {
  const item = { ...given.row, ...tallyKey(jobId, bucket, segment, step), expiresAt: given.expiresAt };
  try {
    await commit(documents, [{ kind: 'put', table: tables.tallies, item, when: absent('tally') }]);
  } catch (error) {
    if (!(error instanceof Unsettled && error.reason === 'stale')) throw error;
  }
}

/** Everything that the steps of a job added up of a bucket, page by page. */
export async function* talliesIn(
  documents: Documents,
  tables: Tables,
  jobId: string,
  bucket: number,
): AsyncGenerator<TallyRow[]> {
  let start: Readonly<Record<string, unknown>> | undefined;
  do {
    const page = await queryRows(documents, {
      table: tables.tallies,
      schema: TallyRow,
      partition: ['tally', tallyOf(jobId, bucket)],
      start,
    });
    yield page.rows;
    start = page.next;
  } while (start !== undefined);
}
