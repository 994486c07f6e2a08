import { describe, expect, it } from 'vitest';
import { migrateCourse } from '../../shared/domain/legacy-course.ts';
import {
  migrateAccessRequest,
  migrateEnrollment,
  migratePayment,
  migrateStudent,
} from '../../shared/domain/legacy-enrollment.ts';
import { migrateFigures, migrateLedger } from '../../shared/domain/legacy-figures.ts';
import { migrateAnswer, migrateQuestion, migrateTest } from '../../shared/domain/legacy-bank.ts';
import {
  computedOf,
  migrateAttempt,
  migrateProgress,
  migrateVideo,
} from '../../shared/domain/legacy-progress.ts';
import { momentOf } from '../../shared/domain/legacy-row.ts';

const given = {
  now: '2026-11-22T10:00:00.000Z',
  cause: { causedBy: 'migration-1', causedAt: '2026-11-22T09:59:00.000Z' },
};
const stamp = { version: 1, updatedAt: given.now, causedBy: 'migration-1' };

const oldCourse = {
  courseId: 'c',
  part: 'course',
  title: 'C',
  status: 'Active',
  chapters: [
    { id: 'one', title: 'One' },
    {
      id: 'two',
      title: 'Two',
      video: { id: 'film', duration: 100 },
      quiz: {
        id: 'quiz',
        passingScore: 60,
        questions: [{ id: 'q', question: 'What?', options: ['This', 'That'], correctAnswer: 1 }],
      },
    },
  ],
};
const outline = {
  chapters: [
    { chapterId: 'one', items: [{ kind: 'reading', itemId: 'one.text' }] },
    {
      chapterId: 'two',
      items: [
        { kind: 'video', itemId: 'film', durationSeconds: 100 },
        {
          kind: 'quiz',
          itemId: 'quiz',
          passMark: 60,
          marking: { by: 'key', questions: [{ key: 'option-2' }] },
        },
      ],
    },
  ],
};

describe('the status of a course', () => {
  it.each([
    ['draft', 'draft', 0],
    ['published', 'published', 1],
    ['Published', 'published', 1],
    ['active', 'published', 1],
    ['Active', 'published', 1],
  ])('%s is %s now', (status, canonical, outlineVersion) => {
    const migrated = migrateCourse({ ...oldCourse, status }, given);
    expect(migrated).toMatchObject({ course: { status: canonical, outlineVersion, version: 1 } });
    expect(migrated).toHaveProperty('draft');
    expect(Object.hasOwn(migrated ?? {}, 'outline')).toBe(canonical === 'published');
  });

  it('that never was one is not guessed', () => {
    expect(migrateCourse({ ...oldCourse, status: 'ACTIVE!' }, given)).toEqual({ unreadable: ['status'] });
  });
});

describe('a course with its chapters in its row', () => {
  it('has an outline of items, and keeps what nobody understands', () => {
    const migrated = migrateCourse({ ...oldCourse, teacher: 'Eve' }, given);
    expect(migrated).toMatchObject({
      course: { teacher: 'Eve' },
      outline: { part: 'outline#000001', ...outline },
    });
    expect(migrated).not.toHaveProperty('course.chapters');
  });

  it('is set aside where a chapter cannot be read', () => {
    const chapters = [...oldCourse.chapters, { id: 'no id', title: 'Three' }];
    expect(migrateCourse({ ...oldCourse, chapters }, given)).toEqual({ unreadable: ['chapters.2'] });
  });

  it('that asked for money is paid, in the currency as it is written now', () => {
    expect(migrateCourse({ ...oldCourse, price: 4900, currency: 'eur' }, given)).toMatchObject({
      course: { access: 'paid', price: { amount: 4900, currency: 'EUR' } },
    });
  });
});

const inForce = () => {
  const migrated = migrateCourse(oldCourse, given);
  if (migrated === undefined || 'unreadable' in migrated || migrated.outline === undefined)
    throw new Error('No outline');
  return { title: 'C', outlineVersion: 1, outline: { chapters: migrated.outline.chapters } };
};
const ann = { userId: 'ann', courseId: 'c' };

describe('an enrollment', () => {
  it('whose progress was never updated is as unknown as it was, and its time keeps its new name', () => {
    expect(
      migrateEnrollment({ ...ann, status: 'active', enrollmentDate: '2025-03-01T10:00:00Z' }, given),
    ).toEqual({
      ...ann,
      status: 'active',
      source: 'direct',
      progress: null,
      attempted: false,
      enrolledAt: '2025-03-01T10:00:00.000Z',
      ...stamp,
      causedAt: '2025-03-01T10:00:00.000Z',
    });
  });

  it('that was completed stays so, from the time that is known', () => {
    const row = {
      ...ann,
      status: 'completed',
      progress: 0,
      createdAt: 1_740_000_000,
      completionDate: 1_750_000_000_000,
    };
    expect(migrateEnrollment(row, given)).toMatchObject({
      progress: 0,
      completedAt: '2025-06-15T15:06:40.000Z',
    });
  });

  it('that was paid for says so', () => {
    expect(migrateEnrollment({ ...ann, status: 'active', paymentId: 'p1' }, given)).toMatchObject({
      source: 'payment',
      paymentId: 'p1',
    });
  });
});

describe('a learner who was known by chapters only', () => {
  const row = {
    ...ann,
    completedChapters: new Set(['one', 'two']),
    watchedVideos: ['film', 'gone'],
    totalProgress: 100,
    startedAt: '2025-03-01T10:00:00Z',
    lastUpdated: '2025-04-01T10:00:00Z',
    mood: 'good',
  };

  it('gets a row for each completed chapter, of the oldest time that is known', () => {
    expect(migrateProgress(row, { ...given, course: inForce() })).toMatchObject({
      chapters: ['one', 'two'].map((chapterId) => ({
        completion: `c#${chapterId}`,
        completedAt: '2025-03-01T10:00:00.000Z',
        version: 1,
      })),
      totalProgress: 100,
      progress: { mood: 'good', unknownVideos: ['gone'] },
    });
  });

  it('keeps the percentage until it is recalculated by the rule of today', () => {
    const at = { version: 1, completedAt: '2025-03-01T10:00:00.000Z' };
    const facts = { completedChapters: { one: at, two: at }, watchedVideos: {} };
    expect(computedOf(100, facts, inForce().outline)).toMatchObject({
      totalProgress: 100,
      completedItems: 2,
      requiredItems: 3,
      ruleVersion: 1,
      watchedVideos: { film: { version: 0, seconds: 0, completed: true } },
    });
    expect(computedOf(0, { completedChapters: {}, watchedVideos: {} }, inForce().outline).ruleVersion).toBe(
      2,
    );
  });

  it('has watched a video that was ticked off without its chapter', () => {
    const migrated = migrateProgress({ ...row, completedChapters: ['one'] }, { ...given, course: inForce() });
    expect(migrated).toMatchObject({
      videos: [{ videoId: 'film', durationSeconds: 100, tickedAt: '2025-04-01T10:00:00.000Z' }],
    });
  });

  it('is set aside where the list is none', () => {
    const migrated = migrateProgress({ ...row, completedChapters: 'one' }, { ...given, course: undefined });
    expect(migrated).toEqual({ unreadable: ['completedChapters'] });
  });
});

describe('a video that never reached the progress', () => {
  const row = { userId: 'ann', video: 'c#film', watchedSeconds: 40, lastWatched: '2025-03-05T10:00:00Z' };

  it('has its seconds from the beginning', () => {
    expect(migrateVideo(row, { ...given, durationSeconds: 100 })).toMatchObject({
      ...ann,
      videoId: 'film',
      intervals: [[0, 40]],
      days: ['2025-03-05'],
      lastBeatAt: '2025-03-05T10:00:00.000Z',
    });
  });

  it.each([{ completed: true }, { percentage: 92 }])('is complete now where it was at 90 %%: %o', (said) => {
    const migrated = migrateVideo({ ...row, ...said }, { ...given, durationSeconds: 100 });
    expect(migrated).toMatchObject({ intervals: [[0, said.percentage ?? 90]] });
  });

  it('is set aside where nothing says how much was watched', () => {
    const { watchedSeconds: _none, ...rest } = row;
    expect(migrateVideo(rest, { ...given, durationSeconds: 100 })).toEqual({
      unreadable: ['watchedSeconds'],
    });
  });
});

describe('an attempt at a quiz that never reached the progress', () => {
  const row = {
    userId: 'ann',
    attempt: 'c#quiz#0002',
    score: 66.666,
    answers: [0, 1],
    completedAt: '2025-03-05T10:00:00Z',
  };

  it('has its number, its score and the pass mark of the quiz', () => {
    expect(migrateAttempt(row, { ...given, passMark: 60 })).toMatchObject({
      ...ann,
      quizId: 'quiz',
      number: 2,
      score: 66.67,
      passMark: 60,
      oldAnswers: [0, 1],
      submittedAt: '2025-03-05T10:00:00.000Z',
    });
  });

  it('is set aside with a score beyond 100', () => {
    expect(migrateAttempt({ ...row, score: 120 }, { ...given, passMark: 60 })).toEqual({
      unreadable: ['score'],
    });
  });
});

describe('the question bank, with statistics by hand', () => {
  const bankOf = () => {
    const row = {
      courseId: 'c',
      part: 'question#q',
      question: 'What?',
      options: ['A', 'B'],
      correctAnswer: 1,
      category: 'Heart & Lung',
      difficulty: 'HARD',
    };
    const migrated = migrateQuestion(row, { ...given, bank: undefined });
    if (migrated === undefined || 'unreadable' in migrated) throw new Error('No question');
    return migrated;
  };
  const key = { userId: 'ann', courseId: 'c', testId: 't' } as never;

  it('numbers its questions and has a first version of each', () => {
    expect(bankOf()).toMatchObject({
      bank: { questions: 1 },
      question: { ordinal: 0, questionVersion: 1, key: 'option-2', topic: 'Heart-Lung', difficulty: 'hard' },
      version: { stem: 'What?' },
    });
  });

  it('finds out which attempt was the first, and what a completed test amounts to', () => {
    const { question } = bankOf();
    const answered = migrateAnswer(
      { userId: 'ann', attempt: 'c#t#q', selectedAnswer: 0, isCorrect: false, timeSpent: 12.4 },
      { ...given, key, question, met: undefined },
    );
    if (answered === undefined || 'unreadable' in answered) throw new Error('No answer');
    expect(answered).toMatchObject({
      answer: { first: true, correct: false, seconds: 12 },
      met: { version: 1 },
    });
    const row = {
      userId: 'ann',
      test: 'c#t',
      status: 'completed',
      questionIds: ['q'],
      score: 50,
      completedAt: '2025-03-05T10:00:00Z',
    };
    const bank = new Map([['q', question]]);
    const of = { ...given, bank, answers: [answered.answer], mets: [], record: undefined };
    expect(migrateTest(row, of)).toMatchObject({
      test: {
        score: 0,
        oldScore: 50,
        version: 1,
        results: [{ questionId: 'q', first: true, correct: false }],
      },
      record: { tests: 1, firstAnswers: 1, firstRight: 0 },
    });
    expect(migrateTest({ ...row, questionIds: ['gone'] }, of)).toEqual({ unreadable: ['questionIds'] });
    expect(migrateTest(row, { ...of, answers: [] })).toEqual({ unreadable: ['score'] });
  });
});

describe('figures that were added up by hand', () => {
  it('count no more, and are kept', () => {
    expect(
      migrateFigures({ scope: 'school', part: 'total#0', enrollments: 7, average: 41.5 }, given),
    ).toEqual({
      scope: 'school',
      part: 'total#0',
      figuresByHand: '{"average":41.5,"enrollments":7}',
      ...stamp,
      causedAt: given.cause.causedAt,
    });
  });

  it('that were noted by source are the contribution of its first version', () => {
    const counted = { 'school|total': { learners: 1 } };
    expect(migrateLedger({ source: 'students#ann', counted }, given)).toMatchObject({
      sourceVersion: 1,
      contribution: counted,
    });
    expect(migrateLedger({ source: 'students#ann' }, given)).toMatchObject({
      sourceVersion: 0,
      contribution: {},
    });
  });
});

describe('a request', () => {
  it('has the version of its time, so that versions grow over deletions', () => {
    const row = { ...ann, status: 'pending', requestDate: '2025-03-01T10:00:00Z', message: 'Please' };
    expect(migrateAccessRequest(row, given)).toMatchObject({
      message: 'Please',
      requestedAt: '2025-03-01T10:00:00.000Z',
      version: Date.parse('2025-03-01T10:00:00Z'),
    });
    expect(migrateAccessRequest({ ...ann, status: 'pending' }, given)).toEqual({
      unreadable: ['requestDate'],
    });
  });
});

describe('rows of today', () => {
  it('come out unchanged from every migration', () => {
    const row = { ...ann, status: 'active', version: 3 };
    expect(
      [
        migrateCourse({ ...row, status: 'published' }, given),
        migrateStudent(row, { ...given, enrolled: true }),
        migrateEnrollment(row, given),
        migrateAccessRequest(row, given),
        migratePayment(row, { ...given, courseTitle: '' }),
        migrateProgress(row, { ...given, course: undefined }),
        migrateVideo(row, { ...given, durationSeconds: 1 }),
        migrateAttempt(row, { ...given, passMark: 1 }),
        migrateFigures(row, given),
        migrateLedger(row, given),
      ].filter((migrated) => migrated !== undefined),
    ).toEqual([]);
  });

  it('are what a migration makes: it has nothing more to do', () => {
    const once = migrateEnrollment({ ...ann, status: 'active' }, given);
    expect(migrateEnrollment({ ...once }, given)).toBeUndefined();
  });
});

it.each([
  ['2025-03-01T10:00:00Z', '2025-03-01T10:00:00.000Z'],
  [1_740_823_200, '2025-03-01T10:00:00.000Z'],
  [1_740_823_200_000, '2025-03-01T10:00:00.000Z'],
  ['soon', undefined],
  [-1, undefined],
  [1e300, undefined],
  [null, undefined],
])('reads %s as the moment %s', (value, moment) => {
  expect(momentOf(value)).toBe(moment);
});
