import { describe, expect, it } from 'vitest';
import { lagOfBatch } from '../../shared/domain/lag.ts';
import { FLOWS, flowsOf } from '../../shared/domain/sync-flow.ts';
import {
  flowOfFailure,
  flowOfProgress,
  healthOf,
  lagsOf,
  type Measured,
  mergedLags,
  NOTHING_MEASURED,
  scoreFrom,
} from '../../shared/domain/sync-health.ts';
import * as build from './builders.ts';

const AT = '2026-11-22T10:00:00.000Z';

function measured(over: Partial<Measured> = {}): Measured {
  return {
    minutes: {},
    day: {},
    now: {},
    aside: { failureIds: [], more: false },
    comparison: undefined,
    ...over,
  };
}

const compared = (counts: Record<string, number>) => ({ comparison: { at: AT, counts, aside: 0 } });

const flow = (over: Partial<Measured>, name: string) =>
  healthOf(measured(over)).flows.find((each) => each.name === name);

describe('The score', () => {
  const arrived = (late: number, of: number) => ({ events: of, inTime: of - late });
  const video = (wrong: number) => flowsOf({ 'video.checked': 1000, 'video.wrong': wrong });

  it('is what was in step times what arrived in time', () => {
    expect(scoreFrom(video(200), 0, arrived(25, 100))).toBe(60);
  });

  it('is 100 only where every value was in step, though one change in a thousand may be late', () => {
    expect(scoreFrom(video(0), 0, arrived(1, 1000))).toBe(100);
    expect(scoreFrom(video(1), 0, arrived(0, 1000))).toBe(99);
    expect(scoreFrom(video(0), 0, arrived(10, 1000))).toBe(99);
  });

  it('counts what was never compared, or did not move, by the other part alone', () => {
    expect(scoreFrom([], 0, arrived(50, 100))).toBe(50);
    expect(scoreFrom(video(500), 0, arrived(0, 0))).toBe(50);
  });

  it('takes who could not be compared for one value out of step of each flow', () => {
    const health = healthOf(
      measured({ comparison: { at: AT, counts: { 'enrollment.checked': 9, 'quiz.checked': 99 }, aside: 1 } }),
    );
    expect(health.scores).toContainEqual({ name: 'Enrollment Sync', score: 90 });
    expect(health.scores).toContainEqual({ name: 'Quiz Progress', score: 99 });
    expect(scoreFrom(flowsOf({ 'video.checked': 100_000 }).slice(3, 4), 1, arrived(0, 0))).toBe(99);
  });

  it('is unknown where nothing was measured', () => {
    expect(scoreFrom([], 0, arrived(0, 0))).toBeNull();
    expect(NOTHING_MEASURED).toMatchObject({ score: null, setAside: { waiting: 0, more: false } });
    expect(NOTHING_MEASURED.flows.map(({ name }) => name)).toEqual(FLOWS);
    expect(NOTHING_MEASURED.flows.every(({ score, drift }) => score === null && drift === null)).toBe(true);
  });

  it('of the requirement joins the flows of several tables', () => {
    const { scores, score } = healthOf(
      measured(
        compared({
          'enrollment.checked': 10,
          'analytics.checked': 50,
          'certificates.checked': 50,
          'certificates.missing': 10,
        }),
      ),
    );
    expect(scores).toContainEqual({ name: 'Enrollment Sync', score: 100 });
    expect(scores).toContainEqual({ name: 'Cross-App Sync', score: 90 });
    expect(scores).toContainEqual({ name: 'Quiz Progress', score: null });
    expect(score).toBe(91);
  });
});

describe('The health of a flow', () => {
  it('tells how long changes took lately and in a day, stage by stage', () => {
    const lately = lagsOf({
      stage: 'derived',
      arrived: [100, 200, 300].map((milliseconds) => ({ flow: 'quiz', milliseconds })),
      again: [],
    });
    const earlier = { 'quiz.derived': lagOfBatch(Array<number>(97).fill(50), []) };
    const quiz = flow({ minutes: lately, day: mergedLags([lately, earlier]) }, 'quiz');
    expect(quiz?.derived.minutes.events).toBe(3);
    expect(quiz?.derived.minutes.p50).toBeGreaterThan(180);
    expect(quiz?.derived.minutes.p99).toBeGreaterThan(270);
    expect(quiz?.derived.day.events).toBe(100);
    expect(quiz?.derived.day.p50).toBeLessThan(56);
    expect(quiz?.published.day).toEqual({ events: 0, p50: null, p99: null });
  });

  it('tells what fails and how old the oldest is', () => {
    const lags = { 'video.derived': lagOfBatch([20], [4000, 7000]), 'video.published': lagOfBatch([30], []) };
    expect(flow({ now: lags }, 'video')?.waiting).toEqual({ retrying: 2, oldest: 7000 });
  });

  it('has the records that its consumers set aside', () => {
    const failureIds = [
      'videoProgress#e1#project-progress',
      'dev-videoProgress#e2#project-progress',
      'videoProgress#e1#aggregate-analytics',
      'jobs#e3#run-jobs',
    ];
    const health = healthOf(measured({ aside: { failureIds, more: true } }));
    expect(
      health.flows.filter(({ setAside }) => setAside > 0).map((each) => [each.name, each.setAside]),
    ).toEqual([
      ['video', 2],
      ['analytics', 1],
    ]);
    expect(health.setAside).toEqual({ waiting: 4, more: true });
    expect(flowOfFailure('jobs#e3#run-jobs')).toBeUndefined();
  });

  it('has the drift that was found and repaired, with when', () => {
    const counts = { 'progress.checked': 8, 'progress.wrong': 2, 'progress.repaired': 2 };
    expect(flow(compared(counts), 'progress')?.drift).toEqual({
      checked: 8,
      missing: 0,
      wrong: 2,
      orphaned: 0,
      repaired: 2,
      at: AT,
    });
  });
});

describe('What moved a progress', () => {
  it('is told by what changed in it', () => {
    const before = build.progress();
    const watched = { film: { percent: 50, completed: false, seconds: 5, version: 1 } } as never;
    expect(flowOfProgress(before, { ...before, watchedVideos: watched })).toBe('video');
    expect(flowOfProgress(before, { ...before, quizAttempts: { q: {} } })).toBe('quiz');
    expect(flowOfProgress(before, { ...before, completedItems: 1 })).toBe('progress');
    expect(flowOfProgress(before, { ...before, quizAttempts: { q: {} }, watchedVideos: watched })).toBe(
      'progress',
    );
    expect(flowOfProgress(undefined, before)).toBe('progress');
  });
});
