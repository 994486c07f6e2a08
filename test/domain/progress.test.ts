import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Item, Outline } from '../../shared/domain/course.ts';
import {
  emptyFacts,
  evaluate,
  factsOf,
  mergeFacts,
  type Facts,
  type SourceRows,
} from '../../shared/domain/progress.ts';
import { attempt, completion, outline, quiz, reading, video, watched } from './builders.ts';

interface Expected {
  totalProgress: number | null;
  completedItems: number;
  complete: boolean;
}

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

describe('any outline and any facts', () => {
  const weight = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1000, noNaN: true }));
  const item = (itemId: string): fc.Arbitrary<Item> =>
    fc
      .record({
        kind: fc.constantFrom('reading', 'video', 'quiz'),
        weight,
        required: fc.boolean(),
        duration: fc.integer({ min: 1, max: 200 }),
      })
      .map(({ kind, duration, ...over }) =>
        kind === 'reading'
          ? reading(itemId, over)
          : kind === 'video'
            ? video(itemId, duration, over)
            : quiz(itemId, over),
      );
  const anyOutline = fc
    .tuple(
      fc.tuple(item('i1'), item('i2'), item('i3')),
      fc.tuple(item('i4'), item('i5')),
      fc.integer({ min: 0, max: 3 }),
    )
    .map(([first, second, cut]) => outline({ ch1: first.slice(0, cut), ch2: second }));
  const itemId = fc.constantFrom('i1', 'i2', 'i3', 'i4', 'i5', 'gone');
  const rows: fc.Arbitrary<SourceRows> = fc.record({
    chapters: fc.array(
      fc.constantFrom('ch1', 'ch2', 'gone').map((chapter) => completion(chapter)),
      { maxLength: 3 },
    ),
    videos: fc.array(
      fc
        .tuple(itemId, fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 250 }))
        .map(([video, from, to]) => watched(video, [[from, to]])),
      { maxLength: 4 },
    ),
    attempts: fc.array(
      fc
        .tuple(itemId, fc.integer({ min: 1, max: 3 }), fc.option(fc.integer({ min: 0, max: 100 })))
        .map(([quiz, number, score]) => attempt(quiz, number, score)),
      { maxLength: 5 },
    ),
  });

  test('progress is null or whole, 0 to 100, and 100 exactly when complete', () => {
    fc.assert(
      fc.property(anyOutline, rows, (of, given) => {
        const { totalProgress, complete, completedItems, requiredItems, itemCompletion } = evaluated(
          of,
          given,
        );
        const weights = of.chapters
          .flatMap((chapter) => chapter.items)
          .filter((each) => each.required)
          .map((each) => each.weight);
        expect(totalProgress === null).toBe(!weights.some((each) => each > 0));
        if (totalProgress !== null) {
          expect(Number.isInteger(totalProgress)).toBe(true);
          expect(totalProgress).toBeGreaterThanOrEqual(0);
          expect(totalProgress).toBeLessThanOrEqual(100);
        }
        expect(totalProgress === 100).toBe(complete);
        expect(complete).toBe(totalProgress !== null && completedItems === requiredItems);
        for (const share of itemCompletion.values()) expect(share >= 0 && share <= 1).toBe(true);
      }),
    );
  });

  test('more facts never lower progress', () => {
    fc.assert(
      fc.property(anyOutline, rows, rows, (of, some, more) => {
        // Other attempts and videos than the first ones: newer versions may well lower a mark.
        const added: SourceRows = {
          chapters: more.chapters ?? [],
          attempts: (more.attempts ?? []).map((each) => ({ ...each, number: each.number + 10 })),
        };
        const facts = factsOf(some, of);
        const before = evaluate(of, facts).totalProgress ?? 0;
        expect(evaluate(of, mergeFacts(facts, factsOf(added, of))).totalProgress ?? 0).toBeGreaterThanOrEqual(
          before,
        );
      }),
    );
  });
});

describe('merging facts', () => {
  // A world in which a version of a row says one thing, as the tables do.
  const version = fc.integer({ min: 1, max: 6 });
  const name = fc.constantFrom('a', 'b', 'constructor');
  const facts: fc.Arbitrary<Facts> = fc
    .record({
      chapters: fc.array(fc.tuple(name, version), { maxLength: 3 }),
      videos: fc.array(fc.tuple(name, version), { maxLength: 3 }),
      attempts: fc.array(fc.tuple(name, fc.integer({ min: 1, max: 3 }), version), { maxLength: 5 }),
    })
    .map(({ chapters, videos, attempts }) =>
      factsOf(
        {
          chapters: chapters.map(([chapter, v]) => completion(chapter, { version: v })),
          videos: videos.map(([of, v]) => watched(of, [[0, v * 10]], { version: v })),
          attempts: attempts.map(([of, number, v]) =>
            attempt(of, number, v === 1 ? null : (v * 37) % 100, { version: v }),
          ),
        },
        outline({ ch1: [video('a', 45), quiz('b')] }),
      ),
    );

  test('is commutative, associative and idempotent, and nothing is its neutral element', () => {
    fc.assert(
      fc.property(facts, facts, facts, (a, b, c) => {
        expect(mergeFacts(a, b)).toEqual(mergeFacts(b, a));
        expect(mergeFacts(mergeFacts(a, b), c)).toEqual(mergeFacts(a, mergeFacts(b, c)));
        expect(mergeFacts(a, a)).toEqual(a);
        expect(mergeFacts(mergeFacts(a, b), b)).toEqual(mergeFacts(a, b));
        expect(mergeFacts(a, emptyFacts())).toEqual(a);
        expect(mergeFacts(emptyFacts(), a)).toEqual(a);
      }),
    );
  });

  test('of one version takes what the present outline makes of it', () => {
    const rows = { videos: [watched('v1', [[0, 90]], { version: 3 })] };
    const long = factsOf(rows, outline({ ch1: [video('v1', 100)] }));
    const short = factsOf(rows, outline({ ch1: [video('v1', 30)] }));
    expect(mergeFacts(long, short).watchedVideos).toEqual({ v1: { version: 3, seconds: 30 } });
  });
});
