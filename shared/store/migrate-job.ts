import * as z from 'zod';
import {
  AccessRequestRow,
  AnalyticsRow,
  CourseRow,
  EnrollmentRow,
  LedgerRow,
  OutlineRow,
  PaymentRow,
  QuizAttemptRow,
  StudentProgressRow,
  StudentRow,
  VideoProgressRow,
} from '../contracts/rows.ts';
import {
  QbankBankRow,
  QbankQuestionAttemptRow,
  QbankQuestionRow,
  QbankTestRow,
  QbankVersionRow,
} from '../contracts/qbank-rows.ts';
import { CourseId, ItemId, PaymentId, QuestionId, TestId, UserId } from '../contracts/fields.ts';
import { DomainError } from '../domain/errors.ts';
import type * as ids from '../domain/ids.ts';
import type { JobCounts, JobCursor } from '../domain/job.ts';
import { migrateFigures, migrateLedger } from '../domain/legacy-figures.ts';
import { isLegacy, type LegacyRow } from '../domain/legacy-row.ts';
import { BANK_PART, OF_QUESTIONS } from '../domain/qbank-question.ts';
import { statusOf } from '../domain/status.ts';
import type { Documents } from './documents.ts';
import type { JobItem, JobKind } from './jobs.ts';
import type { Key, Named } from './keys.ts';
import { anyRow, fittingPut, readable, scanPart, unchanged, unreadable } from './legacy-rows.ts';
import { type BankMigration, createBankMigration } from './migrate-bank.ts';
import { createLearnerMigration, type LearnerMigration, type MigrationSetting } from './migrate-learner.ts';
import {
  FIGURES,
  type MIGRATE_JOB_TABLES,
  type MigratedTable,
  SEGMENTS,
  type Work,
} from './migrate-stages.ts';
import { MalformedRow, parseRow, readRows } from './reads.ts';
import { settle, type SettleOptions } from './settle.ts';
import { transact } from './transact.ts';

const Parameters = z.object({ repair: z.boolean() });

type Tables = Named<(typeof MIGRATE_JOB_TABLES)[number]>;

/** What rows of today must look like. A row of courses and of the question bank is of one kind or another by its part. */
const SCHEMAS: { readonly [T in MigratedTable]: (row: LegacyRow) => z.ZodType } = {
  analytics: () => AnalyticsRow,
  qbankQuestionStatistics: () => AnalyticsRow,
  ledger: () => LedgerRow,
  courses: ({ part }) => (part === 'course' ? CourseRow : OutlineRow),
  qbankQuestions: ({ part }) =>
    part === BANK_PART
      ? QbankBankRow
      : String(part).startsWith(OF_QUESTIONS)
        ? QbankQuestionRow
        : QbankVersionRow,
  students: () => StudentRow,
  accessRequests: () => AccessRequestRow,
  payments: () => PaymentRow,
  enrollments: () => EnrollmentRow,
  studentProgress: () => StudentProgressRow,
  videoProgress: () => VideoProgressRow,
  quizAttempts: () => QuizAttemptRow,
  qbankTests: () => QbankTestRow,
  qbankQuestionAttempts: () => QbankQuestionAttemptRow,
};

interface Hands {
  readonly setting: MigrationSetting;
  readonly tables: Tables;
  readonly learners: LearnerMigration;
  readonly banks: BankMigration;
}

/**
 * Goes through the tables of the old school, each in parts side by side, and brings every row into its form of today
 * by the pure rules of `shared/domain/legacy-*`. A row is written only while it is as it was read; what belongs together
 * (an enrollment, its progress and the facts that only that knew; a test, its paper and the learner's record) in one
 * transaction. What cannot be read is set aside with the attributes at fault, stays as it is and holds up nobody.
 *
 * Derived rows come into a form that fits and still says what it said: they are right once the school was reconciled.
 *
 * Requests a step: Scan of a page; then for each row of the old school a BatchGet of it and of what it belongs to, and
 * a Put or TransactWrite. Rows of today cost nothing but the Scan.
 */
export function migrateJob(
  documents: Documents,
  tables: Tables,
  given: { readonly now: () => Date; readonly settling?: SettleOptions },
): JobKind {
  const { settling } = given;
  return async ({ parameters, stage, segment, cause, cursor, limit }) => {
    const dryRun = !Parameters.parse(parameters).repair;
    const work = SEGMENTS[stage === 1 ? segment : FIGURES + segment];
    if (work === undefined) throw new Error(`The migration has no segment ${segment}`);
    const { table, part, parts } = work;
    const page = await settle(
      () => scanPart(documents, { table: tables[table], part, parts, limit, start: cursor }),
      settling,
    );
    const setting = { documents, dryRun, settling, now: given.now().toISOString(), cause };
    const hands: Hands = {
      setting,
      tables,
      learners: createLearnerMigration(tables, setting),
      banks: createBankMigration(tables, setting),
    };
    const items = page.rows.map((row) => itemOf(hands, work, row));
    return { items, ...(page.next !== undefined && { next: cursorOf(work, page.next) }) };
  };
}

function cursorOf({ key }: Work, row: LegacyRow): JobCursor & Key {
  return Object.fromEntries(key.map((name) => [name, String(row[name])]));
}

function itemOf(hands: Hands, work: Work, row: LegacyRow): JobItem {
  const { table } = work;
  const { cause, dryRun } = hands.setting;
  const key = cursorOf(work, row);
  const count = (what: 'migrated' | 'already' | 'aside'): JobCounts => ({ [`${table}.${what}`]: 1 });
  return {
    name: [table, ...Object.values(key)].join('#'),
    recurs: true,
    cursor: key,
    asideCounts: count('aside'),
    work: async () => {
      try {
        if (!isLegacy(row) && !isSpelledAnew(table, row)) {
          parseRow(hands.tables[table], SCHEMAS[table](row), row);
          // Rows are also brought along by others that belong to them: that was this migration too.
          return count(row.causedBy === cause.causedBy ? 'migrated' : 'already');
        }
        await BRING[table](hands, row, key);
        return count('migrated');
      } catch (error) {
        const aside = asideBy(error, hands.tables[table], key);
        if (!dryRun) throw aside ?? error;
        if (aside === undefined) throw error;
        // A dry run writes nothing, not even what it would set aside.
        return count('aside');
      }
    },
  };
}

/** Whether a row of today has a status in the old spelling. */
function isSpelledAnew(table: MigratedTable, { part, status }: LegacyRow): boolean {
  if (table !== 'courses' || part !== 'course' || typeof status !== 'string') return false;
  const canonical = statusOf('courses', status);
  return canonical !== undefined && canonical !== status;
}

/** The row to set aside: it cannot be read, or it was never found as it had been read, which no waiting mends. */
function asideBy(error: unknown, table: string, key: Key): MalformedRow | undefined {
  if (error instanceof MalformedRow) return error;
  const stale = error instanceof DomainError && error.code === 'busy' && error.details?.reason === 'stale';
  return stale ? unreadable(table, key, ['(never as it was read)']) : undefined;
}

type Bring = (hands: Hands, row: LegacyRow, key: Key) => Promise<void>;

/** The ids in a key, or in a sort key. @throws MalformedRow */
function idsIn<Schema extends z.ZodType>(table: string, key: Key, schema: Schema, value: unknown) {
  const parsed = z.safeParse(schema, value);
  if (!parsed.success) throw unreadable(table, key, ['(key)']);
  return parsed.data;
}

const Pair = z.object({ userId: UserId, courseId: CourseId });
const OfVideo = z.tuple([CourseId, ItemId]);
const OfAttempt = z.tuple([CourseId, ItemId, z.string()]);
const OfTest = z.tuple([CourseId, TestId]);
const OfAnswer = z.tuple([CourseId, TestId, QuestionId]);
const split = (key: unknown) => String(key).split('#');

/** How a row of each table is brought into its form of today. @throws MalformedRow where it cannot be read */
const BRING: { readonly [T in MigratedTable]: Bring } = {
  analytics: (hands, _row, key) => bringFigures(hands, 'analytics', key),
  qbankQuestionStatistics: (hands, _row, key) => bringFigures(hands, 'qbankQuestionStatistics', key),
  ledger: ({ setting, tables }, _row, key) =>
    settle(async () => {
      const [row] = await readRows(setting.documents, [anyRow(tables.ledger, key)]);
      const migrated = row && migrateLedger(row, setting);
      if (row === undefined || migrated === undefined) return;
      const ledger = readable(tables.ledger, key, migrated);
      const put = fittingPut(tables.ledger, LedgerRow, ledger, unchanged(row));
      // The table takes no writes but those of transactions.
      if (!setting.dryRun) await transact(setting.documents, [put]);
    }, setting.settling),
  courses: async ({ learners, tables }, { part }, key) => {
    if (part !== 'course') throw unreadable(tables.courses, key, ['part']);
    await learners.bringCourse(idsIn(tables.courses, key, CourseId, key.courseId));
  },
  qbankQuestions: async ({ banks, tables }, { part }, key) => {
    const table = tables.qbankQuestions;
    if (typeof part !== 'string' || !part.startsWith(OF_QUESTIONS)) throw unreadable(table, key, ['part']);
    const questionId = idsIn(table, key, QuestionId, part.slice(OF_QUESTIONS.length));
    await banks.bringQuestion(idsIn(table, key, CourseId, key.courseId), questionId);
  },
  students: ({ learners, tables }, _row, key) =>
    learners.bringStudent(idsIn(tables.students, key, UserId, key.userId)),
  accessRequests: async ({ learners, tables }, _row, key) => {
    const { userId, courseId } = idsIn(tables.accessRequests, key, Pair, key);
    await learners.bringAccessRequest(userId, courseId);
  },
  payments: async ({ learners, tables }, row, key) => {
    const Of = z.object({ userId: UserId, paymentId: PaymentId });
    const { userId, paymentId } = idsIn(tables.payments, key, Of, key);
    await learners.bringPayment(row, [userId, paymentId]);
  },
  enrollments: async ({ learners, tables }, _row, key) => {
    const { userId, courseId } = idsIn(tables.enrollments, key, Pair, key);
    const { enrollment } = await learners.bringPair(userId, courseId);
    if (enrollment !== undefined) throw enrollment;
  },
  studentProgress: async ({ learners, tables }, _row, key) => {
    const { userId, courseId } = idsIn(tables.studentProgress, key, Pair, key);
    const { progress } = await learners.bringPair(userId, courseId);
    if (progress !== undefined) throw progress;
  },
  videoProgress: async (hands, _row, key) => {
    const userId = idsIn(hands.tables.videoProgress, key, UserId, key.userId);
    const [courseId, videoId] = idsIn(hands.tables.videoProgress, key, OfVideo, split(key.video));
    await before(hands, userId, courseId);
    await hands.learners.bringVideo(key, courseId, videoId);
  },
  quizAttempts: async (hands, _row, key) => {
    const userId = idsIn(hands.tables.quizAttempts, key, UserId, key.userId);
    const [courseId, quizId] = idsIn(hands.tables.quizAttempts, key, OfAttempt, split(key.attempt));
    await before(hands, userId, courseId);
    await hands.learners.bringAttempt(key, courseId, quizId);
  },
  qbankTests: async (hands, _row, key) => {
    const userId = idsIn(hands.tables.qbankTests, key, UserId, key.userId);
    const [courseId] = idsIn(hands.tables.qbankTests, key, OfTest, split(key.test));
    await bringOfBank(hands, userId, courseId, String(key.test));
  },
  qbankQuestionAttempts: async (hands, _row, key) => {
    const userId = idsIn(hands.tables.qbankQuestionAttempts, key, UserId, key.userId);
    const [courseId] = idsIn(hands.tables.qbankQuestionAttempts, key, OfAnswer, split(key.attempt));
    await bringOfBank(hands, userId, courseId, String(key.attempt));
  },
};

/** What facts are projected on comes first; what cannot be read of it is set aside where it is met itself. */
async function before(
  { learners, setting }: Hands,
  userId: ids.UserId,
  courseId: ids.CourseId,
): Promise<void> {
  if (setting.dryRun) return;
  await learners.course(courseId);
  await learners.bringPair(userId, courseId);
}

async function bringOfBank(
  hands: Hands,
  userId: ids.UserId,
  courseId: ids.CourseId,
  sortKey: string,
): Promise<void> {
  await before(hands, userId, courseId);
  const error = (await hands.banks.bringBank(userId, courseId)).get(sortKey);
  if (error !== undefined) throw error;
}

function bringFigures(
  { setting, tables }: Hands,
  table: 'analytics' | 'qbankQuestionStatistics',
  key: Key,
): Promise<void> {
  return settle(async () => {
    const [row] = await readRows(setting.documents, [anyRow(tables[table], key)]);
    const migrated = row && migrateFigures(row, setting);
    if (row === undefined || migrated === undefined) return;
    const figures = readable(tables[table], key, migrated);
    const put = fittingPut(tables[table], AnalyticsRow, figures, unchanged(row));
    if (!setting.dryRun) await transact(setting.documents, [put]);
  }, setting.settling);
}
