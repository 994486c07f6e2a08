import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ageOf, lagOfBatch, mergedLag, NO_LAG, quantileOf, wayOf } from '../../shared/domain/lag.ts';

const milliseconds = fc.oneof(
  fc.integer({ min: 0, max: 3000 }),
  fc.integer({ min: 0, max: 24 * 60 * 60 * 1000 }),
);
const batch = fc.array(milliseconds, { maxLength: 40 });

/** The nearest rank, by sorting. */
function exactly(all: readonly number[], share: number): number {
  const sorted = all.toSorted((one, other) => one - other);
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? NaN;
}

describe('How long changes took', () => {
  it('is told within 10 % for any share of them', () => {
    fc.assert(
      fc.property(
        fc.array(milliseconds, { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.9, 0.99, 1),
        (all, share) => {
          const exact = Math.max(1, exactly(all, share));
          const told = quantileOf(lagOfBatch(all, []), share) ?? NaN;
          expect(Math.abs(told - exact) / exact).toBeLessThan(0.1);
        },
      ),
    );
  });

  it('is the same whoever measured which part, in whatever order it is merged', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(batch, batch), { maxLength: 6 }), (parts) => {
        const lags = parts.map(([arrived, again]) => lagOfBatch(arrived, again));
        const whole = lagOfBatch(
          parts.flatMap(([arrived]) => arrived),
          parts.flatMap(([, again]) => again),
        );
        expect(mergedLag(lags)).toEqual(whole);
        expect(mergedLag(lags.toReversed())).toEqual(whole);
        expect(mergedLag([mergedLag(lags.slice(0, 2)), mergedLag(lags.slice(2)), NO_LAG])).toEqual(whole);
      }),
    );
  });

  it('counts what arrived within a second to the millisecond', () => {
    expect(lagOfBatch([0, 999, 1000, 1001, 60_000], [7])).toMatchObject({ events: 5, inTime: 3, again: 1 });
  });

  it('is unknown where nothing arrived', () => {
    expect(quantileOf(lagOfBatch([], [500]), 0.5)).toBeNull();
  });

  it('keeps a histogram that is small, however long changes take', () => {
    const all = Array.from({ length: 10_000 }, (_, index) => index ** 2);
    expect(Object.keys(lagOfBatch(all, []).buckets).length).toBeLessThan(140);
  });
});

describe('The way of a change', () => {
  const now = new Date('2026-11-22T10:00:10.000Z');
  const at = (time: string) => `2026-11-22T${time}Z`;

  it('begins with what a person did, where the row was written on the same way', () => {
    expect(wayOf({ causedAt: at('10:00:08.500'), updatedAt: at('10:00:09.000') }, now)).toBe(1500);
  });

  it('begins with the writing of a row that was redriven or repaired hours after its cause', () => {
    expect(wayOf({ causedAt: at('04:00:00.000'), updatedAt: at('10:00:09.900') }, now)).toBe(100);
  });

  it('is as long as a late delivery made it', () => {
    expect(wayOf({ causedAt: at('07:00:10.000'), updatedAt: at('07:00:10.000') }, now)).toBe(3 * 3_600_000);
  });

  it('has waited only since it was written anew, whatever caused it', () => {
    expect(ageOf({ updatedAt: at('10:00:09.900') }, now)).toBe(100);
  });

  it('is never shorter than nothing, though clocks differ', () => {
    expect(ageOf({ updatedAt: at('10:00:11.000') }, now)).toBe(0);
    expect(wayOf({ causedAt: at('10:00:11.000'), updatedAt: at('10:00:10.500') }, now)).toBe(0);
  });

  it('is unknown by a row that has no times', () => {
    expect(ageOf({}, now)).toBeUndefined();
    expect(wayOf({ causedAt: at('10:00:00.000'), updatedAt: 'yesterday' }, now)).toBeUndefined();
  });
});
