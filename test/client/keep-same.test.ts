import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepSame } from '../../shared/client/keep-same.ts';

const copy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

describe('what is read again', () => {
  it('is what was shown where nothing differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const shown = copy(value);
        expect(keepSame(shown, copy(value))).toBe(shown);
      }),
    );
  });

  it('has its own values, whatever was shown', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (shown, value) => {
        const next = copy(value);
        expect(JSON.stringify(keepSame(copy(shown), next))).toBe(JSON.stringify(next));
      }),
    );
  });

  it('keeps each part that does not differ', () => {
    const shown = { page: [{ id: 1, is: 'old' }, { id: 2 }], more: { deep: [1, 2] } };
    const next = keepSame(shown, { page: [{ id: 1, is: 'new' }, { id: 2 }], more: { deep: [1, 2] } });
    expect(next).not.toBe(shown);
    expect(next.page[0]).toEqual({ id: 1, is: 'new' });
    expect(next.page[1]).toBe(shown.page[1]);
    expect(next.more).toBe(shown.more);
  });

  it.each([
    { shown: {}, next: [] },
    { shown: { a: undefined }, next: {} },
    { shown: { a: 1, b: 2 }, next: { a: 1 } },
    { shown: [1, 2], next: [1] },
    { shown: null, next: {} },
  ])('differs where $shown becomes $next', ({ shown, next }) => {
    expect(keepSame<unknown>(shown, next)).not.toBe(shown);
    expect(keepSame<unknown>(shown, next)).toEqual(next);
  });
});
