interface Key {
  readonly partition: string;
  readonly sort?: string;
}

interface TableSpec {
  readonly key: Key;
  readonly indexes?: Readonly<Record<string, Key>>;
  /** Whether its stream is on. */
  readonly stream: boolean;
  /** The attribute with the second of its end (TTL). Never on what something else is derived from. */
  readonly timeToLive?: string;
  /** Whether IAM refuses a write outside TransactWriteItems. */
  readonly transactionsOnly?: true;
}

/** The tables. Constructs make them; the tests start an engine with the same ones. */
export const tables = {
  courses: {
    key: { partition: 'courseId', sort: 'part' },
    // Sparse: only the row with part `course` has a status, so that a Scan of the index lists all courses.
    indexes: { byStatus: { partition: 'status', sort: 'courseId' } },
    stream: true,
  },
  students: {
    key: { partition: 'userId' },
    indexes: {
      // By the first letters and then the whole of a name or address, so that a search reads one small part.
      byName: { partition: 'namePrefix', sort: 'nameKey' },
      byEmail: { partition: 'emailPrefix', sort: 'emailKey' },
      // Sparse: who has never been enrolled, whom no list of enrollments shows.
      byNewcomer: { partition: 'newcomerSince', sort: 'userId' },
    },
    stream: true,
  },
  accessRequests: {
    key: { partition: 'userId', sort: 'courseId' },
    indexes: { byStatus: { partition: 'status', sort: 'requestedAt' } },
    stream: true,
  },
  payments: { key: { partition: 'userId', sort: 'paymentId' }, stream: true },
  enrollments: {
    key: { partition: 'userId', sort: 'courseId' },
    indexes: { byCourse: { partition: 'courseId', sort: 'userId' } },
    stream: true,
  },
  studentProgress: { key: { partition: 'userId', sort: 'courseId' }, stream: true },
  chapterCompletions: { key: { partition: 'userId', sort: 'completion' }, stream: true },
  videoProgress: { key: { partition: 'userId', sort: 'video' }, stream: true },
  quizAttempts: { key: { partition: 'userId', sort: 'attempt' }, stream: true },
  waivers: { key: { partition: 'userId', sort: 'waiver' }, stream: true },
  certificates: {
    key: { partition: 'userId', sort: 'certificate' },
    indexes: { byCode: { partition: 'code' } },
    stream: true,
  },
  notifications: {
    key: { partition: 'userId', sort: 'notificationId' },
    timeToLive: 'expiresAt',
    stream: true,
  },
  // What the bank of a course asks: the bank itself, its questions, and each version of them.
  qbankQuestions: { key: { partition: 'courseId', sort: 'part' }, stream: true },
  qbankTests: {
    key: { partition: 'userId', sort: 'test' },
    // Sparse: the tests that have not ended, by when they have to.
    indexes: { byClosing: { partition: 'closing', sort: 'dueAt' } },
    stream: true,
  },
  // The questions of a test, apart from it: every answer is held to the test's row, and pays for its size.
  qbankPapers: { key: { partition: 'userId', sort: 'test' }, stream: false },
  qbankQuestionAttempts: { key: { partition: 'userId', sort: 'attempt' }, stream: true },
  qbankMeetings: {
    key: { partition: 'userId', sort: 'meeting' },
    indexes: { byQuestion: { partition: 'question', sort: 'userId' } },
    stream: false,
  },
  qbankRecords: { key: { partition: 'userId', sort: 'courseId' }, stream: true },
  qbankQuestionStatistics: {
    key: { partition: 'scope', sort: 'part' },
    stream: true,
    transactionsOnly: true,
  },
  ledger: { key: { partition: 'userId', sort: 'source' }, stream: false, transactionsOnly: true },
  analytics: { key: { partition: 'scope', sort: 'part' }, stream: true, transactionsOnly: true },
  // What shards of both tables of aggregates were at the newest cut, of those that have changed since.
  aggregateSnapshots: {
    key: { partition: 'scope', sort: 'part' },
    stream: false,
    transactionsOnly: true,
  },
  // What the steps of a job added up, by aggregates.
  tallies: {
    key: { partition: 'tally', sort: 'position' },
    timeToLive: 'expiresAt',
    stream: false,
  },
  failures: {
    key: { partition: 'failureId' },
    // Sparse: what waits to be redriven or dropped, by when it was set aside.
    indexes: { byTime: { partition: 'listing', sort: 'setAsideAt' } },
    stream: false,
  },
  // Long work: a row for each job, and one for each of its segments.
  jobs: {
    key: { partition: 'jobId', sort: 'part' },
    indexes: {
      // Sparse: the jobs themselves, in one list.
      byStart: { partition: 'listing', sort: 'startedAt' },
      // Sparse: the segments that are running, by when the schedule wakes them.
      byWaking: { partition: 'waking', sort: 'wakeAt' },
    },
    stream: true,
  },
  // How long changes took: of every container by the minute, and of all together by the minute and by the hour.
  measurements: { key: { partition: 'slot', sort: 'part' }, stream: false, timeToLive: 'expiresAt' },
  // The figures that follow: apart, as their change is told, and the measurements are written by those who tell it.
  health: { key: { partition: 'healthId' }, stream: true },
} as const satisfies Record<string, TableSpec>;

export type TableName = keyof typeof tables;

/** The table's name in an environment: `TABLE_STUDENT_PROGRESS`. */
export function tableVariable(table: TableName): string {
  return `TABLE_${table.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}
