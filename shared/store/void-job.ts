import * as z from 'zod';
import { CourseId, QuestionId, UserId } from '../contracts/fields.ts';
import { QbankTestRow } from '../contracts/qbank-rows.ts';
import type * as ids from '../domain/ids.ts';
import { type JobCounts, laterBy } from '../domain/job.ts';
import { voidAnswer, voidInTest } from '../domain/qbank-finish.ts';
import { isVoided } from '../domain/qbank-question.ts';
import type { Cause } from '../domain/stamp.ts';
import type { Documents } from './documents.ts';
import { type JobKind, startJobWrites } from './jobs.ts';
import { INDEXES, type Named, ofCourse, questionMet } from './keys.ts';
import { queryAllRows, queryRows } from './pages.ts';
import { answerRow, questionRow, recordRow } from './qbank-rows.ts';
import { answerPut, recordPut, testPut } from './qbank-tests.ts';
import { readRow, readRows } from './reads.ts';
import { settle, type SettleOptions } from './settle.ts';
import { commit, transact, type Write } from './transact.ts';

export const VOID_QUESTION = 'void-question';

const Parameters = z.object({
  courseId: CourseId,
  questionId: QuestionId,
  questionVersion: z.int().positive(),
});

/**
 * No function lives longer than 28 seconds. Whoever voids a question has committed that 28 seconds after `now` at the
 * latest, and whoever decided on what was there before then has committed it within another 28.
 */
const SECOND_PASS_SECONDS = 60;

/**
 * The writes that start going over what was answered at a version of a question whose state has just changed: void,
 * or valid again. In the transaction of the question's new row, whose version makes the job's id.
 *
 * An answer, or the end of a test, that was decided before can be committed after the job has passed its student.
 * Instead of holding every answer of everybody to the question's row, the job goes over it all twice: at once, and when
 * nothing decided before can be on its way any more, a step of an older job for this question included. Normally
 * that finds nothing. It also meets whoever the index of meetings showed too late.
 */
export function voidJobWrites(
  tables: Named<'jobs'>,
  given: {
    /** As it is written. */
    readonly question: {
      readonly courseId: ids.CourseId;
      readonly questionId: ids.QuestionId;
      readonly version: number;
    };
    readonly questionVersion: number;
    readonly requestedBy: ids.UserId;
    readonly now: string;
    readonly cause: Cause;
  },
): Write[] {
  const { question, questionVersion, requestedBy, now, cause } = given;
  const { courseId, questionId, version } = question;
  return startJobWrites(tables, {
    jobId: [VOID_QUESTION, courseId, questionId, version].join('~'),
    kind: VOID_QUESTION,
    parameters: { courseId, questionId, questionVersion },
    segments: [{}, { notBefore: laterBy(now, SECOND_PASS_SECONDS) }],
    requestedBy,
    now,
    cause,
  });
}

/** What the job reads and writes. */
export const VOID_JOB_TABLES = [
  'qbankQuestions',
  'qbankMeetings',
  'qbankTests',
  'qbankQuestionAttempts',
  'qbankRecords',
] as const;
type Tables = Named<(typeof VOID_JOB_TABLES)[number]>;

const Met = z.looseObject({ userId: UserId, meeting: z.string(), question: z.string() });

/** Of one student, what depends on whether a version of a question is void. */
interface Concerned {
  readonly userId: ids.UserId;
  readonly courseId: ids.CourseId;
  readonly questionId: ids.QuestionId;
  readonly questionVersion: number;
  readonly voided: boolean;
}

/**
 * Goes over everybody who met a question, so that answers, completed tests and records are as if the question had
 * always been what it is now. The question is read at each step: jobs of both directions end at the truth, in whatever
 * order they run. Tests that are still open are left alone where they have no answer to it: their end reads the void
 * itself.
 *
 * Requests: Get of the question and a Query of qbankMeetings/byQuestion a step; then for each student a Query of the
 * tests, a BatchGet of record and answers, and a TransactWrite of each test with the record and a Put of each answer
 * that was otherwise.
 */
export function voidQuestionJob(
  documents: Documents,
  tables: Tables,
  given: { readonly now: () => Date; readonly settling?: SettleOptions },
): JobKind {
  return async ({ parameters, cause, cursor, limit }) => {
    const { courseId, questionId, questionVersion } = Parameters.parse(parameters);
    const question = await readRow(documents, questionRow(tables, courseId, questionId));
    const voided = question !== undefined && isVoided(question, questionVersion);
    const page = await queryRows(documents, {
      table: tables.qbankMeetings,
      index: INDEXES.meetingsByQuestion,
      schema: Met,
      partition: ['question', questionMet(courseId, questionId)],
      limit,
      start: cursor,
    });
    const items = page.rows.map(({ userId, meeting, question: met }) => ({
      name: userId,
      cursor: { userId, meeting, question: met },
      work: () =>
        settle(async () => {
          const concerned = { userId, courseId, questionId, questionVersion, voided };
          return goOver(documents, tables, concerned, { now: given.now().toISOString(), cause });
        }, given.settling),
    }));
    const last = items.at(-1);
    return { items, ...(page.next !== undefined && last !== undefined && { next: last.cursor }) };
  };
}

/** Sets right what one student has; what is right already is not written. */
async function goOver(
  documents: Documents,
  tables: Tables,
  concerned: Concerned,
  { now, cause }: { readonly now: string; readonly cause: Cause },
): Promise<JobCounts> {
  const { userId, courseId, questionId, questionVersion, voided } = concerned;
  const tests = await queryAllRows(documents, {
    table: tables.qbankTests,
    schema: QbankTestRow,
    partition: ['userId', userId],
    sort: { attribute: 'test', beginsWith: ofCourse(courseId) },
  });
  // A completed test says what it asked; of the others only their answers do.
  const asked = tests.filter(
    ({ results }) => results?.some((result) => result.questionId === questionId) !== false,
  );
  const [read, ...answers] = await readRows(documents, [
    recordRow(tables, userId, courseId),
    ...asked.map(({ testId }) => answerRow(tables, { userId, courseId, testId }, questionId)),
  ]);
  let record = read;
  let changed = 0;
  for (const [index, test] of asked.entries()) {
    const answer = answers[index];
    const next =
      answer?.questionVersion === questionVersion ? voidAnswer(answer, voided, now, cause) : undefined;
    if (answer !== undefined && next !== undefined) {
      await commit(documents, [answerPut(tables, answer, next)]);
      changed += 1;
    }
    // The questions of a test are its paper, which stays.
    const decided = voidInTest({
      test: { ...test, questions: [] },
      record,
      questionId,
      questionVersion,
      voided,
      now,
      cause,
    });
    if (decided === undefined) continue;
    await transact(documents, [
      testPut(tables, test, decided.test),
      recordPut(tables, record, decided.record),
    ]);
    record = { ...record, ...decided.record };
    changed += 1;
  }
  return changed === 0 ? { untouched: 1 } : { changed: 1, rows: changed };
}
