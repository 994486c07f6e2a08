import { measure } from './intervals.ts';
import type { Cause } from './stamp.ts';
import type {
  AccessRequestState,
  AttemptState,
  ChapterCompletionState,
  EnrollmentState,
  PaymentState,
  StudentState,
  VideoProgressState,
} from './states.ts';

/** Whole numbers by metric. A metric that would be 0 is left out. */
export type Metrics = Record<string, number>;

/** What a source adds to the aggregates, each named `scope|part`: `school|total`, `course#X|quiz#Q`. */
export type Contribution = Record<string, Metrics>;

/**
 * What a source row at a version contributes. `replace`: the newest version counts. `join`: of each metric the
 * greatest counts, which only fits contributions that never shrink; sightings, which many rows share, have
 * version 0.
 */
export type LedgerEntry = Cause & {
  readonly source: string;
  readonly sourceVersion: number;
  readonly merge: 'replace' | 'join';
  readonly contribution: Contribution;
};

/** The tables whose rows contribute, and what is needed of the rows. */
export interface ContributingRows {
  readonly enrollments: EnrollmentState;
  readonly students: StudentState;
  readonly accessRequests: AccessRequestState;
  readonly payments: PaymentState;
  readonly quizAttempts: AttemptState;
  readonly videoProgress: VideoProgressState;
  readonly chapterCompletions: ChapterCompletionState;
}
export type ContributingTable = keyof ContributingRows;

/** The aggregate with the totals of the school. */
export const SCHOOL = 'school|total';

/** The aggregate with the totals of a course. */
export function courseTotal(courseId: string): string {
  return `course#${courseId}|total`;
}

function withoutZeros(metrics: Metrics): Metrics {
  return Object.fromEntries(Object.entries(metrics).filter(([, value]) => value !== 0));
}

/** The contribution without zeros, which add nothing and would make an aggregate where there is none. */
export function contributionOf(metricsByAggregate: Contribution): Contribution {
  return Object.fromEntries(
    Object.entries(metricsByAggregate)
      .map(([aggregate, metrics]): [string, Metrics] => [aggregate, withoutZeros(metrics)])
      .filter(([, metrics]) => Object.keys(metrics).length > 0),
  );
}

export function contributionOfEnrollment(row: EnrollmentState): Contribution {
  const metrics: Metrics = {
    enrollments: 1,
    [`status.${row.status}`]: 1,
    [`source.${row.source}`]: 1,
    completions: row.completedAt === undefined ? 0 : 1,
    learnersWithAttempt: row.attempted ? 1 : 0,
  };
  const present = row.status !== 'cancelled';
  if (present && row.progress !== null) {
    metrics.progressCount = 1;
    metrics.progressSum = row.progress;
    metrics[`progress.${Math.floor(row.progress / 10)}`] = 1;
  }
  return contributionOf({
    [SCHOOL]: metrics,
    [courseTotal(row.courseId)]: { ...metrics, learners: present ? 1 : 0 },
  });
}

export function contributionOfStudent(_row: StudentState): Contribution {
  return { [SCHOOL]: { learners: 1 } };
}

export function contributionOfAccessRequest(row: AccessRequestState): Contribution {
  const metrics: Metrics = { pendingRequests: row.status === 'pending' ? 1 : 0 };
  return contributionOf({ [SCHOOL]: metrics, [courseTotal(row.courseId)]: metrics });
}

/** Revenue in minor units, by currency: what was taken and not given back. */
export function contributionOfPayment(row: PaymentState): Contribution {
  const completed = row.status === 'completed';
  const metrics: Metrics = {
    'payments.completed': completed ? 1 : 0,
    'payments.refunded': row.status === 'refunded' ? 1 : 0,
    [`revenue.${row.currency}`]: completed ? row.amount : 0,
  };
  return contributionOf({ [SCHOOL]: metrics, [courseTotal(row.courseId)]: metrics });
}

/** Scores in hundredths of a point, squares in their squares: sums of whole numbers are exact. */
export function contributionOfQuizAttempt(row: AttemptState): Contribution {
  const metrics: Metrics = { attempts: 1 };
  if (row.score !== null) {
    const hundredths = Math.round(row.score * 100);
    metrics.scored = 1;
    metrics.scoreSum = hundredths;
    metrics.scoreSquares = hundredths * hundredths;
    metrics.passes = row.score >= row.passMark ? 1 : 0;
  }
  return contributionOf({
    [SCHOOL]: metrics,
    [courseTotal(row.courseId)]: metrics,
    [`course#${row.courseId}|quiz#${row.quizId}`]: metrics,
  });
}

export function contributionOfVideoProgress(row: VideoProgressState): Contribution {
  const metrics: Metrics = { watchMinutes: Math.floor(measure(row.intervals) / 60) };
  return contributionOf({ [SCHOOL]: metrics, [courseTotal(row.courseId)]: metrics });
}

export function contributionOfChapterCompletion(row: ChapterCompletionState): Contribution {
  const metrics: Metrics = { chaptersCompleted: 1 };
  return { [SCHOOL]: metrics, [courseTotal(row.courseId)]: { ...metrics } };
}

function cause(row: Cause): Cause {
  return { causedBy: row.causedBy, causedAt: row.causedAt };
}

/** A learner was active on a day, in the school and in a course: counted once, whichever rows tell it. */
function sighting(row: Cause & { userId: string; courseId: string }, day: string): LedgerEntry {
  return {
    source: `active#${row.userId}#${day}`,
    sourceVersion: 0,
    merge: 'join',
    contribution: {
      [`school|day#${day}`]: { activeLearners: 1 },
      [`course#${row.courseId}|day#${day}`]: { activeLearners: 1 },
    },
    ...cause(row),
  };
}

function dayOf(timestamp: string): string {
  return timestamp.slice(0, 10);
}

/** The user of a source: the second part of its name, which `#` parts and no id holds. */
export function userOfSource(source: string): string {
  const [, userId] = source.split('#');
  if (userId === undefined || userId === '') throw new Error(`The source ${source} names no user`);
  return userId;
}

const sources: { readonly [T in ContributingTable]: (row: ContributingRows[T]) => string } = {
  enrollments: (row) => `enrollments#${row.userId}#${row.courseId}`,
  students: (row) => `students#${row.userId}`,
  accessRequests: (row) => `accessRequests#${row.userId}#${row.courseId}`,
  payments: (row) => `payments#${row.userId}#${row.paymentId}`,
  quizAttempts: (row) => `quizAttempts#${row.userId}#${row.courseId}#${row.quizId}#${row.number}`,
  videoProgress: (row) => `videoProgress#${row.userId}#${row.courseId}#${row.videoId}`,
  chapterCompletions: (row) => `chapterCompletions#${row.userId}#${row.courseId}#${row.chapterId}`,
};

const entries: {
  readonly [T in ContributingTable]: (row: ContributingRows[T], source: string) => LedgerEntry[];
} = {
  enrollments: (row, source) => [replacing(row, source, contributionOfEnrollment(row))],
  students: (row, source) => [replacing(row, source, contributionOfStudent(row))],
  accessRequests: (row, source) => [replacing(row, source, contributionOfAccessRequest(row))],
  payments: (row, source) => [replacing(row, source, contributionOfPayment(row))],
  quizAttempts: (row, source) => [
    replacing(row, source, contributionOfQuizAttempt(row)),
    sighting(row, dayOf(row.submittedAt)),
  ],
  // Minutes watched never shrink: joining them costs nothing for a beat that completes no minute.
  videoProgress: (row, source) => [
    { ...replacing(row, source, contributionOfVideoProgress(row)), merge: 'join' },
    ...row.days.map((day) => sighting(row, day)),
  ],
  chapterCompletions: (row, source) => [
    replacing(row, source, contributionOfChapterCompletion(row)),
    sighting(row, dayOf(row.completedAt)),
  ],
};

function replacing(
  row: Cause & { version: number },
  source: string,
  contribution: Contribution,
): LedgerEntry {
  return { source, sourceVersion: row.version, merge: 'replace', contribution, ...cause(row) };
}

/** Everything a row says to the ledger. */
export function entriesOf<T extends ContributingTable>(table: T, row: ContributingRows[T]): LedgerEntry[] {
  return entries[table](row, sources[table](row));
}

/** A row that is gone contributes nothing; it was seen on its days all the same. */
export function removedEntryOf<T extends ContributingTable>(
  table: T,
  oldRow: ContributingRows[T],
): LedgerEntry {
  const { version, causedBy, causedAt }: Cause & { version: number } = oldRow;
  return {
    source: sources[table](oldRow),
    sourceVersion: version + 1,
    merge: 'replace',
    contribution: {},
    causedBy,
    causedAt,
  };
}
