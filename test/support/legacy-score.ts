import type {
  QbankQuestionAttemptRow,
  QbankRecordRow,
  QbankTestRow,
} from '../../shared/contracts/qbank-rows.ts';
import type {
  AccessRequestRow,
  ChapterCompletionRow,
  EnrollmentRow,
  LedgerRow,
  OutlineRow,
  PaymentRow,
  QuizAttemptRow,
  StudentProgressRow,
  StudentRow,
  VideoProgressRow,
} from '../../shared/contracts/rows.ts';
import { type Contribution, entriesOf, type LedgerEntry } from '../../shared/domain/contribution.ts';
import { equal } from '../../shared/domain/equal.ts';
import { coalesce } from '../../shared/domain/ledger.ts';
import { evaluate, factsOf } from '../../shared/domain/progress.ts';
import { qbankEntriesOf } from '../../shared/domain/qbank-contribution.ts';
import { type Flow, type FlowName, FLOWS } from '../../shared/domain/sync-flow.ts';
import type { Table } from '../../shared/store/keys.ts';
import type { Database } from './database.ts';

type Key = { readonly userId: string; readonly courseId: string };
const pair = ({ userId, courseId }: Key) => `${userId}#${courseId}`;

function grouped<Row extends Key>(rows: readonly Row[]): (key: Key) => Row[] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) groups.set(pair(row), [...(groups.get(pair(row)) ?? []), row]);
  return (key) => groups.get(pair(key)) ?? [];
}

/** Of each flow, how many derived values there should be, and how many are not what their sources say. */
export async function legacyScore(db: Database): Promise<Flow[]> {
  const all = async <Row>(table: Table) => (await db.rows(table)) as unknown as Row[];
  const courses = await all<OutlineRow>('courses');
  const students = await all<StudentRow>('students');
  const enrollments = await all<EnrollmentRow>('enrollments');
  const requests = await all<AccessRequestRow>('accessRequests');
  const payments = await all<PaymentRow>('payments');
  const chapters = await all<ChapterCompletionRow>('chapterCompletions');
  const videos = await all<VideoProgressRow>('videoProgress');
  const attempts = await all<QuizAttemptRow>('quizAttempts');
  const answers = await all<QbankQuestionAttemptRow>('qbankQuestionAttempts');
  const tests = await all<QbankTestRow>('qbankTests');
  const records = await all<QbankRecordRow>('qbankRecords');
  const progress = new Map((await all<StudentProgressRow>('studentProgress')).map((row) => [pair(row), row]));
  const ledger = new Map((await all<LedgerRow>('ledger')).map((row) => [row.source, row]));
  const outlines = new Map(
    courses.filter(({ part }) => part === 'outline#000001').map((row) => [row.courseId, row]),
  );

  const seen = new Map<FlowName, { checked: number; wrong: number }>();
  const check = (flow: FlowName, right: boolean) => {
    const { checked, wrong } = seen.get(flow) ?? { checked: 0, wrong: 0 };
    seen.set(flow, { checked: checked + 1, wrong: wrong + (right ? 0 : 1) });
  };

  const of = {
    chapters: grouped(chapters),
    videos: grouped(videos),
    attempts: grouped(attempts),
    answers: grouped(answers),
  };
  const due = new Set<string>();
  for (const enrollment of enrollments) {
    const row = progress.get(pair(enrollment));
    const outline = outlines.get(enrollment.courseId) ?? { chapters: [] };
    const facts = factsOf(
      {
        chapters: of.chapters(enrollment),
        videos: of.videos(enrollment),
        attempts: of.attempts(enrollment),
        answers: of.answers(enrollment),
      },
      outline,
    );
    const now = evaluate(outline, facts);
    check('enrollment', row !== undefined);
    check(
      'progress',
      row?.totalProgress === now.totalProgress &&
        enrollment.progress === now.totalProgress &&
        row.completedItems === now.completedItems &&
        row.requiredItems === now.requiredItems &&
        equal(row.completedChapters, facts.completedChapters),
    );
    for (const { videoId } of of.videos(enrollment)) {
      check('video', equal(row?.watchedVideos[videoId], now.watchedVideos[videoId]));
    }
    for (const { quizId, number } of of.attempts(enrollment)) {
      check('quiz', equal(row?.quizAttempts[quizId]?.[number], facts.quizAttempts[quizId]?.[number]));
    }
    if (of.answers(enrollment).length > 0) check('qbank', row?.answeredQuestions === facts.answeredQuestions);
    if (enrollment.completedAt !== undefined) due.add(pair(enrollment));
  }
  const enrolled = new Set(enrollments.filter(({ status }) => status !== 'cancelled').map(pair));
  for (const request of requests) check('requests', !enrolled.has(pair(request)));
  for (const record of records) {
    const own = tests.filter((test) => pair(test) === pair(record) && test.status === 'completed');
    check('qbank', record.tests === own.length);
  }
  const aggregates = new Set<string>();
  const compare = (flow: FlowName, entries: readonly LedgerEntry[]) => {
    for (const { source, contribution } of coalesce(entries)) {
      for (const aggregate of Object.keys(contribution)) if (flow === 'analytics') aggregates.add(aggregate);
      check(flow, equal(ledger.get(source)?.contribution satisfies Contribution | undefined, contribution));
    }
  };
  compare('analytics', [
    ...students.flatMap((row) => entriesOf('students', row)),
    ...enrollments.flatMap((row) => entriesOf('enrollments', row)),
    ...requests.flatMap((row) => entriesOf('accessRequests', row)),
    ...payments.flatMap((row) => entriesOf('payments', row)),
    ...chapters.flatMap((row) => entriesOf('chapterCompletions', row)),
    ...videos.flatMap((row) => entriesOf('videoProgress', row)),
    ...attempts.flatMap((row) => entriesOf('quizAttempts', row)),
  ]);
  compare('qbank', [
    ...answers.flatMap((row) => qbankEntriesOf('qbankQuestionAttempts', row)),
    ...tests.flatMap((row) => qbankEntriesOf('qbankTests', row)),
    ...records.flatMap((row) => qbankEntriesOf('qbankRecords', row)),
  ]);
  // What was added up by hand is no sum of the ledger, and the rest is not there.
  for (const _aggregate of aggregates) check('analytics', false);
  for (const _completed of due) check('certificates', false);
  return FLOWS.map((name) => {
    const { checked, wrong } = seen.get(name) ?? { checked: 0, wrong: 0 };
    return { name, checked, wrong, missing: 0, orphaned: 0, repaired: 0 };
  });
}
