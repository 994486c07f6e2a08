import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { measure, type Interval } from '../../shared/domain/intervals.ts';
import { acceptBeat, type AcceptedBeat, type Beat, type VideoMemory } from '../../shared/domain/video.ts';
import { at, START } from './builders.ts';

const DURATION = 600;

function beat(
  row: VideoMemory | undefined,
  told: Beat,
  seconds: number,
  durationSeconds = DURATION,
): AcceptedBeat {
  return acceptBeat(row, told, { durationSeconds, enrolledAt: START, now: at(seconds) });
}

describe('any beats of several players', () => {
  const told = fc.oneof(
    fc.record({ positionSeconds: fc.integer({ min: 0, max: 600 }), playbackId: fc.constantFrom('a', 'b') }),
    fc.record({
      intervals: fc.array(
        fc
          .tuple(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 100 }))
          .map(([from, length]): Interval => [from, from + length]),
        { maxLength: 4 },
      ),
      playbackId: fc.constantFrom('a', 'b'),
    }),
  );
  const beats = fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), told), { maxLength: 25 });

  test('are never credited with more than the time since enrolling allows', () => {
    fc.assert(
      fc.property(beats, (list) => {
        let row: AcceptedBeat | undefined;
        let now = 0;
        const credits: { now: number; total: number }[] = [{ now: 0, total: 0 }];
        for (const [wait, claim] of list) {
          now += wait;
          const before = row;
          row = beat(row, claim, now);
          const total = measure(row.intervals);
          // Between any two beats too, not only since the start.
          for (const earlier of credits)
            expect(total - earlier.total).toBeLessThanOrEqual((now - earlier.now) * 2 + 15 + 1e-6);
          if (row.changed) credits.push({ now, total });
          else row = before;
        }
        expect(measure(row?.intervals ?? [])).toBeLessThanOrEqual(now * 2 + 15);
      }),
    );
  });

  test('claim nothing that was not told, and lose nothing that was kept', () => {
    fc.assert(
      fc.property(beats, (list) => {
        let row: AcceptedBeat | undefined;
        let now = 0;
        let known = new Set<number>();
        for (const [wait, claim] of list) {
          now += wait;
          const id = claim.playbackId;
          const head = row?.playheads[id];
          row = beat(row, claim, now);
          const claimed = new Set<number>();
          const parts: readonly Interval[] =
            'intervals' in claim
              ? claim.intervals
              : head === undefined
                ? []
                : [[head.positionSeconds, claim.positionSeconds]];
          for (const [from, to] of parts) for (let cell = from; cell < to; cell += 1) claimed.add(cell);
          const kept = new Set<number>();
          for (const [from, to] of row.intervals) for (let cell = from; cell < to; cell += 1) kept.add(cell);
          for (const cell of known) expect(kept.has(cell)).toBe(true);
          for (const cell of kept) expect(known.has(cell) || claimed.has(cell)).toBe(true);
          known = kept;
        }
      }),
      { numRuns: 40 },
    );
  });

  test('sent twice have the effect of once', () => {
    fc.assert(
      fc.property(beats, (list) => {
        let row: AcceptedBeat | undefined;
        let now = 0;
        for (const [wait, claim] of list) {
          now += wait;
          row = beat(row, claim, now);
          expect(beat(row, claim, now).changed).toBe(false);
        }
      }),
    );
  });
});
