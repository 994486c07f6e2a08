import { describe, expect, test } from 'vitest';
import {
  failSegment,
  type JobStage,
  type JobState,
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

function started(segments: { notBefore?: string }[] = [{}], later: JobStage[] = []) {
  const basics = { jobId: 'toy~1', kind: 'toy', parameters: {}, requestedBy: 'the-admin' };
  const { job, segments: made } = startJob({ ...basics, segments, later, now: START, cause });
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

  test('has stages of no more segments than that, and parts that sort by number', () => {
    expect(() => started([{}], [{ segments: 0 }])).toThrow('1 to 90');
    expect(() => started([{}], [{ segments: MOST_SEGMENTS + 1 }])).toThrow('1 to 90');
    const all = Array.from({ length: MOST_SEGMENTS }, () => ({}));
    const ten = Array.from({ length: 10 }, () => ({ segments: MOST_SEGMENTS }));
    expect(started(all, ten).job.segments).toBe(990);
    expect(() => started(all, [...ten, { segments: 11 }])).toThrow('1000 segments at most');
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

describe('a stage', () => {
  const end = (segment: SegmentState | undefined, job: JobState, now: string) => {
    if (segment === undefined) throw new Error('no segment');
    return moveSegment(segment, job, { ...step, cursor: undefined }, now);
  };
  const later = [{ segments: 2, afterSeconds: 35 }, { segments: 1 }];

  test('begins with the last segment of the one before, and the job ends with the last stage', () => {
    const { job, segments } = started([{}, {}], later);
    expect(job).toMatchObject({ segments: 5, stage: 1, stageFrom: 0, later });
    const first = end(segments[0], job, at(1));
    expect(first).not.toHaveProperty('begun');
    const second = end(segments[1], first.job ?? job, at(2));
    expect(second.job).toMatchObject({ status: 'running', stage: 2, stageFrom: 2, later: [{ segments: 1 }] });
    expect(second.begun).toMatchObject([
      { part: 'segment#002', status: 'running', notBefore: at(37), wakeAt: at(37), version: 1, ...cause },
      { part: 'segment#003', status: 'running', notBefore: at(37), wakeAt: at(37), version: 1, ...cause },
    ]);
    let last = second;
    for (const segment of second.begun ?? []) last = end(segment, last.job ?? job, at(40));
    expect(last.job).toMatchObject({ status: 'running', stage: 3, stageFrom: 4, later: [] });
    expect(last.begun).toMatchObject([{ part: 'segment#004', wakeAt: at(100) }]);
    expect(last.begun?.[0]).not.toHaveProperty('notBefore');
    const over = end(last.begun?.[0], last.job ?? job, at(41));
    expect(over.job).toMatchObject({ status: 'done', segmentsDone: 5, done: 10, endedAt: at(41) });
    expect(over).not.toHaveProperty('begun');
  });

  test('does not begin where a segment of the one before failed, whichever was last', () => {
    const { job, segments } = started([{}, {}], later);
    const [one, other] = segments;
    if (one === undefined || other === undefined) throw new Error('no segments');
    const worn = { ...one, failures: MOST_FAILURES - 1 };
    const failed = failSegment(worn, job, 'no capacity', at(1));
    const after = end(other, failed.job ?? job, at(2));
    const before = end(other, job, at(1));
    for (const last of [after, failSegment(worn, before.job ?? job, 'no capacity', at(2))]) {
      expect(last.job).toMatchObject({ status: 'failed', stage: 1, later, segmentsDone: 2, endedAt: at(2) });
      expect(last).not.toHaveProperty('begun');
    }
  });

  test('does not begin once the job is stopped', () => {
    const { job, segment } = started([{}], later);
    const stopped = stopJob(job, at(1), cause) ?? job;
    const last = end(segment, stopped, at(2));
    expect(last.job).toMatchObject({ status: 'stopped', stage: 1, segmentsDone: 1 });
    expect(last).not.toHaveProperty('begun');
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
