import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import { AnyJobRow } from '../contracts/job-rows.ts';
import { QbankQuestionAttemptRow, QbankRecordRow, QbankTestRow } from '../contracts/qbank-rows.ts';
import * as rows from '../contracts/rows.ts';
import type { FailureRow } from '../contracts/rows.ts';
import { DomainError } from '../domain/errors.ts';
import { onceMore, settleFailure } from '../domain/failure.ts';
import type { UserId } from '../domain/ids.ts';
import type { Cause } from '../domain/stamp.ts';
import type { Documents } from './documents.ts';
import { existingFailure, failurePut } from './failures.ts';
import { type Named, REDRIVABLE, type Redrivable } from './keys.ts';
import { MalformedRow, parseRow } from './reads.ts';
import { settle } from './settle.ts';
import { atVersion, commit, type Put } from './transact.ts';

/** What the rows of these tables must look like for their consumers. */
const SCHEMAS = {
  students: rows.StudentRow,
  accessRequests: rows.AccessRequestRow,
  payments: rows.PaymentRow,
  enrollments: rows.EnrollmentRow,
  studentProgress: rows.StudentProgressRow,
  chapterCompletions: rows.ChapterCompletionRow,
  videoProgress: rows.VideoProgressRow,
  quizAttempts: rows.QuizAttemptRow,
  waivers: rows.WaiverRow,
  qbankTests: QbankTestRow,
  qbankQuestionAttempts: QbankQuestionAttemptRow,
  qbankRecords: QbankRecordRow,
  jobs: AnyJobRow,
} as const satisfies Record<Redrivable, z.ZodType>;

const Stamped = z.object({ version: z.int().positive() });

/** A kept record, of which only the key of its row matters: the row is read as it is now. */
const KeptRecord = z.object({
  dynamodb: z.object({
    Keys: z
      .record(
        z.string(),
        z.custom<AttributeValue>((value) => typeof value === 'object' && value !== null),
      )
      .refine((keys) => Object.keys(keys).length > 0),
  }),
});

/**
 * The write that makes the stream tell of a record's row once more, pinned to the version that was read.
 *
 * Request: Get of the row.
 *
 * @throws DomainError failure_not_redrivable, row_gone, row_malformed
 */
async function redriveWrite(
  documents: Documents,
  tables: Named<Redrivable>,
  { table, record }: { readonly table: string; readonly record: string },
  now: Date,
): Promise<Put> {
  const name = REDRIVABLE.find((each) => tables[each] === table);
  const kept = KeptRecord.safeParse(JSON.parse(record));
  if (name === undefined || !kept.success) {
    throw new DomainError('failure_not_redrivable', 'Nothing lasting is derived from this record', { table });
  }
  const key = unmarshall(kept.data.dynamodb.Keys);
  const { Item } = await documents.send(new GetCommand({ TableName: table, Key: key, ConsistentRead: true }));
  if (Item === undefined) {
    throw new DomainError('row_gone', 'The row of this record is there no more', { table });
  }
  try {
    const { version } = Stamped.parse(parseRow(table, SCHEMAS[name], Item));
    return {
      kind: 'put',
      table,
      item: onceMore(Item, version, now.toISOString()),
      when: atVersion(version),
    };
  } catch (error) {
    if (!(error instanceof MalformedRow)) throw error;
    throw new DomainError('row_malformed', 'The row of this record is malformed still: mend it first', {
      table,
      wrong: error.message,
    });
  }
}

export type RedriveTables = Named<Redrivable | 'failures'>;

/**
 * Lets the consumers see the row of a failure once more and settles the failure, in one transaction: either both or
 * none. Sent again it finds the failure settled and does nothing. The row says the same as before in a newer version,
 * and every derived row is a function of its sources by their newest version, so that a consumer that had it right
 * changes nothing.
 *
 * Requests: Get of failure and row; TransactWrite of both.
 *
 * @throws DomainError failure_unknown, failure_settled, failure_not_redrivable, row_gone, row_malformed, busy
 */
export function redrive(
  documents: Documents,
  tables: RedriveTables,
  failureId: string,
  { by, now, cause }: { readonly by: UserId; readonly now: Date; readonly cause: Cause },
): Promise<Omit<FailureRow, 'listing'>> {
  return settle(async () => {
    const failure = await existingFailure(documents, tables, failureId);
    const settled = settleFailure({ failure, how: 'redriven', by, now: now.toISOString(), cause });
    if (settled === undefined) return failure;
    const write = await redriveWrite(documents, tables, failure, now);
    await commit(documents, [write, failurePut(tables, failure, settled)]);
    return settled;
  });
}
