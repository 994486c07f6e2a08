import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clip, earliest, measure, subtract, union, type Interval } from '../../shared/domain/intervals.ts';

const intervals = fc.array(
  fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }))
    .map(([from, to]): Interval => [from / 1000, to / 1000]),
  { maxLength: 12 },
);

/** The milliseconds that intervals cover, one by one. */
function cells(list: readonly Interval[]): Set<number> {
  const covered = new Set<number>();
  for (const [from, to] of list) {
    for (let cell = Math.round(from * 1000); cell < Math.round(to * 1000); cell += 1) covered.add(cell);
  }
  return covered;
}

function expectTidy(list: readonly Interval[]): void {
  list.forEach(([from, to], index) => {
    expect(from).toBeLessThan(to);
    const next = list[index + 1];
    if (next !== undefined) expect(to).toBeLessThan(next[0]);
  });
}

describe('intervals', () => {
  test.each<[string, Interval[], Interval[], Interval[]]>([
    ['joins what touches', [[0, 5]], [[5, 9]], [[0, 9]]],
    [
      'joins what overlaps',
      [
        [0, 5],
        [3, 6],
      ],
      [[5.5, 9]],
      [[0, 9]],
    ],
    [
      'keeps what lies apart, sorted',
      [[7, 8]],
      [[1, 2]],
      [
        [1, 2],
        [7, 8],
      ],
    ],
    ['swallows what lies inside', [[0, 10]], [[2, 3]], [[0, 10]]],
    ['drops what is empty or backwards', [[4, 4]], [[9, 2]], []],
    ['rounds to milliseconds, so that 0.1 + 0.2 touches 0.3', [[0, 0.1 + 0.2]], [[0.3, 1]], [[0, 1]]],
  ])('a union %s', (_rule, one, other, expected) => {
    expect(union(one, other)).toEqual(expected);
  });

  test('a union is the union of sets of milliseconds, tidy', () => {
    fc.assert(
      fc.property(intervals, intervals, (one, other) => {
        const result = union(one, other);
        expect(cells(result)).toEqual(new Set([...cells(one), ...cells(other)].sort()));
        expectTidy(result);
      }),
    );
  });

  test('a union is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(intervals, intervals, intervals, (a, b, c) => {
        expect(union(a, b)).toEqual(union(b, a));
        expect(union(union(a, b), c)).toEqual(union(a, union(b, c)));
        const once = union(a, b);
        expect(union(once, once)).toEqual(once);
        expect(union(once, b)).toEqual(once);
      }),
    );
  });

  test('clipping, subtracting and measuring agree with sets of milliseconds', () => {
    fc.assert(
      fc.property(intervals, intervals, fc.integer({ min: 0, max: 70 }), (one, other, length) => {
        const mine = cells(one);
        const theirs = cells(other);
        expect(cells(clip(one, length / 1000))).toEqual(
          new Set([...cells(union(one, []))].filter((cell) => cell < length)),
        );
        expect([...cells(subtract(one, other))].sort()).toEqual(
          [...mine].filter((cell) => !theirs.has(cell)).sort(),
        );
        expectTidy(subtract(one, other));
        expect(measure(one)).toBe(mine.size / 1000);
      }),
    );
  });

  test('the earliest part holds the first milliseconds and no more', () => {
    fc.assert(
      fc.property(intervals, fc.integer({ min: 0, max: 80 }), (list, amount) => {
        const first = [...cells(list)].sort((a, b) => a - b).slice(0, amount);
        expect([...cells(earliest(list, amount / 1000))].sort((a, b) => a - b)).toEqual(first);
      }),
    );
  });

  test('does not change its arguments', () => {
    const one: Interval[] = Object.freeze([Object.freeze([3, 4]), Object.freeze([0, 3])]) as never;
    expect(union(one, one)).toEqual([[0, 4]]);
  });
});
