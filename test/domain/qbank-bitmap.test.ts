import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bankCompletion,
  bitmapWith,
  countBits,
  mergeBitmaps,
  ordinalsOf,
} from '../../shared/domain/qbank-bitmap.ts';

const ordinals = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 40 });

function sorted(list: Iterable<number>): number[] {
  return [...new Set(list)].sort((one, other) => one - other);
}

describe('a bitmap', () => {
  test('is base 64 with the lowest ordinal first', () => {
    expect(bitmapWith([])).toBe('');
    expect(bitmapWith([0])).toBe('AQ==');
    expect(bitmapWith([8, 1])).toBe('AgE=');
  });

  test('holds what was put in, whatever the order and however often', () => {
    fc.assert(
      fc.property(ordinals, (list) => {
        const bitmap = bitmapWith(list);
        expect(ordinalsOf(bitmap)).toEqual(sorted(list));
        expect(countBits(bitmap)).toBe(new Set(list).size);
        expect(bitmapWith([...list, ...list].reverse())).toBe(bitmap);
      }),
    );
  });

  test('grows by what its ordinals need and by nothing else', () => {
    expect(bitmapWith([9_999])).toHaveLength(4 * Math.ceil(1250 / 3));
    expect(mergeBitmaps(bitmapWith([3]), 'AAAA')).toBe(bitmapWith([3]));
  });

  test('merges as sets do', () => {
    fc.assert(
      fc.property(ordinals, ordinals, (one, other) => {
        expect(ordinalsOf(mergeBitmaps(bitmapWith(one), bitmapWith(other)))).toEqual(
          sorted([...one, ...other]),
        );
      }),
    );
  });

  test('merges commutatively, associatively and idempotently, to the same text', () => {
    fc.assert(
      fc.property(ordinals, ordinals, ordinals, (...lists) => {
        const [a, b, c] = lists.map((list) => bitmapWith(list)) as [string, string, string];
        expect(mergeBitmaps(a, b)).toBe(mergeBitmaps(b, a));
        expect(mergeBitmaps(mergeBitmaps(a, b), c)).toBe(mergeBitmaps(a, mergeBitmaps(b, c)));
        expect(mergeBitmaps(a, a)).toBe(a);
        expect(mergeBitmaps(a, '')).toBe(a);
        expect(mergeBitmaps(mergeBitmaps(a, b), b)).toBe(mergeBitmaps(a, b));
      }),
    );
  });
});

describe('the completion of an item of the question bank', () => {
  test.each<[number[], number, number]>([
    [[], 4, 0],
    [[7], 4, 0.25],
    [[7, 1, 300], 3, 1],
    [[7, 1, 300], 2, 1],
  ])('of the questions %j with %d asked for is %d', (list, questions, expected) => {
    expect(bankCompletion(bitmapWith(list), questions)).toBe(expected);
  });
});
