import type { FailureRow } from '../contracts/rows.ts';
import type { Documents } from './documents.ts';
import type { Named } from './keys.ts';
import { absent, commit } from './transact.ts';
import { settle } from './settle.ts';
import { unsettledBy } from './unsettled.ts';

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
 */
export async function keepFailure(
  documents: Documents,
  tables: Named<'failures'>,
  failure: { readonly consumer: string; readonly record: PassedRecord; readonly reason: string },
  now: Date,
): Promise<void> {
  const { consumer, record, reason } = failure;
  const { table, eventId, raw } = record;
  const at = now.toISOString();
  const item: FailureRow = {
    failureId: `${table}#${eventId}#${consumer}`,
    table,
    consumer,
    reason: reason.slice(0, 1_000),
    record: textOf(raw),
    version: 1,
    updatedAt: at,
    causedBy: eventId.slice(0, 200) || consumer,
    causedAt: at,
  };
  await settle(async () => {
    try {
      await commit(documents, [{ kind: 'put', table: tables.failures, item, when: absent('failureId') }]);
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
