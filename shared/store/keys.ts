import { userOfSource } from '../domain/contribution.ts';
import type { ChapterId, CourseId, ItemId, PaymentId, QuestionId, TestId, UserId } from '../domain/ids.ts';
import { JOB_PART, segmentPart } from '../domain/job.ts';
import { BANK_PART, questionPart, versionPart } from '../domain/qbank-question.ts';

/** The tables by the names the code uses. Their physical names are given to each function. */
export const TABLES = [
  'courses',
  'students',
  'accessRequests',
  'payments',
  'enrollments',
  'studentProgress',
  'chapterCompletions',
  'videoProgress',
  'quizAttempts',
  'waivers',
  'certificates',
  'notifications',
  'qbankQuestions',
  'qbankTests',
  'qbankPapers',
  'qbankQuestionAttempts',
  'qbankMeetings',
  'qbankRecords',
  'qbankQuestionStatistics',
  'ledger',
  'analytics',
  'aggregateSnapshots',
  'tallies',
  'failures',
  'jobs',
  'measurements',
  'health',
] as const;
export type Table = (typeof TABLES)[number];

/**
 * The tables that something lasting is derived from: a row whose record was set aside is bumped, and so told of once
 * more. Of the others only subscribers are told, who read the view again anyway.
 */
export const REDRIVABLE = [
  'students',
  'accessRequests',
  'payments',
  'enrollments',
  'studentProgress',
  'chapterCompletions',
  'videoProgress',
  'quizAttempts',
  'waivers',
  'qbankTests',
  'qbankQuestionAttempts',
  'qbankRecords',
  'jobs',
] as const satisfies readonly Table[];
export type Redrivable = (typeof REDRIVABLE)[number];

/** Physical table names by table. */
export type Tables = Readonly<Record<Table, string>>;

/** A table's physical name, for a function that uses only this one: `Named<'courses'>`. */
export type Named<T extends Table> = Pick<Tables, T>;

/** A primary key: attribute values by attribute name. */
export type Key = Readonly<Record<string, string>>;

/** Names of the global secondary indexes. */
export const INDEXES = {
  coursesByStatus: 'byStatus',
  enrollmentsByCourse: 'byCourse',
  requestsByStatus: 'byStatus',
  studentsByName: 'byName',
  studentsByEmail: 'byEmail',
  studentsByNewcomer: 'byNewcomer',
  certificatesByCode: 'byCode',
  testsByClosing: 'byClosing',
  meetingsByQuestion: 'byQuestion',
  jobsByStart: 'byStart',
  jobsByWaking: 'byWaking',
  failuresByTime: 'byTime',
} as const;

export function courseKey(courseId: CourseId) {
  return { courseId, part: 'course' } as const;
}

export function draftKey(courseId: CourseId) {
  return { courseId, part: 'draft' } as const;
}

/** The outline that was published `version`th; six digits, so that the parts sort by version. */
export function outlineKey(courseId: CourseId, version: number) {
  return { courseId, part: `outline#${String(version).padStart(6, '0')}` } as const;
}

export function studentKey(userId: UserId) {
  return { userId } as const;
}

export function enrollmentKey(userId: UserId, courseId: CourseId) {
  return { userId, courseId } as const;
}

/** Of `studentProgress`: the same key as the enrollment's. */
export function progressKey(userId: UserId, courseId: CourseId) {
  return { userId, courseId } as const;
}

export function chapterCompletionKey(userId: UserId, courseId: CourseId, chapterId: ChapterId) {
  return { userId, completion: `${courseId}#${chapterId}` } as const;
}

export function videoKey(userId: UserId, courseId: CourseId, videoId: ItemId) {
  return { userId, video: `${courseId}#${videoId}` } as const;
}

/** What the sort keys of a course's rows in `chapterCompletions`, `videoProgress` and `quizAttempts` begin with. */
export function ofCourse(courseId: CourseId): string {
  return `${courseId}#`;
}

/** What the sort keys of a quiz's attempts begin with. */
export function ofQuiz(courseId: CourseId, quizId: ItemId): string {
  return `${courseId}#${quizId}#`;
}

/** Four digits, so that attempts sort by number. */
export function attemptKey(userId: UserId, courseId: CourseId, quizId: ItemId, number: number) {
  return { userId, attempt: `${ofQuiz(courseId, quizId)}${String(number).padStart(4, '0')}` } as const;
}

export function accessRequestKey(userId: UserId, courseId: CourseId) {
  return { userId, courseId } as const;
}

export function paymentKey(userId: UserId, paymentId: PaymentId) {
  return { userId, paymentId } as const;
}

export function waiverKey(userId: UserId, courseId: CourseId, itemId: ItemId) {
  return { userId, waiver: `${courseId}#${itemId}` } as const;
}

export function certificateKey(userId: UserId, courseId: CourseId, policy: string) {
  return { userId, certificate: `${courseId}#${policy}` } as const;
}

export function notificationKey(userId: UserId, notificationId: string) {
  return { userId, notificationId } as const;
}

export function bankKey(courseId: CourseId) {
  return { courseId, part: BANK_PART } as const;
}

export function questionKey(courseId: CourseId, questionId: QuestionId) {
  return { courseId, part: questionPart(questionId) } as const;
}

/** What a question asks as its version `version`. */
export function questionVersionKey(courseId: CourseId, questionId: QuestionId, version: number) {
  return { courseId, part: versionPart(questionId, version) } as const;
}

/** Of `qbankTests` and of `qbankPapers`. */
export function testKey(userId: UserId, courseId: CourseId, testId: TestId) {
  return { userId, test: `${courseId}#${testId}` } as const;
}

/** What the sort keys of a test's answers begin with. */
export function ofTest(courseId: CourseId, testId: TestId): string {
  return `${courseId}#${testId}#`;
}

export function answerKey(userId: UserId, courseId: CourseId, testId: TestId, questionId: QuestionId) {
  return { userId, attempt: `${ofTest(courseId, testId)}${questionId}` } as const;
}

export function meetingKey(userId: UserId, courseId: CourseId, questionId: QuestionId) {
  return { userId, meeting: `${courseId}#${questionId}` } as const;
}

/** The key of the index `byQuestion` of `qbankMeetings`. */
export function questionMet(courseId: CourseId, questionId: QuestionId): string {
  return `${courseId}#${questionId}`;
}

export function recordKey(userId: UserId, courseId: CourseId) {
  return { userId, courseId } as const;
}

/** By the user whom every source names, so that one Query reads all that the ledger holds of somebody. */
export function ledgerKey(source: string) {
  return { userId: userOfSource(source), source } as const;
}

/** The row of the ledger with the newest cut, under a user whom nobody can be. */
export const CUT_KEY = { userId: '#cut', source: '#cut' } as const;

/** What only one student moves, or only one question, needs no shards: what is read of it stays small. */
const UNSHARDED = ['student#', 'bank#'];

/** How many shards an aggregate has, where those that many people move have `shards`. */
export function shardsOf(aggregate: string, shards: number): number {
  return UNSHARDED.some((scope) => aggregate.startsWith(scope)) ? 1 : shards;
}

/** One shard of an aggregate `scope|part`, e.g. `course#algebra|quiz#q1` -> part `quiz#q1#3`. */
export function analyticsKey(aggregate: string, shard: number) {
  const bar = aggregate.indexOf('|');
  return { scope: aggregate.slice(0, bar), part: `${aggregate.slice(bar + 1)}#${shard}` } as const;
}

/** The tables of aggregates. */
export type AggregateTable = 'analytics' | 'qbankQuestionStatistics';

/** The table of an aggregate: the statistics of questions have one of their own. */
export function aggregateTable(aggregate: string): AggregateTable {
  return aggregate.startsWith('bank#') ? 'qbankQuestionStatistics' : 'analytics';
}

/** Every shard's key of an aggregate `scope|part`. */
export function analyticsKeys(aggregate: string, shards: number) {
  return Array.from({ length: shardsOf(aggregate, shards) }, (_, shard) => analyticsKey(aggregate, shard));
}

/** Of `tallies`: which cut a job took. */
export function jobCutKey(jobId: string) {
  return { tally: jobId, position: 'cut' } as const;
}

/** Where a step of a segment of a job comes to; the parts sort by number. */
export function claimKey(jobId: string, segment: number, step: number) {
  return { tally: jobId, position: `claim#${stepPosition(segment, step)}` } as const;
}

/** What a step added up of the aggregates of a bucket. */
export function tallyKey(jobId: string, bucket: number, segment: number, step: number) {
  return { tally: tallyOf(jobId, bucket), position: stepPosition(segment, step) } as const;
}

/** The partition with all that was added up of the aggregates of a bucket. */
export function tallyOf(jobId: string, bucket: number): string {
  return `${jobId}#${String(bucket).padStart(3, '0')}`;
}

function stepPosition(segment: number, step: number): string {
  return `${String(segment).padStart(3, '0')}#${String(step).padStart(9, '0')}`;
}

export function failureKey(failureId: string) {
  return { failureId } as const;
}

export function jobKey(jobId: string) {
  return { jobId, part: JOB_PART } as const;
}

export function segmentKey(jobId: string, segment: number) {
  return { jobId, part: segmentPart(segment) } as const;
}

/**
 * Of what one container measured in a minute (`2026-11-22T10:03`), or all of them in one of `minutes` or `hours`; and
 * in `scores` of the scores in a minute.
 */
export function measurementKey(slot: string, part: string) {
  return { slot, part } as const;
}

/** The one row of `health`. */
export const HEALTH_KEY = { healthId: 'school' } as const;
