import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equal } from '../../shared/domain/equal.ts';
import { isId } from '../../shared/domain/ids.ts';
import { chapterOf, findChapter, findItem, requiredItems } from '../../shared/domain/outline.ts';
import { newestCause, nextStamp } from '../../shared/domain/stamp.ts';
import { at, cause, outline, quiz, reading, refusal, video } from './builders.ts';

const of = outline({ ch1: [reading('r1'), video('v1')], ch2: [quiz('q1', { required: false })] });

describe('looking up an outline', () => {
  test('finds chapters and items of a kind', () => {
    expect(findChapter(of, 'ch2').items).toHaveLength(1);
    expect(findItem(of, 'v1', 'video').durationSeconds).toBe(100);
    expect(chapterOf(of, 'q1')?.chapterId).toBe('ch2');
    expect(chapterOf(of, 'none')).toBeUndefined();
    expect(requiredItems(of).map((item) => item.itemId)).toEqual(['r1', 'v1']);
  });

  test.each([
    ['a chapter that is not there', () => findChapter(of, 'ch9'), 'chapter_unknown'],
    ['an item that is not there', () => findItem(of, 'v9', 'video'), 'item_unknown'],
    ['an item of another kind', () => findItem(of, 'r1', 'video'), 'item_unknown'],
  ])('refuses %s', (_rule, action, code) => {
    expect(refusal(action).code).toBe(code);
  });
});

describe('equality of JSON', () => {
  test('is the equality of what JSON says, in any order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(equal(one, JSON.parse(JSON.stringify(one)))).toBe(true);
        const sorted = (value: unknown): unknown =>
          Array.isArray(value)
            ? value.map(sorted)
            : value !== null && typeof value === 'object'
              ? Object.entries(value)
                  .sort(([a], [b]) => (a < b ? -1 : 1))
                  .map(([key, each]) => ({ [key]: sorted(each) }))
                  .concat([{ object: true }])
              : value === 0
                ? 0
                : value;
        expect(equal(one, other)).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
      }),
    );
  });

  test('takes undefined for missing, and nothing for inherited', () => {
    expect(equal({ a: undefined }, {})).toBe(true);
    expect(equal({}, { constructor: Object })).toBe(false);
    expect(equal([], {})).toBe(false);
    expect(equal(null, {})).toBe(false);
  });
});

describe('stamps', () => {
  test('count on from the row before', () => {
    expect(nextStamp(undefined, at(1), cause)).toEqual({ version: 1, updatedAt: at(1), ...cause });
    expect(nextStamp({ version: 7 }, at(1), cause).version).toBe(8);
  });

  test('take the newest cause in any order', () => {
    const causes = [3, 9, 9, 1].map((seconds, index) => ({
      causedBy: `r${index}`,
      causedAt: at(seconds),
      more: 1,
    }));
    expect(newestCause(causes)).toEqual({ causedBy: 'r2', causedAt: at(9) });
    expect(newestCause([...causes].reverse())).toEqual({ causedBy: 'r2', causedAt: at(9) });
    expect(newestCause([])).toBeUndefined();
  });
});

test.each([
  ['a', true],
  ['A-1._:', true],
  ['a'.repeat(64), true],
  ['a'.repeat(65), false],
  ['', false],
  ['a#b', false],
  ['a|b', false],
  ['__proto__', false],
  ['a\n', false],
])('%j as an id: %s', (value, expected) => {
  expect(isId(value)).toBe(expected);
});
