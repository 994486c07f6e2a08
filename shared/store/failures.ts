import * as z from 'zod';
import { Timestamp } from '../contracts/fields.ts';
import { FailureRow } from '../contracts/rows.ts';
import { DomainError } from '../domain/errors.ts';
import { cursorAfter, decodeCursor } from './cursor.ts';
import type { Documents } from './documents.ts';
import { failureKey, INDEXES, type Named } from './keys.ts';
import { queryRows } from './pages.ts';
import { readRow } from './reads.ts';
import { absent, atVersion, commit, type Put } from './transact.ts';
import { settle } from './settle.ts';
import { unsettledBy } from './unsettled.ts';

/** The one partition of the index of the records that wait to be redriven or dropped: they are few. */
export const WAITING = 'waiting';

/** A stream record that a consumer passed over. */
export interface PassedRecord {
  readonly table: string;
  readonly eventId: string;
  readonly raw: unknown;
}

/** An item may have 400 kB; a record of so many characters, of three bytes at most, leaves room for the rest. */
const LONGEST_RECORD = 90_000;
/** What is left out of a record that is longer: by its keys, the row can be read again. */
const IMAGES = ['OldImage', 'NewImage'];

/**
 * Keeps a record that no retry can mend, with the reason, so that its stream can go on. Once by consumer and
 * record, however often it is called.
 *
 * @param failure.recurs whether it may be met again after it was settled: then it waits again
 */
export async function keepFailure(
  documents: Documents,
  tables: Named<'failures'>,
  failure: {
    readonly consumer: string;
    readonly record: PassedRecord;
    readonly reason: string;
    readonly recurs?: boolean;
  },
  now: Date,
): Promise<void> {
  const { consumer, record, reason, recurs = false } = failure;
  const { table, eventId, raw } = record;
  const at = now.toISOString();
  const item: FailureRow = {
    failureId: `${table}#${eventId}#${consumer}`,
    table,
    consumer,
    reason: reason.slice(0, 1_000),
    record: textOf(raw),
    setAsideAt: at,
    listing: WAITING,
    // Of one that waits again, beyond any version that it had: nobody needs to read the row for that.
    version: recurs ? now.getTime() : 1,
    updatedAt: at,
    causedBy: eventId.slice(0, 200) || consumer,
    causedAt: at,
  };
  await settle(async () => {
    // One that was settled is in the list no more.
    const when = absent(recurs ? 'listing' : 'failureId');
    try {
      await commit(documents, [{ kind: 'put', table: tables.failures, item, when }]);
    } catch (error) {
      if (unsettledBy(error)?.reason !== 'stale') throw error;
    }
  });
}

/** The record as JSON, without as many of its images as make it too long. */
function textOf(raw: unknown): string {
  for (let left = 0; left <= IMAGES.length; left += 1) {
    const without = IMAGES.slice(0, left);
    const text = JSON.stringify(raw, (name, value: unknown) => (without.includes(name) ? undefined : value));
    if (text.length <= LONGEST_RECORD) return text;
  }
  return '{}';
}

export function failureRow(tables: Named<'failures'>, failureId: string) {
  return { table: tables.failures, key: failureKey(failureId), schema: FailureRow } as const;
}

/** The failure's row. @throws DomainError failure_unknown */
export async function existingFailure(
  documents: Documents,
  tables: Named<'failures'>,
  failureId: string,
): Promise<FailureRow> {
  const failure = await readRow(documents, failureRow(tables, failureId));
  if (failure !== undefined) return failure;
  throw new DomainError('failure_unknown', 'There is no such failure');
}

const Position = z.strictObject({ failureId: z.string().min(1), setAsideAt: Timestamp });

/**
 * The ids of a page of what waits, the newest first; of one consumer fewer than `limit`, as those of the others are
 * passed over.
 *
 * Request: Query failures/byTime.
 */
export async function waitingFailures(
  documents: Documents,
  tables: Named<'failures'>,
  {
    consumer,
    limit,
    cursor,
  }: { readonly consumer?: string | undefined; readonly limit: number; readonly cursor?: string | undefined },
): Promise<{ readonly failureIds: readonly string[]; readonly cursor?: string }> {
  const after = decodeCursor(cursor, Position);
  const page = await queryRows(documents, {
    table: tables.failures,
    index: INDEXES.failuresByTime,
    schema: Position.loose(),
    partition: ['listing', WAITING],
    limit,
    start: after && { listing: WAITING, ...after },
    descending: true,
  });
  const ids = page.rows.map(({ failureId }) => failureId);
  return {
    // An id ends with its consumer.
    failureIds: ids.filter((id) => consumer === undefined || id.endsWith(`#${consumer}`)),
    ...cursorAfter(page, ({ failureId, setAsideAt }) => ({ failureId, setAsideAt })),
  };
}

/** Writes the row of a failure as it has become. */
export function failurePut(
  tables: Named<'failures'>,
  read: FailureRow,
  next: Readonly<Record<string, unknown>>,
): Put {
  return { kind: 'put', table: tables.failures, item: next, when: atVersion(read.version) };
}
