import type { JobStage } from '../domain/job.ts';

/** What a migration goes through, apart from how: whoever starts one needs no more. */

export const MIGRATE = 'migrate';

/**
 * The tables that the old school had, in how many parts each is gone through, and the keys of its rows. The figures
 * first: sums by hand must be out of the way before anything is added to them.
 */
const WORK = [
  { table: 'analytics', parts: 1, key: ['scope', 'part'] },
  { table: 'qbankQuestionStatistics', parts: 1, key: ['scope', 'part'] },
  { table: 'ledger', parts: 2, key: ['userId', 'source'] },
  { table: 'courses', parts: 1, key: ['courseId', 'part'] },
  { table: 'qbankQuestions', parts: 1, key: ['courseId', 'part'] },
  { table: 'students', parts: 2, key: ['userId'] },
  { table: 'accessRequests', parts: 2, key: ['userId', 'courseId'] },
  { table: 'payments', parts: 1, key: ['userId', 'paymentId'] },
  { table: 'enrollments', parts: 4, key: ['userId', 'courseId'] },
  { table: 'studentProgress', parts: 4, key: ['userId', 'courseId'] },
  { table: 'videoProgress', parts: 4, key: ['userId', 'video'] },
  { table: 'quizAttempts', parts: 4, key: ['userId', 'attempt'] },
  { table: 'qbankTests', parts: 2, key: ['userId', 'test'] },
  { table: 'qbankQuestionAttempts', parts: 4, key: ['userId', 'attempt'] },
] as const;
export type Work = (typeof WORK)[number];
export type MigratedTable = Work['table'];

const FIGURE_TABLES = ['analytics', 'qbankQuestionStatistics', 'ledger'] as const;
export const SEGMENTS = WORK.flatMap((work) =>
  Array.from({ length: work.parts }, (_, part) => ({ ...work, part })),
);

/** Figures by hand, and whatever the old ledger was: of them, how many segments there are. */
export const FIGURES = SEGMENTS.filter(({ table }) => FIGURE_TABLES.some((each) => each === table)).length;

/** The stages of the migration: figures, and then what they are made of. */
export const MIGRATE_STAGES: readonly [JobStage, ...JobStage[]] = [
  { segments: FIGURES },
  { segments: SEGMENTS.length - FIGURES },
];

export const MIGRATE_LEARNER_TABLES = [
  'courses',
  'students',
  'accessRequests',
  'payments',
  'enrollments',
  'studentProgress',
  'chapterCompletions',
  'videoProgress',
  'quizAttempts',
] as const;

export const MIGRATE_BANK_TABLES = [
  'qbankQuestions',
  'qbankTests',
  'qbankPapers',
  'qbankQuestionAttempts',
  'qbankMeetings',
  'qbankRecords',
] as const;

/** What the job reads and writes. */
export const MIGRATE_JOB_TABLES = [
  ...MIGRATE_LEARNER_TABLES,
  ...MIGRATE_BANK_TABLES,
  'qbankQuestionStatistics',
  'ledger',
  'analytics',
] as const;
