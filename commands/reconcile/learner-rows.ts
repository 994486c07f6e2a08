import type { Outline } from '../../shared/domain/course.ts';
import { enroll, unenroll } from '../../shared/domain/enrollment.ts';
import { isId, type Id } from '../../shared/domain/ids.ts';
import { register } from '../../shared/domain/profile.ts';
import { emptyFacts, type Facts, factsOf } from '../../shared/domain/progress.ts';
import { project } from '../../shared/domain/project.ts';
import { answerQuestion } from '../../shared/domain/qbank-answer.ts';
import { finishTest } from '../../shared/domain/qbank-finish.ts';
import { versionPart } from '../../shared/domain/qbank-question.ts';
import type {
  AnswerState,
  BankQuestionState,
  MetState,
  TestState,
} from '../../shared/domain/qbank-states.ts';
import { closeTest, startTest } from '../../shared/domain/qbank-test.ts';
import type { Cause, Stamp } from '../../shared/domain/stamp.ts';
import type {
  AccessRequestState,
  AttemptState,
  ChapterCompletionState,
  EnrollmentState,
  PaymentState,
  ProgressState,
  StudentState,
  VideoProgressState,
  WaiverState,
} from '../../shared/domain/states.ts';
import * as keys from '../../shared/store/keys.ts';
import type { Chance } from './chance.ts';
import { FILM_SECONDS, type FilledCourse, OPTIONS, PRACTICE } from './courses.ts';
import type { Put, Written } from './tables.ts';

/** The id that a text is. */
export function named<T extends Id<string>>(text: string): T {
  if (isId<T>(text)) return text;
  throw new Error(`${text} is not an id`);
}

/** What a person did, and when: the time goes on with each deed. */
interface Deeds {
  readonly chance: Chance;
  /** The next moment, and the stamp of the first version of a row. */
  readonly stamp: () => Stamp;
}

function deedsFrom(start: Date, name: string, chance: Chance): Deeds {
  let [time, count] = [start.getTime(), 0];
  return {
    chance,
    stamp: () => {
      time += 60_000 * (1 + chance.draw(600));
      count += 1;
      const at = new Date(time).toISOString();
      return { version: 1, updatedAt: at, causedBy: `filled-${name}-${count}`, causedAt: at };
    },
  };
}

/**
 * All rows of a person who has studied in some of the courses, as the domain's own functions make them: the sources, and
 * of what is derived the rows that requests write together with them. The streams derive the rest.
 */
export function learnerRows(given: {
  readonly name: string;
  readonly courses: readonly FilledCourse[];
  /** Of these the person is in so many. */
  readonly coursesEach: number;
  readonly chance: Chance;
  readonly since: Date;
}): Written[] {
  const { name, courses, coursesEach, chance, since } = given;
  const deeds = deedsFrom(since, name, chance);
  const userId = named<StudentState['userId']>(name);
  const signUp = deeds.stamp();
  let student = register({
    userId,
    student: undefined,
    name: `Learner ${name}`,
    email: `${name}@school.example`,
    now: signUp.updatedAt,
    cause: signUp,
  });
  const chosen = chance.some(courses, coursesEach);
  const rows: Written[] = [];
  for (const course of chosen) {
    const entered = entry(userId, course, student, deeds);
    student = entered.student ?? student;
    rows.push(...entered.rows);
  }
  const asked = courses.find((each) => each.source === 'request' && !chosen.includes(each));
  if (asked !== undefined && chance.hits(10)) {
    const stamp = deeds.stamp();
    const request: AccessRequestState = {
      userId,
      courseId: asked.course.courseId,
      status: 'pending',
      requestedAt: stamp.updatedAt,
      ...stamp,
      // As a command counts it.
      version: Date.parse(stamp.updatedAt),
    };
    rows.push({ table: 'accessRequests', item: request });
  }
  return student === undefined ? rows : [{ table: 'students', item: student }, ...rows];
}

/** A person's way into a course and through it. */
function entry(
  userId: StudentState['userId'],
  filled: FilledCourse,
  student: StudentState | undefined,
  deeds: Deeds,
): { readonly rows: Written[]; readonly student: StudentState | undefined } {
  const { course, outlines, source } = filled;
  const { chance } = deeds;
  const { courseId } = course;
  const own = { userId, courseId };
  // Who came before the course had grown goes through the outlines of both times.
  const since = chance.hits(60) ? 1 : outlines.length;
  const [first, ...later] = outlines.slice(since - 1);
  if (first === undefined) throw new Error(`${courseId} was never published`);
  const payment = source === 'payment' ? paymentOf(own, filled, deeds) : undefined;
  const stamp = deeds.stamp();
  const entered = enroll({
    userId,
    course: { ...course, outlineVersion: since },
    outline: first,
    enrollment: undefined,
    progress: undefined,
    student,
    request: undefined,
    source,
    payment,
    now: stamp.updatedAt,
    cause: stamp,
  });
  let { enrollment, progress } = entered;
  const { rows, facts } = study(own, enrollment, filled, first, deeds);
  const bring = (outline: Outline, outlineVersion: number, all: Facts) => {
    const { updatedAt: now, ...cause } = deeds.stamp();
    const projection = project({ enrollment, progress, outline, outlineVersion, facts: all, now, cause });
    enrollment = projection.enrollment ?? enrollment;
    progress = projection.progress ?? progress;
  };
  bring(first, since, facts);
  for (const [index, outline] of later.entries()) bring(outline, since + index + 1, emptyFacts());
  if (chance.hits(5)) {
    const left = deeds.stamp();
    enrollment =
      unenroll({ enrollment, by: 'student', title: undefined, now: left.updatedAt, cause: left })
        .enrollment ?? enrollment;
  }
  return {
    student: entered.student,
    rows: [
      ...(payment === undefined ? [] : [{ table: 'payments', item: payment } as const]),
      ...learnerPair(enrollment, progress),
      ...rows,
    ],
  };
}

/** The two rows of a learner in a course. */
export function learnerPair(
  enrollment: EnrollmentState | undefined,
  progress: ProgressState | undefined,
): Written[] {
  return [
    ...(enrollment === undefined ? [] : [{ table: 'enrollments', item: enrollment } as const]),
    ...(progress === undefined ? [] : [{ table: 'studentProgress', item: progress } as const]),
  ];
}

type Own = Pick<EnrollmentState, 'userId' | 'courseId'>;

function paymentOf(own: Own, { course }: FilledCourse, deeds: Deeds): PaymentState {
  const stamp = deeds.stamp();
  return {
    ...own,
    paymentId: named('bought'),
    amount: course.price?.amount ?? 1,
    currency: course.price?.currency ?? 'EUR',
    status: 'completed',
    createdAt: stamp.updatedAt,
    order: {
      title: course.title,
      successUrl: 'https://school.example/thanks',
      cancelUrl: 'https://school.example/back',
    },
    completedAt: stamp.updatedAt,
    completedBy: `event-${stamp.causedBy}`,
    ...stamp,
  };
}

/** What somebody did in a course: nothing, a part of it, or all of it. */
function study(
  own: Own,
  enrollment: EnrollmentState | undefined,
  filled: FilledCourse,
  outline: Outline,
  deeds: Deeds,
): { readonly rows: Written[]; readonly facts: Facts } {
  const { chance } = deeds;
  const percent = chance.pick([0, 45, 45, 45, 100]);
  const does = () => chance.hits(percent);
  const chapters = does() ? [completionRow(own, 'read', deeds.stamp())] : [];
  const videos = does() ? [videoRow(own, percent === 100 ? 580 : 30 + chance.draw(500), deeds.stamp())] : [];
  const quizzes = does()
    ? Array.from({ length: 1 + chance.draw(2) }, (_, index) =>
        attemptRow(own, index + 1, percent === 100 ? 100 : chance.pick([0, 50, 100]), deeds.stamp()),
      )
    : [];
  const practice = chance.hits(percent * 0.4) ? practise(own, enrollment, filled.bank, deeds) : undefined;
  const spared = practice === undefined && (percent === 100 || chance.hits(4));
  const waivers = spared ? [waiverRow(own, deeds.stamp())] : [];
  const facts = factsOf(
    { chapters, videos, attempts: quizzes, waivers, answers: practice?.answers ?? [] },
    outline,
  );
  return {
    facts,
    rows: [
      ...chapters.map(chapterItem),
      ...videos.map(videoItem),
      ...quizzes.map(attemptItem),
      ...waivers.map(waiverItem),
      ...(practice?.rows ?? []),
    ],
  };
}

export function completionRow(own: Own, chapterId: string, stamp: Stamp): ChapterCompletionState {
  return { ...own, chapterId: named(chapterId), completedAt: stamp.updatedAt, ...stamp };
}

export function chapterItem(row: ChapterCompletionState): Put {
  const key = keys.chapterCompletionKey(row.userId, row.courseId, row.chapterId);
  return { table: 'chapterCompletions', item: { ...row, ...key } };
}

export function videoRow(own: Own, seconds: number, stamp: Stamp): VideoProgressState {
  const day = stamp.updatedAt.slice(0, 10);
  return {
    ...own,
    videoId: named('film'),
    intervals: [[0, Math.min(seconds, FILM_SECONDS)]],
    days: [day],
    ...stamp,
  };
}

export function videoItem(row: VideoProgressState): Put {
  const key = keys.videoKey(row.userId, row.courseId, row.videoId);
  const positionSeconds = row.intervals.at(-1)?.[1] ?? 0;
  const memory = { positionSeconds, lastBeatAt: row.updatedAt, playheads: {} };
  return { table: 'videoProgress', item: { ...row, ...memory, ...key } };
}

export function attemptRow(own: Own, number: number, score: number, stamp: Stamp): AttemptState {
  return {
    ...own,
    quizId: named('quiz'),
    number,
    attemptId: named(`try-${number}`),
    score,
    passMark: 50,
    submittedAt: stamp.updatedAt,
    ...stamp,
  };
}

export function attemptItem(row: AttemptState): Put {
  const key = keys.attemptKey(row.userId, row.courseId, row.quizId, row.number);
  return { table: 'quizAttempts', item: { ...row, ...key } };
}

export function waiverRow(own: Own, stamp: Stamp): WaiverState {
  return {
    ...own,
    itemId: named('drill'),
    waived: true,
    reason: 'was examined elsewhere',
    waivedBy: named('head'),
    waivedAt: stamp.updatedAt,
    ...stamp,
  };
}

export function waiverItem(row: WaiverState): Put {
  const key = keys.waiverKey(row.userId, row.courseId, row.itemId);
  return { table: 'waivers', item: { ...row, ...key } };
}

/** A test of the bank from its beginning to its score. */
function practise(
  own: Own,
  enrollment: EnrollmentState | undefined,
  bank: readonly BankQuestionState[],
  deeds: Deeds,
): { readonly rows: Written[]; readonly answers: readonly AnswerState[] } {
  const { chance } = deeds;
  const start = deeds.stamp();
  const [now, cause]: [string, Cause] = [start.updatedAt, start];
  let test: TestState | undefined = startTest({
    ...own,
    testId: named('practice'),
    wish: { mode: 'tutor', topics: [], count: PRACTICE, from: 'all' },
    test: undefined,
    enrollment,
    questions: bank,
    history: { seen: '', solved: '' },
    draw: chance.draw,
    now,
    cause,
  });
  if (test === undefined) throw new Error('The test was there already');
  const paper = { ...own, questions: test.questions, ...start };
  const answers: AnswerState[] = [];
  const mets = new Map<string, MetState>();
  for (const { questionId, questionVersion, ordinal } of test.questions) {
    const question = bank.find((each) => each.ordinal === ordinal);
    if (question === undefined) continue;
    const decided = answerQuestion({
      test,
      version: {
        ...question,
        part: versionPart(questionId, questionVersion),
        stem: '',
        options: question.optionIds.map((optionId) => ({ optionId, text: '' })),
        explanation: '',
      },
      voided: false,
      answer: undefined,
      met: undefined,
      command: {
        questionId,
        optionId: named(chance.pick(['a', ...OPTIONS])),
        answerId: named(questionId),
        seconds: 5 + chance.draw(60),
      },
      now: deeds.stamp().updatedAt,
      cause,
    });
    test = decided.test ?? test;
    answers.push(decided.standing);
    if (decided.met !== undefined) mets.set(questionId, decided.met);
  }
  const end = deeds.stamp();
  const closed = closeTest(test, end.updatedAt, end);
  const finished = finishTest({
    test: closed,
    answers,
    mets: [...mets.values()],
    record: undefined,
    voided: () => false,
    now: end.updatedAt,
    cause: end,
  });
  for (const met of finished?.mets ?? []) mets.set(met.questionId, met);
  const { questions: _paper, ...head } = finished?.test ?? closed;
  const key = keys.testKey(own.userId, own.courseId, closed.testId);
  return {
    answers,
    rows: [
      { table: 'qbankTests', item: { ...head, ...key } },
      { table: 'qbankPapers', item: { ...paper, ...key } },
      ...answers.map((answer): Written => ({
        table: 'qbankQuestionAttempts',
        item: {
          ...answer,
          ...keys.answerKey(answer.userId, answer.courseId, answer.testId, answer.questionId),
        },
      })),
      ...[...mets.values()].map((met): Written => ({
        table: 'qbankMeetings',
        item: {
          ...met,
          ...keys.meetingKey(met.userId, met.courseId, met.questionId),
          question: keys.questionMet(met.courseId, met.questionId),
        },
      })),
      ...(finished?.record === undefined
        ? []
        : [{ table: 'qbankRecords', item: { ...finished.record } } as const]),
    ],
  };
}
