import { describe, expect, test } from 'vitest';
import {
  failSegment,
  laterBy,
  MOST_FAILURES,
  MOST_SEGMENTS,
  moveSegment,
  type SegmentState,
  startJob,
  stopJob,
  sumOfCounts,
  wakeSegment,
} from '../../shared/domain/job.ts';
import { at, cause, START } from './builders.ts';

function started(segments: { notBefore?: string }[] = [{}]) {
  const basics = { jobId: 'toy~1', kind: 'toy', parameters: {}, requestedBy: 'the-admin' };
  const { job, segments: made } = startJob({ ...basics, segments, now: START, cause });
  const [segment] = made;
  if (segment === undefined) throw new Error('no segment');
  return { job, segment, segments: made };
}

const step = { cursor: { behind: 1 }, done: 2, aside: 1, counts: { changed: 1 } };

describe('a job', () => {
  test('has segments that fit one transaction, and at least one', () => {
    expect(started(Array.from({ length: MOST_SEGMENTS }, () => ({}))).segments.at(-1)?.part).toBe(
      'segment#089',
    );
    expect(() => started([])).toThrow('1 to 90');
    expect(() => started(Array.from({ length: MOST_SEGMENTS + 1 }, () => ({})))).toThrow('1 to 90');
  });

  test('that has ended is not stopped', () => {
    const { job, segment } = started();
    const { job: ended } = moveSegment(segment, job, { ...step, cursor: undefined }, at(1));
    expect(ended).toMatchObject({
      status: 'done',
      endedAt: at(1),
      done: 2,
      aside: 1,
      counts: { changed: 1 },
    });
    expect(ended && stopJob(ended, at(2), cause)).toBeUndefined();
  });

  test('adds counts by their names', () => {
    expect(sumOfCounts([{ a: 1 }, { b: 2, a: 3 }, {}])).toEqual({ a: 4, b: 2 });
  });
});

describe('a segment', () => {
  test('adds up what its steps did, and forgets what failed before', () => {
    const { job, segment } = started();
    const failed = failSegment(segment, job, 'no capacity', at(1)).segment;
    expect(failed).toMatchObject({
      failures: 1,
      lastFailure: 'no capacity',
      notBefore: at(61),
      wakeAt: at(61),
    });
    const { segment: moved, job: stays } = moveSegment(failed, job, step, at(2));
    expect(stays).toBeUndefined();
    expect(moved).toMatchObject({ cursor: { behind: 1 }, done: 2, failures: 0, wakeAt: at(62), version: 3 });
    expect(moved).not.toHaveProperty('lastFailure');
    expect(moved).not.toHaveProperty('notBefore');
  });

  test('waits twice as long after each failure, an hour at most, and then gives up', () => {
    const { job } = started();
    let { segment } = started();
    const waits: number[] = [];
    for (let failures = 1; failures < MOST_FAILURES; failures += 1) {
      ({ segment } = failSegment(segment, job, 'no capacity', START));
      waits.push((Date.parse(segment.wakeAt ?? '') - Date.parse(START)) / 1000);
    }
    expect(waits).toEqual([60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
    const last = failSegment(segment, job, 'no capacity', START);
    expect(last).toMatchObject({
      segment: { status: 'failed' },
      job: { status: 'failed', segmentsFailed: 1 },
    });
    expect(last.segment).not.toHaveProperty('wakeAt');
  });

  test('is woken only when its time has come, whatever an index says, and only while it runs', () => {
    const { job, segment } = started([{ notBefore: at(60) }]);
    expect(wakeSegment(segment, job, at(59))).toBeUndefined();
    const woken = wakeSegment(segment, job, at(60))?.segment;
    expect(woken).toMatchObject({ version: 2, failures: 0, wakeAt: at(120) });
    expect(woken).not.toHaveProperty('notBefore');
    const ended: SegmentState = { ...segment, status: 'done' };
    expect(wakeSegment(ended, job, at(60))).toBeUndefined();
  });

  test('that was cut off counts that as a failure, unless its job was stopped', () => {
    const { job, segment } = started();
    expect(wakeSegment(segment, job, at(60))?.segment).toMatchObject({ failures: 1, wakeAt: at(180) });
    const stopped = stopJob(job, at(1), cause) ?? job;
    expect(wakeSegment(segment, stopped, at(60))?.segment).toMatchObject({ failures: 0 });
  });
});

test('a moment is so many seconds after another', () => {
  expect(laterBy(START, 90)).toBe(at(90));
});
