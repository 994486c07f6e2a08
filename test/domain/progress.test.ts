import { describe, expect, test } from 'vitest';
import type { Outline } from '../../shared/domain/course.ts';
import type { TestId } from '../../shared/domain/ids.ts';
import { emptyFacts, evaluate, factsOf, type SourceRows } from '../../shared/domain/progress.ts';
import {
  attempt,
  completion,
  id,
  outline,
  qbank,
  quiz,
  reading,
  video,
  waiver,
  watched,
} from './builders.ts';
import { answered } from './qbank-builders.ts';

interface Expected {
  totalProgress: number | null;
  completedItems: number;
  complete: boolean;
}

/** An answer to the question of that ordinal. */
const answer = (ordinal: number, over: Parameters<typeof answered>[2] = {}) =>
  answered(`q${ordinal}`, 'a', { ordinal, ...over });

function evaluated(of: Outline, rows: SourceRows) {
  return evaluate(of, factsOf(rows, of));
}

describe('progress of a course', () => {
  const all = outline({ ch1: [reading('r1'), video('v1')], ch2: [quiz('q1')] });

  test.each<[string, Outline, SourceRows, Expected]>([
    ['nothing done is 0', all, {}, { totalProgress: 0, completedItems: 0, complete: false }],
    [
      'a completed chapter completes its readings and its videos',
      all,
      { chapters: [completion('ch1')] },
      { totalProgress: 66, completedItems: 2, complete: false },
    ],
    [
      'a video counts by its share until it is complete',
      all,
      { videos: [watched('v1', [[0, 45]])] },
      { totalProgress: 15, completedItems: 0, complete: false },
    ],
    [
      'a video played for 90 percent counts whole',
      all,
      { videos: [watched('v1', [[10, 100]])] },
      { totalProgress: 33, completedItems: 1, complete: false },
    ],
    [
      'a passed quiz counts, by the best attempt',
      all,
      { attempts: [attempt('q1', 1, 50), attempt('q1', 2, 10)] },
      { totalProgress: 33, completedItems: 1, complete: false },
    ],
    [
      'a quiz that was not passed or not marked counts nothing',
      all,
      { attempts: [attempt('q1', 1, 49.99), attempt('q1', 2, null)] },
      { totalProgress: 0, completedItems: 0, complete: false },
    ],
    [
      'everything done is 100',
      all,
      { chapters: [completion('ch1')], attempts: [attempt('q1', 1, 100)] },
      { totalProgress: 100, completedItems: 3, complete: true },
    ],
    [
      'a course of nothing has no progress and is never complete',
      outline({}),
      { chapters: [completion('ch1')] },
      { totalProgress: null, completedItems: 0, complete: false },
    ],
    [
      'a course of weightless items has no progress',
      outline({ ch1: [reading('r1', { weight: 0 })] }),
      { chapters: [completion('ch1')] },
      { totalProgress: null, completedItems: 1, complete: false },
    ],
    [
      'a weightless required item keeps it below 100',
      outline({ ch1: [reading('r1')], ch2: [reading('r2', { weight: 0 })] }),
      { chapters: [completion('ch1')] },
      { totalProgress: 99, completedItems: 1, complete: false },
    ],
    [
      'an optional item neither counts nor is missed',
      outline({ ch1: [reading('r1')], ch2: [quiz('q1', { required: false })] }),
      { chapters: [completion('ch1')] },
      { totalProgress: 100, completedItems: 1, complete: true },
    ],
    [
      'almost everything is 99',
      outline({ ch1: [reading('r1', { weight: 1000 })], ch2: [reading('r2', { weight: 0.001 })] }),
      { chapters: [completion('ch1')] },
      { totalProgress: 99, completedItems: 1, complete: false },
    ],
    [
      'fractional weights lose no percent to rounding',
      outline({
        ch1: [reading('r1', { weight: 0.2 }), reading('r2', { weight: 0.7 })],
        ch2: [reading('r3', { weight: 0.1 }), reading('r4', { weight: 0.2 })],
      }),
      { chapters: [completion('ch1')] },
      { totalProgress: 75, completedItems: 2, complete: false },
    ],
    [
      'facts about items that the outline does not have do not count',
      outline({ ch9: [reading('r9')] }),
      {
        chapters: [completion('ch1')],
        videos: [watched('v1', [[0, 100]])],
        attempts: [attempt('q1', 1, 100)],
      },
      { totalProgress: 0, completedItems: 0, complete: false },
    ],
    [
      'a chapter completed before its video was added completes the video',
      outline({ ch1: [reading('r1'), video('v-new')] }),
      { chapters: [completion('ch1')] },
      { totalProgress: 100, completedItems: 2, complete: true },
    ],
    [
      'a completed chapter does not complete its quiz',
      outline({ ch1: [reading('r1'), quiz('q1')] }),
      { chapters: [completion('ch1')] },
      { totalProgress: 50, completedItems: 1, complete: false },
    ],
    [
      'an empty chapter can be completed without effect',
      outline({ ch1: [], ch2: [reading('r2')] }),
      { chapters: [completion('ch1')] },
      { totalProgress: 0, completedItems: 0, complete: false },
    ],
    [
      'a quiz with a pass mark of 0 still needs a mark',
      outline({ ch1: [quiz('q1', { passMark: 0 })] }),
      { attempts: [attempt('q1', 1, null)] },
      { totalProgress: 0, completedItems: 0, complete: false },
    ],
    [
      'ids that every object inherits are ids like others',
      outline({
        constructor: [reading('toString')],
        valueOf: [video('hasOwnProperty'), quiz('isPrototypeOf')],
      }),
      { attempts: [attempt('isPrototypeOf', 1, 100)] },
      { totalProgress: 33, completedItems: 1, complete: false },
    ],
  ])('%s', (_rule, of, rows, expected) => {
    expect(evaluated(of, rows)).toMatchObject(expected);
  });

  const bank = outline({ ch1: [reading('r1')], ch2: [qbank('b1', 4)] });

  test.each<[string, Outline, SourceRows, Expected]>([
    [
      'practice counts by its share of different questions answered, right or wrong',
      bank,
      { answers: [answer(0), answer(9_999, { correct: false })] },
      { totalProgress: 25, completedItems: 0, complete: false },
    ],
    [
      'a question that was answered again counts once',
      bank,
      { answers: [answer(3), answer(3, { version: 2 }), answer(3, { testId: id<TestId>('t2') })] },
      { totalProgress: 12, completedItems: 0, complete: false },
    ],
    [
      'practice is complete with as many questions as it asks for',
      bank,
      { answers: [0, 8, 16, 24].map((ordinal) => answer(ordinal)) },
      { totalProgress: 50, completedItems: 1, complete: false },
    ],
    [
      'more answers than practice asks for stand for nothing else',
      bank,
      { answers: Array.from({ length: 40 }, (_, ordinal) => answer(ordinal)) },
      { totalProgress: 50, completedItems: 1, complete: false },
    ],
    [
      'a void answer counts: the learner did what was asked',
      bank,
      { answers: [answer(0, { voided: true })] },
      { totalProgress: 12, completedItems: 0, complete: false },
    ],
    [
      'a completed chapter does not complete its practice',
      bank,
      { chapters: [completion('ch1'), completion('ch2')] },
      { totalProgress: 50, completedItems: 1, complete: false },
    ],
    [
      'waived practice is complete without an answer',
      bank,
      { waivers: [waiver('b1')] },
      { totalProgress: 50, completedItems: 1, complete: false },
    ],
    [
      'an answer counts for all practice of the course, whatever each asks for',
      outline({ ch1: [qbank('b1', 2)], ch2: [qbank('b2', 4)] }),
      { answers: [answer(0), answer(1)] },
      { totalProgress: 75, completedItems: 1, complete: false },
    ],
    [
      'answers count nothing in a course without practice',
      all,
      { answers: [answer(0)] },
      { totalProgress: 0, completedItems: 0, complete: false },
    ],
  ])('%s', (_rule, of, rows, expected) => {
    expect(evaluated(of, rows)).toMatchObject(expected);
  });

  test('what is kept of ten thousand answers is no longer than of the last alone', () => {
    const every = Array.from({ length: 10_000 }, (_, ordinal) => answer(ordinal));
    const [whole, last] = [every, every.slice(-1)].map((answers) => factsOf({ answers }, all));
    expect(whole?.answeredQuestions).toHaveLength(1_668);
    expect(last?.answeredQuestions).toHaveLength(1_668);
  });

  test('a video whose chapter was completed is watched, even when never played', () => {
    expect(evaluated(all, { chapters: [completion('ch1')] }).watchedVideos).toEqual({
      v1: { version: 0, seconds: 0, percent: 0, completed: true },
    });
  });

  test('what a completed chapter concluded goes when the outline loses the chapter', () => {
    const facts = factsOf({ chapters: [completion('ch1')] }, all);
    const before = evaluate(all, facts);
    const after = evaluate(outline({ ch2: [video('v1')] }), {
      ...facts,
      watchedVideos: before.watchedVideos,
    });
    expect(after.totalProgress).toBe(0);
    expect(after.watchedVideos).toEqual({});
  });

  test.each<[string, number, number, number]>([
    ['shorter', 45, 45, 100],
    ['longer', 450, 90, 20],
  ])('a video that was made %s counts by its present length', (_rule, duration, seconds, percent) => {
    const of = outline({ ch1: [video('v1', duration)] });
    const { watchedVideos, totalProgress } = evaluated(of, {
      videos: [watched('v1', [[0, 90]], { version: 7 })],
    });
    expect(watchedVideos).toEqual({ v1: { version: 7, seconds, percent, completed: percent === 100 } });
    expect(totalProgress).toBe(percent);
  });

  test('a video that is gone keeps its seconds for its return', () => {
    const gone = outline({ ch1: [reading('r1')] });
    const { watchedVideos } = evaluated(gone, {
      videos: [
        watched('v1', [
          [0, 50],
          [80, 90],
        ]),
      ],
    });
    expect(watchedVideos).toEqual({ v1: { version: 1, seconds: 60, percent: 0, completed: false } });
    expect(evaluate(all, { ...emptyFacts(), watchedVideos }).watchedVideos).toMatchObject({
      v1: { percent: 60 },
    });
  });

  test('a quiz marked down after it was passed counts no more', () => {
    const rows = { attempts: [attempt('q1', 1, 80, { version: 2 }), attempt('q1', 1, 20, { version: 3 })] };
    expect(evaluated(all, rows).totalProgress).toBe(0);
    expect(evaluated(all, { attempts: [...rows.attempts].reverse() }).totalProgress).toBe(0);
  });
});
