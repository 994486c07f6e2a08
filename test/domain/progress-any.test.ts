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
import { attempt, completion, outline, qbank, quiz, reading, video, watched } from './builders.ts';
import { answered } from './qbank-builders.ts';

/** Ordinals on both sides of a byte's end, and far off. */
const ordinals = fc.array(fc.constantFrom(0, 1, 7, 8, 9, 15, 16, 9_999), { maxLength: 6 });
const answers = (given: readonly number[]) =>
  given.map((ordinal) => answered(`q${ordinal}`, 'a', { ordinal }));

function evaluated(of: Outline, rows: SourceRows) {
  return evaluate(of, factsOf(rows, of));
}

describe('any outline and any facts', () => {
  const weight = fc.oneof(fc.constant(0), fc.constant(1), fc.double({ min: 0, max: 1000, noNaN: true }));
  const item = (itemId: string): fc.Arbitrary<Item> =>
    fc
      .record({
        kind: fc.constantFrom('reading', 'video', 'quiz', 'qbank'),
        weight,
        required: fc.boolean(),
        duration: fc.integer({ min: 1, max: 200 }),
      })
      .map(({ kind, duration, ...over }) => {
        if (kind === 'reading') return reading(itemId, over);
        if (kind === 'video') return video(itemId, duration, over);
        return kind === 'quiz' ? quiz(itemId, over) : qbank(itemId, 1 + (duration % 8), over);
      });
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
    answers: ordinals.map(answers),
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
          answers: more.answers ?? [],
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
      questions: ordinals,
    })
    .map(({ chapters, videos, attempts, questions }) =>
      factsOf(
        {
          chapters: chapters.map(([chapter, v]) => completion(chapter, { version: v })),
          videos: videos.map(([of, v]) => watched(of, [[0, v * 10]], { version: v })),
          attempts: attempts.map(([of, number, v]) =>
            attempt(of, number, v === 1 ? null : (v * 37) % 100, { version: v }),
          ),
          answers: answers(questions),
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
