import { finishes, type FunctionSpec, startsJobs } from './function-spec.ts';
import type { TableName } from './table-specs.ts';

/**
 * What runs without being called over HTTP, beside the tables of the tables and of the operations: which functions
 * there are, what each may do, and which streams wake which consumer. Constructs turn it into resources; policies and environments both derive from the grants.
 */

/** What Cognito calls about its users. */
export const triggers = {
  'register-student': { grants: { students: ['GetItem', 'PutItem'] } },
} as const satisfies Record<string, FunctionSpec>;

/** A function that the clock wakes. */
export interface ScheduleSpec extends FunctionSpec {
  /** EventBridge Scheduler's expression. */
  readonly every: `rate(${string})`;
  /** What people notice when it does not run, in plain words. */
  readonly stale: string;
}

export const schedules = {
  'close-tests': {
    every: 'rate(1 minute)',
    stale: 'tests whose time is up get no score',
    grants: { ...finishes, 'qbankTests/byClosing': ['Query'] },
  },
  'reconcile-school': {
    every: 'rate(1 day)',
    stale: 'what was lost on the way stays out of step',
    grants: startsJobs,
  },
  'wake-jobs': {
    every: 'rate(1 minute)',
    stale: 'jobs that were cut off, or that wait, do not go on',
    grants: { 'jobs/byWaking': ['Query'], jobs: ['GetItem', 'BatchGetItem', 'PutItem'] },
  },
  'collect-failures': {
    every: 'rate(1 minute)',
    stale:
      'records that were given up after all retries are not listed as failures, and nobody can redrive them',
    grants: { failures: ['PutItem'] },
    collects: true,
  },
  'measure-health': {
    every: 'rate(1 minute)',
    stale: 'the health of the synchronisation is shown as it was, and its alarms hear nothing',
    grants: {
      measurements: ['Query', 'PutItem'],
      'failures/byTime': ['Query'],
      'jobs/byStart': ['Query'],
      jobs: ['BatchGetItem'],
      health: ['GetItem', 'PutItem'],
    },
    measures: true,
  },
} as const satisfies Record<string, ScheduleSpec>;

/** A function that follows streams, with one event source mapping for each. */
export interface ConsumerSpec extends FunctionSpec {
  /** The tables it follows. Its environment names them too: it tells records apart by their table. */
  readonly sources: readonly TableName[];
  /** How long a batch may wait to fill. A longer wait makes bigger, cheaper batches and later views. */
  readonly windowSeconds: number;
  /** Batches of one shard in flight together; order is kept per item. */
  readonly parallelization: number;
}

export const consumers = {
  'project-progress': {
    sources: ['chapterCompletions', 'videoProgress', 'quizAttempts', 'waivers', 'qbankQuestionAttempts'],
    windowSeconds: 0,
    parallelization: 4,
    grants: {
      courses: ['BatchGetItem'],
      enrollments: ['BatchGetItem', 'PutItem'],
      studentProgress: ['BatchGetItem', 'PutItem'],
      // A progress row that was lost is made anew from everything that the learner did.
      chapterCompletions: ['Query'],
      videoProgress: ['Query'],
      quizAttempts: ['Query'],
      waivers: ['Query'],
      qbankQuestionAttempts: ['Query'],
      failures: ['PutItem'],
      measurements: ['PutItem'],
    },
  },
  'aggregate-analytics': {
    sources: [
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
    ],
    windowSeconds: 0,
    parallelization: 2,
    grants: {
      ledger: ['BatchGetItem', 'PutItem'],
      // Of shards that may have changed since a cut, only while one is open.
      analytics: ['UpdateItem', 'BatchGetItem'],
      qbankQuestionStatistics: ['UpdateItem', 'BatchGetItem'],
      aggregateSnapshots: ['PutItem'],
      failures: ['PutItem'],
      measurements: ['PutItem'],
    },
    shards: true,
  },
  'react-to-progress': {
    sources: ['studentProgress'],
    windowSeconds: 0,
    parallelization: 1,
    grants: {
      courses: ['BatchGetItem'],
      students: ['BatchGetItem'],
      certificates: ['BatchGetItem', 'PutItem'],
      notifications: ['BatchGetItem', 'PutItem'],
      failures: ['PutItem'],
      measurements: ['PutItem'],
    },
  },
  'run-jobs': {
    sources: ['jobs'],
    windowSeconds: 0,
    // Segments run side by side, each in its order.
    parallelization: 8,
    grants: {
      jobs: ['BatchGetItem', 'PutItem'],
      // Scans of the tables of sources are those of the migration, which goes through all that the old school had.
      students: ['Scan', 'GetItem', 'BatchGetItem', 'PutItem'],
      courses: ['Scan', 'GetItem', 'BatchGetItem', 'PutItem'],
      accessRequests: ['Scan', 'Query', 'BatchGetItem', 'PutItem', 'DeleteItem'],
      payments: ['Scan', 'Query', 'BatchGetItem', 'PutItem'],
      'enrollments/byCourse': ['Query'],
      enrollments: ['Scan', 'Query', 'GetItem', 'BatchGetItem', 'PutItem', 'ConditionCheckItem'],
      studentProgress: ['Scan', 'Query', 'GetItem', 'BatchGetItem', 'PutItem', 'DeleteItem'],
      chapterCompletions: ['Query', 'BatchGetItem', 'PutItem'],
      videoProgress: ['Scan', 'Query', 'BatchGetItem', 'PutItem'],
      quizAttempts: ['Scan', 'Query', 'BatchGetItem', 'PutItem'],
      waivers: ['Query'],
      qbankQuestions: ['Scan', 'GetItem', 'BatchGetItem', 'PutItem'],
      'qbankMeetings/byQuestion': ['Query'],
      qbankTests: ['Scan', 'Query', 'BatchGetItem', 'PutItem'],
      qbankQuestionAttempts: ['Scan', 'Query', 'BatchGetItem', 'PutItem'],
      qbankRecords: ['Query', 'BatchGetItem', 'PutItem'],
      certificates: ['Query', 'BatchGetItem', 'PutItem'],
      notifications: ['Query', 'BatchGetItem', 'PutItem', 'DeleteItem'],
      ledger: ['Scan', 'Query', 'BatchGetItem', 'PutItem'],
      analytics: ['Scan', 'Query', 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
      qbankQuestionStatistics: ['Scan', 'Query', 'GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
      aggregateSnapshots: ['BatchGetItem'],
      tallies: ['Query', 'GetItem', 'BatchGetItem', 'PutItem'],
      qbankPapers: ['PutItem'],
      qbankMeetings: ['BatchGetItem', 'PutItem'],
      failures: ['PutItem'],
    },
    shards: true,
    lazy: true,
  },
  'notify-subscribers': {
    sources: [
      'students',
      'accessRequests',
      'enrollments',
      'studentProgress',
      'certificates',
      'notifications',
      'analytics',
      'courses',
      'qbankTests',
      'qbankQuestions',
      'qbankQuestionStatistics',
      'jobs',
      'health',
    ],
    windowSeconds: 0,
    parallelization: 1,
    grants: { failures: ['PutItem'], measurements: ['PutItem'] },
    publishes: true,
  },
} as const satisfies Record<string, ConsumerSpec>;

export type ConsumerName = keyof typeof consumers;

/** The field of the GraphQL schema that each resolver of functions/graphql answers. */
export const resolvers = [
  { type: 'Query', field: 'schemaVersion', file: 'schema-version' },
  { type: 'Mutation', field: 'publishStudentChange', file: 'publish-change' },
  { type: 'Mutation', field: 'publishAdminChange', file: 'publish-change' },
  { type: 'Subscription', field: 'onStudentChange', file: 'on-student-change' },
] as const;

/** The mutations a function that publishes may call. */
export const PUBLISH_MUTATIONS = ['publishStudentChange', 'publishAdminChange'] as const;
