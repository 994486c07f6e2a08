import { describe, expect, test } from 'vitest';
import { measure, type Interval } from '../../shared/domain/intervals.ts';
import {
  acceptBeat,
  videoComplete,
  videoFraction,
  videoPercent,
  type AcceptedBeat,
  type Beat,
  type VideoMemory,
} from '../../shared/domain/video.ts';
import { at, refusal, START } from './builders.ts';

const DURATION = 600;

function beat(
  row: VideoMemory | undefined,
  told: Beat,
  seconds: number,
  durationSeconds = DURATION,
): AcceptedBeat {
  return acceptBeat(row, told, { durationSeconds, enrolledAt: START, now: at(seconds) });
}

/** The row after beats, each at so many seconds after enrolling. */
function after(...beats: readonly [seconds: number, told: Beat][]): AcceptedBeat {
  let row: AcceptedBeat | undefined;
  for (const [seconds, told] of beats) row = beat(row, told, seconds);
  if (row === undefined) throw new Error('no beat was given');
  return row;
}

describe('a beat with intervals', () => {
  test('adds to what was played, once', () => {
    const row = after(
      [60, { intervals: [[0, 30]] }],
      [90, { intervals: [[20, 50]] }],
      [95, { intervals: [[0, 50]] }],
    );
    expect(row).toMatchObject({
      intervals: [[0, 50]],
      positionSeconds: 50,
      cutSeconds: 0,
      days: ['2026-11-22'],
    });
  });

  test.each<[string, Beat, string]>([
    ['backwards', { intervals: [[5, 3]] }, 'intervals.0'],
    [
      'beyond the end of the video',
      {
        intervals: [
          [0, 1],
          [590, 601.5],
        ],
      },
      'intervals.1.1',
    ],
    ['before its start', { intervals: [[-1, 3]] }, 'intervals.0.0'],
    ['not a number', { intervals: [[0, Number.NaN]] }, 'intervals.0.1'],
    ['endless', { intervals: [[0, Number.POSITIVE_INFINITY]] }, 'intervals.0.1'],
    ['at a position beyond the end', { positionSeconds: 602 }, 'positionSeconds'],
    ['at no position', { positionSeconds: Number.NaN }, 'positionSeconds'],
  ])('is refused when it is %s, naming the field', (_rule, told, field) => {
    expect(refusal(() => beat(undefined, told, 3600))).toEqual({
      code: 'interval_invalid',
      details: { field },
    });
  });

  test('may overshoot the end by a second, which is clipped, so that a video can be completed', () => {
    const row = after([3600, { intervals: [[0, 600.9]], positionSeconds: 600.9 }]);
    expect(row).toMatchObject({ intervals: [[0, 600]], positionSeconds: 600 });
  });

  test('takes an empty interval for nothing', () => {
    expect(beat(undefined, { intervals: [[0, 0]] }, 60).intervals).toEqual([]);
  });

  test('is cut at the end where it claims more than could have been played', () => {
    expect(beat(undefined, { intervals: [[0, 100]] }, 10)).toMatchObject({
      intervals: [[0, 35]],
      cutSeconds: 65,
    });
    const row = after([10, { intervals: [[0, 35]] }]);
    expect(
      beat(
        row,
        {
          intervals: [
            [300, 350],
            [100, 120],
          ],
        },
        30,
      ),
    ).toMatchObject({
      intervals: [
        [0, 35],
        [100, 120],
        [300, 320],
      ],
      cutSeconds: 30,
    });
  });

  test('is not charged for what was played before', () => {
    const row = after([300, { intervals: [[0, 300]] }]);
    expect(beat(row, { intervals: [[0, 310]] }, 301)).toMatchObject({ intervals: [[0, 310]], cutSeconds: 0 });
  });

  test('cannot earn the slack again and again by many quick beats', () => {
    let row: AcceptedBeat | undefined;
    for (let count = 0; count < 60; count += 1)
      row = beat(row, { intervals: [[count * 10, count * 10 + 10]] }, 1);
    expect(measure(row?.intervals ?? [])).toBe(17);
  });

  test('gets the slack back with time', () => {
    const row = after([0, { intervals: [[0, 15]] }], [60, { intervals: [[15, 75]] }]);
    expect(beat(row, { intervals: [[75, 90]] }, 60)).toMatchObject({ intervals: [[0, 90]], cutSeconds: 0 });
  });

  test('gets no time from a clock that stands behind', () => {
    const row = after([60, { intervals: [[0, 30]] }]);
    const late = beat(row, { intervals: [[30, 100]] }, 10);
    expect(late).toMatchObject({ intervals: [[0, 45]], lastBeatAt: at(60) });
  });

  test('is refused when it breaks the video into more than 500 pieces', () => {
    const intervals = Array.from({ length: 501 }, (_, index): [number, number] => [index, index + 0.5]);
    const full = beat(undefined, { intervals: intervals.slice(0, 500) }, 3600);
    expect(full.intervals).toHaveLength(500);
    expect(refusal(() => beat(full, { intervals: [[500, 500.5]] }, 7200)).code).toBe('video_too_fragmented');
    expect(beat(full, { intervals: [[0, 600]] }, 7200).intervals).toEqual([[0, 600]]);
  });

  test('keeps what was played beyond the end of a video that has become shorter, and counts it when longer again', () => {
    const row = after([3600, { intervals: [[0, 600]] }]);
    const shorter = acceptBeat(
      row,
      { intervals: [[0, 10]] },
      { durationSeconds: 100, enrolledAt: START, now: at(3700) },
    );
    expect(shorter.intervals).toEqual([[0, 600]]);
  });
});

describe('a beat with only a position', () => {
  test.each<[string, [number, Beat][], Interval[]]>([
    [
      'plays on from where it stood',
      [
        [0, { positionSeconds: 0 }],
        [20, { positionSeconds: 20 }],
        [40, { positionSeconds: 40 }],
      ],
      [[0, 40]],
    ],
    [
      'plays at double speed',
      [
        [0, { positionSeconds: 0 }],
        [30, { positionSeconds: 60 }],
      ],
      [[0, 60]],
    ],
    ['counts nothing the first time', [[20, { positionSeconds: 20 }]], []],
    [
      'never fills what was skipped',
      [
        [0, { positionSeconds: 0 }],
        [20, { positionSeconds: 20 }],
        [30, { positionSeconds: 500 }],
        [50, { positionSeconds: 520 }],
      ],
      [
        [0, 20],
        [500, 520],
      ],
    ],
    [
      'counts nothing backwards',
      [
        [0, { positionSeconds: 100 }],
        [10, { positionSeconds: 50 }],
        [20, { positionSeconds: 60 }],
      ],
      [[50, 60]],
    ],
    [
      'is not worth a skip after standing still for long',
      [
        [0, { positionSeconds: 0 }],
        [3600, { positionSeconds: 0 }],
        [3610, { positionSeconds: 500 }],
      ],
      [],
    ],
    [
      'goes on after an interval',
      [
        [10, { intervals: [[0, 10]], positionSeconds: 10 }],
        [20, { positionSeconds: 20 }],
      ],
      [[0, 20]],
    ],
    [
      'goes on after an interval without a position',
      [
        [10, { intervals: [[0, 10]] }],
        [20, { positionSeconds: 20 }],
      ],
      [[0, 20]],
    ],
  ])('%s', (_rule, beats, expected) => {
    expect(after(...beats).intervals).toEqual(expected);
  });

  test('keeps two players apart', () => {
    const row = after(
      [0, { positionSeconds: 0, playbackId: 'phone' }],
      [1, { positionSeconds: 300, playbackId: 'laptop' }],
      [10, { positionSeconds: 10, playbackId: 'phone' }],
      [11, { positionSeconds: 310, playbackId: 'laptop' }],
      [20, { positionSeconds: 20, playbackId: 'phone' }],
    );
    expect(row.intervals).toEqual([
      [0, 20],
      [300, 310],
    ]);
  });

  test('remembers the four latest players', () => {
    const names = ['constructor', 'b', 'c', 'd', 'e'];
    const row = after(
      ...names.map((playbackId, index): [number, Beat] => [index, { positionSeconds: index, playbackId }]),
    );
    expect(Object.keys(row.playheads).sort()).toEqual(['b', 'c', 'd', 'e']);
  });
});

describe('a beat that tells nothing new', () => {
  test.each<[string, Beat]>([
    ['the same position', { positionSeconds: 30 }],
    ['intervals that were played', { intervals: [[0, 30]] }],
    ['a position and intervals', { intervals: [[5, 30]], positionSeconds: 30 }],
    ['no interval', { intervals: [] }],
  ])('with %s changes nothing', (_rule, told) => {
    const row = after([30, { intervals: [[0, 30]], positionSeconds: 30 }]);
    const { changed, cutSeconds: _cut, ...same } = beat(row, told, 35);
    expect(changed).toBe(false);
    expect(row).toMatchObject(same);
  });

  test('of a video never touched writes no row', () => {
    expect(beat(undefined, { intervals: [] }, 5).changed).toBe(false);
  });

  test('on another day is seen on that day', () => {
    const row = after([30, { intervals: [[0, 30]] }]);
    expect(beat(row, { intervals: [[0, 30]] }, 86_400)).toMatchObject({
      changed: true,
      days: ['2026-11-22', '2026-11-23'],
    });
  });
});

describe('how much of a video was watched', () => {
  test.each<[number, number, number, boolean]>([
    [0, 100, 0, false],
    [89.999, 100, 89, false],
    [90, 100, 100, true],
    [63, 70, 100, true],
    [200, 100, 100, true],
    [0.1, 0.0001, 100, true],
    [29, 100, 29, false],
    [57, 100, 57, false],
  ])('%d of %d seconds shows %d percent', (seconds, duration, percent, complete) => {
    expect(videoPercent(seconds, duration)).toBe(percent);
    expect(videoComplete(seconds, duration)).toBe(complete);
    expect(videoFraction(seconds, duration)).toBeGreaterThanOrEqual(0);
    expect(videoFraction(seconds, duration)).toBeLessThanOrEqual(1);
  });
});
