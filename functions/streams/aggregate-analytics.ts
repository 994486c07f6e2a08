import * as z from 'zod';
import {
  AccessRequestRow,
  ChapterCompletionRow,
  EnrollmentRow,
  PaymentRow,
  QuizAttemptRow,
  StudentRow,
  VideoProgressRow,
} from '../../shared/contracts/rows.ts';
import { QbankQuestionAttemptRow, QbankRecordRow, QbankTestRow } from '../../shared/contracts/qbank-rows.ts';
import { entriesOf, type LedgerEntry, removedEntryOf } from '../../shared/domain/contribution.ts';
import { qbankEntriesOf, removedQbankEntryOf } from '../../shared/domain/qbank-contribution.ts';
import { flowOf } from '../../shared/domain/sync-health.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { flowsByTable, keepDerivedLag } from '../../shared/runtime/derived-lag.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import {
  type BatchOutcome,
  createStreamHandler,
  type Delivery,
  type Image,
  type StreamRecord,
} from '../../shared/runtime/stream-loop.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { keepFailure } from '../../shared/store/failures.ts';
import type { Named } from '../../shared/store/keys.ts';
import type { LagMeter } from '../../shared/store/lag-meter.ts';
import { applyEntries } from '../../shared/store/ledger.ts';
import { MalformedRow } from '../../shared/store/reads.ts';
import type { SettleOptions } from '../../shared/store/settle.ts';

const SOURCES = [
  'students',
  'accessRequests',
  'payments',
  'enrollments',
  'chapterCompletions',
  'videoProgress',
  'quizAttempts',
  'qbankQuestionAttempts',
  'qbankTests',
  'qbankRecords',
] as const;
export const uses = [
  ...SOURCES,
  'ledger',
  'analytics',
  'qbankQuestionStatistics',
  'aggregateSnapshots',
  'failures',
  'measurements',
] as const;

export const environment = z.object({
  ...tableVariables(uses),
  ANALYTICS_SHARDS: z.coerce.number().int().min(1).max(24),
});

export interface AggregateAnalyticsDeps {
  readonly documents: Documents;
  readonly tables: Named<(typeof uses)[number]>;
  readonly shards: number;
  readonly logger: Log;
  readonly clock: Clock;
  readonly settling?: SettleOptions;
  readonly random?: () => number;
  /** Keeps how long changes took; without it nobody measures. */
  readonly lag?: LagMeter;
}

/**
 * Follows the source tables and keeps the aggregates of `analytics` and `qbankQuestionStatistics` equal to the sum of what the rows
 * contribute, through the ledger.
 */
export function aggregateAnalytics(deps: AggregateAnalyticsDeps) {
  const { documents, tables, shards, logger, clock, settling, random, lag } = deps;
  const applyTogether = async (batch: Batch): Promise<BatchOutcome> => {
    const entries = batch.flatMap(({ change }) => change);
    const { failure } = await applyEntries(documents, tables, entries, {
      shards,
      now: clock,
      ...(settling !== undefined && { settling }),
      ...(random !== undefined && { random }),
    });
    if (failure === undefined) return {};
    const { sources, error } = failure;
    const failed = batch.filter(({ change }) => change.some(({ source }) => sources.has(source)));
    return { failed: failed.map(({ record }) => ({ record, error })) };
  };

  return createStreamHandler<readonly LedgerEntry[]>({
    parse: (record) => entriesIn(record, tables),
    apply: async (batch) => {
      try {
        return await applyTogether(batch);
      } catch (error) {
        if (!(error instanceof MalformedRow)) throw error;
        return await eachAlone(batch, applyTogether);
      }
    },
    setAside: (record, reason) =>
      keepFailure(documents, tables, { consumer: 'aggregate-analytics', record, reason }, clock()),
    ...(lag !== undefined && {
      ended: keepDerivedLag(
        lag,
        clock,
        flowsByTable(tables, (table) => flowOf('aggregate-analytics', table)),
      ),
    }),
    logger,
  });
}

type Batch = readonly Delivery<readonly LedgerEntry[]>[];

/** A malformed ledger row must not stop the records that do not need it. */
async function eachAlone(
  batch: Batch,
  apply: (batch: Batch) => Promise<BatchOutcome>,
): Promise<BatchOutcome> {
  const outcomes: BatchOutcome[] = [];
  for (const delivery of batch) {
    try {
      outcomes.push(await apply([delivery]));
    } catch (error) {
      if (!(error instanceof MalformedRow)) throw error;
      outcomes.push({ aside: [{ record: delivery.record, reason: error.message }] });
    }
  }
  return {
    failed: outcomes.flatMap((outcome) => outcome.failed ?? []),
    aside: outcomes.flatMap((outcome) => outcome.aside ?? []),
  };
}

type Reader = (image: Image, removed: boolean) => readonly LedgerEntry[];

const READERS: { readonly [Source in (typeof SOURCES)[number]]: Reader } = {
  students: (image, removed) => {
    const row = StudentRow.parse(image);
    return removed ? [removedEntryOf('students', row)] : entriesOf('students', row);
  },
  accessRequests: (image, removed) => {
    const row = AccessRequestRow.parse(image);
    return removed ? [removedEntryOf('accessRequests', row)] : entriesOf('accessRequests', row);
  },
  payments: (image, removed) => {
    const row = PaymentRow.parse(image);
    return removed ? [removedEntryOf('payments', row)] : entriesOf('payments', row);
  },
  enrollments: (image, removed) => {
    const row = EnrollmentRow.parse(image);
    return removed ? [removedEntryOf('enrollments', row)] : entriesOf('enrollments', row);
  },
  chapterCompletions: (image, removed) => {
    const row = ChapterCompletionRow.parse(image);
    return removed ? [removedEntryOf('chapterCompletions', row)] : entriesOf('chapterCompletions', row);
  },
  videoProgress: (image, removed) => {
    const row = VideoProgressRow.parse(image);
    return removed ? [removedEntryOf('videoProgress', row)] : entriesOf('videoProgress', row);
  },
  quizAttempts: (image, removed) => {
    const row = QuizAttemptRow.parse(image);
    return removed ? [removedEntryOf('quizAttempts', row)] : entriesOf('quizAttempts', row);
  },
  qbankQuestionAttempts: (image, removed) => {
    const row = QbankQuestionAttemptRow.parse(image);
    return removed
      ? [removedQbankEntryOf('qbankQuestionAttempts', row)]
      : qbankEntriesOf('qbankQuestionAttempts', row);
  },
  qbankTests: (image, removed) => {
    const row = QbankTestRow.parse(image);
    return removed ? [removedQbankEntryOf('qbankTests', row)] : qbankEntriesOf('qbankTests', row);
  },
  qbankRecords: (image, removed) => {
    const row = QbankRecordRow.parse(image);
    return removed ? [removedQbankEntryOf('qbankRecords', row)] : qbankEntriesOf('qbankRecords', row);
  },
};

function entriesIn(
  { table, oldImage, newImage }: StreamRecord,
  tables: AggregateAnalyticsDeps['tables'],
): readonly LedgerEntry[] {
  const source = SOURCES.find((each) => tables[each] === table);
  if (source === undefined) throw new Error('The table is not a source of the analytics');
  const image = newImage ?? oldImage;
  if (image === undefined) throw new Error('The record has no image');
  return READERS[source](image, newImage === undefined);
}
