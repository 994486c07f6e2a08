import type { OperationName } from '../shared/contracts/api.ts';
import type { TableName, tables } from './table-specs.ts';

/**
 * The system as one table, beside that of the tables: which functions there are, what each may do, and which streams
 * wake which consumer. Constructs turn it into resources; policies and environments both derive from the grants.
 */

/** What a grant may hold; a transaction's items ask for the action of each item. */
export const READ_ACTIONS = ['GetItem', 'BatchGetItem', 'Query', 'Scan'] as const;
export const WRITE_ACTIONS = ['PutItem', 'UpdateItem', 'DeleteItem'] as const;
export type TableAction =
  (typeof READ_ACTIONS)[number] | (typeof WRITE_ACTIONS)[number] | 'ConditionCheckItem';

/** A table, or one of its indexes. */
export type Grantee = TableName | { [T in TableName]: IndexOf<T> }[TableName];
type IndexOf<T extends TableName> = (typeof tables)[T] extends { readonly indexes: infer Indexes }
  ? `${T}/${keyof Indexes & string}`
  : never;

export type Grants = Readonly<Partial<Record<Grantee, readonly TableAction[]>>>;

/** What a function may do, and thereby what its environment holds. */
export interface FunctionSpec {
  readonly grants: Grants;
  /** Reads or writes sharded aggregates: ANALYTICS_SHARDS. */
  readonly shards?: true;
  /** Publishes to subscribers: GRAPHQL_URL and the two mutations. */
  readonly publishes?: true;
  /** Deals with the payment provider: PAYMENT_SECRET_ARN with the right to read it, and STRIPE_API_URL. */
  readonly pays?: true;
  /** Makes JSON Schema of its schemas, which other bundles leave out. */
  readonly describes?: true;
  /** What it imports only when it is needed becomes a file beside its bundle, which is not loaded with it. */
  readonly lazy?: true;
  /** Files of packages that it reads; they lie beside its bundle by their last name. */
  readonly files?: readonly string[];
}

/** One transaction lets a student in, ends a request for it, and tells the student where somebody else did it. */
const enrolls = {
  courses: ['GetItem', 'BatchGetItem'],
  enrollments: ['GetItem', 'PutItem'],
  studentProgress: ['GetItem', 'PutItem'],
  students: ['GetItem', 'PutItem'],
  accessRequests: ['GetItem', 'DeleteItem', 'ConditionCheckItem'],
} as const satisfies Grants;

const unenrolls = {
  courses: ['BatchGetItem'],
  enrollments: ['BatchGetItem', 'PutItem'],
} as const satisfies Grants;

const notifies = { notifications: ['PutItem'] } as const satisfies Grants;

/** What draws the line under a test. */
const finishes = {
  qbankTests: ['BatchGetItem', 'PutItem'],
  qbankPapers: ['BatchGetItem'],
  qbankQuestions: ['BatchGetItem'],
  qbankQuestionAttempts: ['Query', 'PutItem'],
  qbankMeetings: ['BatchGetItem', 'PutItem'],
  qbankRecords: ['BatchGetItem', 'PutItem'],
} as const satisfies Grants;

/** What a learner's command reads before it notes a fact. */
const studies = { courses: ['BatchGetItem'], enrollments: ['BatchGetItem'] } as const satisfies Grants;

const bumps = ['GetItem', 'PutItem'] as const satisfies readonly TableAction[];

/** What may be bumped, so that its stream tells of it once more. */
const redrives = {
  students: bumps,
  accessRequests: bumps,
  payments: bumps,
  enrollments: bumps,
  studentProgress: bumps,
  chapterCompletions: bumps,
  videoProgress: bumps,
  quizAttempts: bumps,
  waivers: bumps,
  qbankTests: bumps,
  qbankQuestionAttempts: bumps,
  qbankRecords: bumps,
  jobs: bumps,
} as const satisfies Grants;

export const httpFunctions: Readonly<Record<OperationName, FunctionSpec>> = {
  'describe-api': { grants: {}, describes: true },
  'receive-payment-event': {
    grants: { ...enrolls, ...notifies, payments: ['GetItem', 'PutItem'] },
    pays: true,
  },
  'verify-certificate': { grants: { 'certificates/byCode': ['Query'], certificates: ['GetItem'] } },
  'get-certificate-pdf': {
    grants: { 'certificates/byCode': ['Query'], certificates: ['GetItem'] },
    lazy: true,
    files: ['@expo-google-fonts/eb-garamond/400Regular/EBGaramond_400Regular.ttf'],
  },
  'get-student-dashboard': {
    grants: { enrollments: ['Query'], accessRequests: ['Query'], courses: ['BatchGetItem'] },
  },
  'get-student-courses': {
    grants: {
      'courses/byStatus': ['Scan'],
      courses: ['BatchGetItem'],
      enrollments: ['BatchGetItem'],
      accessRequests: ['BatchGetItem'],
    },
  },
  'get-student-progress': {
    grants: { studentProgress: ['Query'], courses: ['BatchGetItem'], enrollments: ['BatchGetItem'] },
  },
  'get-student-course-detail': {
    grants: {
      courses: ['GetItem', 'BatchGetItem'],
      enrollments: ['GetItem'],
      studentProgress: ['GetItem'],
      accessRequests: ['GetItem'],
      videoProgress: ['Query'],
    },
  },
  'enroll-directly': { grants: enrolls },
  unenroll: { grants: unenrolls },
  'complete-chapter': { grants: { ...studies, chapterCompletions: ['BatchGetItem', 'PutItem'] } },
  'record-video-beat': { grants: { ...studies, videoProgress: ['BatchGetItem', 'PutItem'] } },
  'submit-quiz-attempt': { grants: { ...studies, quizAttempts: ['Query', 'PutItem'] } },
  'get-student-profile': {
    grants: { students: ['GetItem'], certificates: ['Query'], notifications: ['Query'] },
  },
  'put-student-profile': { grants: { students: ['GetItem', 'PutItem'] } },
  'request-access': {
    grants: {
      courses: ['GetItem'],
      enrollments: ['GetItem', 'ConditionCheckItem'],
      accessRequests: ['GetItem', 'PutItem'],
    },
  },
  'withdraw-request': { grants: { accessRequests: ['GetItem', 'DeleteItem'] } },
  'start-checkout': {
    grants: { courses: ['GetItem'], enrollments: ['GetItem'], payments: ['GetItem', 'PutItem'] },
    pays: true,
  },
  'get-payments': { grants: { payments: ['Query'] } },
  'get-notifications': { grants: { notifications: ['Query'], students: ['GetItem'] } },
  'read-notification': {
    grants: { notifications: ['BatchGetItem', 'PutItem'], students: ['BatchGetItem'] },
  },
  'read-notifications': { grants: { notifications: ['Query'], students: ['GetItem', 'PutItem'] } },
  'get-student-qbank': {
    grants: {
      courses: ['BatchGetItem'],
      enrollments: ['BatchGetItem'],
      studentProgress: ['BatchGetItem'],
      qbankQuestions: ['Query'],
      qbankRecords: ['BatchGetItem'],
      qbankTests: ['Query'],
      analytics: ['BatchGetItem'],
    },
    shards: true,
  },
  'start-test': {
    grants: {
      courses: ['BatchGetItem'],
      enrollments: ['BatchGetItem'],
      studentProgress: ['BatchGetItem'],
      qbankRecords: ['BatchGetItem'],
      qbankQuestions: ['Query'],
      qbankTests: ['BatchGetItem', 'PutItem'],
      qbankPapers: ['BatchGetItem', 'PutItem'],
    },
  },
  'get-test': {
    grants: {
      qbankTests: ['BatchGetItem'],
      qbankPapers: ['BatchGetItem'],
      qbankQuestions: ['BatchGetItem'],
      qbankQuestionAttempts: ['Query'],
    },
  },
  'open-test': { grants: { qbankTests: ['BatchGetItem', 'PutItem'], qbankPapers: ['BatchGetItem'] } },
  'answer-question': {
    grants: {
      qbankTests: ['BatchGetItem', 'PutItem', 'ConditionCheckItem'],
      qbankPapers: ['BatchGetItem'],
      qbankQuestions: ['BatchGetItem'],
      qbankQuestionAttempts: ['BatchGetItem', 'PutItem'],
      qbankMeetings: ['BatchGetItem', 'PutItem', 'ConditionCheckItem'],
    },
  },
  'submit-test': { grants: finishes },
  'put-course': { grants: { courses: ['GetItem', 'BatchGetItem', 'PutItem'] } },
  'get-course': { grants: { courses: ['GetItem', 'BatchGetItem'] } },
  'preview-course': {
    grants: {
      courses: ['GetItem', 'BatchGetItem'],
      'enrollments/byCourse': ['Query'],
      enrollments: ['BatchGetItem'],
      studentProgress: ['BatchGetItem'],
      videoProgress: ['BatchGetItem'],
      jobs: ['GetItem', 'Query', 'PutItem'],
    },
  },
  'set-course-status': {
    grants: {
      courses: ['GetItem', 'PutItem'],
      qbankQuestions: ['GetItem'],
      'enrollments/byCourse': ['Query'],
      jobs: ['PutItem'],
    },
  },
  'get-admin-dashboard': {
    grants: { 'courses/byStatus': ['Scan'], courses: ['BatchGetItem'], analytics: ['BatchGetItem'] },
    shards: true,
  },
  'get-admin-analytics': { grants: { analytics: ['Query'], courses: ['BatchGetItem'] } },
  'get-admin-students': {
    grants: {
      enrollments: ['Scan', 'BatchGetItem'],
      'enrollments/byCourse': ['Query'],
      'students/byNewcomer': ['Scan'],
      'students/byName': ['Query'],
      'students/byEmail': ['Query'],
      students: ['BatchGetItem'],
      courses: ['BatchGetItem'],
    },
  },
  'get-admin-requests': {
    grants: {
      'accessRequests/byStatus': ['Query'],
      accessRequests: ['BatchGetItem'],
      students: ['BatchGetItem'],
      courses: ['BatchGetItem'],
    },
  },
  'get-admin-student': {
    grants: {
      students: ['BatchGetItem'],
      courses: ['BatchGetItem'],
      enrollments: ['Query'],
      studentProgress: ['Query'],
      accessRequests: ['Query'],
      waivers: ['Query'],
      payments: ['Query'],
      certificates: ['Query'],
    },
  },
  'enroll-student': { grants: { ...enrolls, ...notifies } },
  'unenroll-student': { grants: { ...unenrolls, ...notifies } },
  // There is always a request to delete, so its absence is never checked.
  'approve-request': {
    grants: { ...enrolls, ...notifies, accessRequests: ['GetItem', 'DeleteItem'] },
  },
  'reject-request': {
    grants: { courses: ['GetItem'], accessRequests: ['GetItem', 'PutItem'], ...notifies },
  },
  'waive-item': {
    grants: {
      courses: ['GetItem', 'BatchGetItem'],
      enrollments: ['GetItem', 'ConditionCheckItem'],
      waivers: ['GetItem', 'PutItem'],
      ...notifies,
    },
  },
  'withdraw-waiver': {
    grants: { courses: ['GetItem'], waivers: ['GetItem', 'PutItem'], ...notifies },
  },
  'put-question': {
    grants: { courses: ['GetItem'], qbankQuestions: ['GetItem', 'PutItem'] },
  },
  'import-questions': {
    grants: { courses: ['GetItem'], qbankQuestions: ['BatchGetItem', 'PutItem'] },
  },
  'get-question': { grants: { qbankQuestions: ['Query', 'GetItem'], qbankQuestionStatistics: ['Query'] } },
  'void-question': { grants: { qbankQuestions: ['GetItem', 'PutItem'], jobs: ['PutItem'] } },
  'validate-question': { grants: { qbankQuestions: ['GetItem', 'PutItem'], jobs: ['PutItem'] } },
  'get-question-table': {
    grants: {
      courses: ['BatchGetItem'],
      qbankQuestions: ['Query', 'BatchGetItem'],
      qbankQuestionStatistics: ['Query'],
    },
  },
  'get-jobs': { grants: { 'jobs/byStart': ['Query'], jobs: ['BatchGetItem'] } },
  'get-job': { grants: { jobs: ['GetItem', 'Query'] } },
  'stop-job': { grants: { jobs: ['GetItem', 'PutItem'] } },
  'get-failures': { grants: { 'failures/byTime': ['Query'], failures: ['BatchGetItem'] } },
  'get-failure': { grants: { failures: ['GetItem'] } },
  'redrive-failure': { grants: { ...redrives, failures: ['GetItem', 'PutItem'] } },
  'redrive-failures': {
    grants: { ...redrives, 'failures/byTime': ['Query'], failures: ['GetItem', 'PutItem'] },
  },
  'drop-failure': { grants: { failures: ['GetItem', 'PutItem'] } },
  'explain-progress': {
    grants: {
      courses: ['GetItem', 'BatchGetItem'],
      enrollments: ['GetItem'],
      studentProgress: ['GetItem'],
      chapterCompletions: ['Query'],
      videoProgress: ['Query'],
      quizAttempts: ['Query'],
      waivers: ['Query'],
      qbankQuestionAttempts: ['Query'],
    },
  },
  'explain-aggregate': {
    grants: {
      ledger: ['Scan', 'BatchGetItem'],
      analytics: ['Query'],
      qbankQuestionStatistics: ['Query'],
      qbankTests: ['Query'],
      'qbankMeetings/byQuestion': ['Query'],
      qbankMeetings: ['BatchGetItem'],
    },
  },
  'mark-quiz-attempt': { grants: { courses: ['BatchGetItem'], quizAttempts: ['Query', 'PutItem'] } },
};

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
  'wake-jobs': {
    every: 'rate(1 minute)',
    stale: 'jobs that were cut off, or that wait, do not go on',
    grants: { 'jobs/byWaking': ['Query'], jobs: ['GetItem', 'BatchGetItem', 'PutItem'] },
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
      failures: ['PutItem'],
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
      analytics: ['UpdateItem'],
      qbankQuestionStatistics: ['UpdateItem'],
      failures: ['PutItem'],
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
    },
  },
  'run-jobs': {
    sources: ['jobs'],
    windowSeconds: 0,
    // Segments run side by side, each in its order.
    parallelization: 8,
    grants: {
      jobs: ['BatchGetItem', 'PutItem'],
      qbankQuestions: ['GetItem'],
      'qbankMeetings/byQuestion': ['Query'],
      qbankTests: ['Query', 'PutItem'],
      qbankQuestionAttempts: ['BatchGetItem', 'PutItem'],
      qbankRecords: ['BatchGetItem', 'PutItem'],
      courses: ['GetItem', 'BatchGetItem'],
      'enrollments/byCourse': ['Query'],
      enrollments: ['BatchGetItem', 'PutItem'],
      studentProgress: ['BatchGetItem', 'PutItem'],
      videoProgress: ['BatchGetItem'],
      failures: ['PutItem'],
    },
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
    ],
    windowSeconds: 0,
    parallelization: 1,
    grants: { failures: ['PutItem'] },
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
