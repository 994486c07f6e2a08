import { describe, expect, test } from 'vitest';
import { visibleAdminChange } from '../../shared/domain/change.ts';
import type { Outline } from '../../shared/domain/course.ts';
import type { EnrollmentStatus } from '../../shared/domain/status.ts';
import { factsOf, type SourceRows } from '../../shared/domain/progress.ts';
import { project, type Projection } from '../../shared/domain/project.ts';
import { ordinalsOf } from '../../shared/domain/qbank-bitmap.ts';
import type { EnrollmentState, ProgressState } from '../../shared/domain/states.ts';
import {
  at,
  attempt,
  cause,
  completion,
  enrollment,
  outline,
  progress,
  qbank,
  quiz,
  reading,
  video,
  watched,
} from './builders.ts';
import { answered } from './qbank-builders.ts';

const course = outline({
  ch1: [reading('r1'), video('v1')],
  ch2: [quiz('q1'), reading('r2', { required: false })],
});
const everything: SourceRows = { chapters: [completion('ch1')], attempts: [attempt('q1', 1, 100)] };
const later = { causedBy: 'request-2', causedAt: at(30) };

function projected(
  rows: SourceRows,
  given: {
    enrollment?: EnrollmentState;
    progress?: ProgressState;
    outline?: Outline;
    outlineVersion?: number;
  } = {},
): Projection {
  const of = given.outline ?? course;
  return project({
    enrollment: given.enrollment ?? enrollment(),
    progress: 'progress' in given ? given.progress : progress(),
    outline: of,
    outlineVersion: given.outlineVersion ?? 1,
    facts: factsOf(rows, of),
    now: at(60),
    cause: later,
  });
}

describe('projecting facts', () => {
  test('moves progress and the enrollment together, each a version on, with the cause of the fact', () => {
    const { progress: row, enrollment: next } = projected({ chapters: [completion('ch1')] });
    const stamp = { version: 2, updatedAt: at(60), ...later };
    expect(row).toMatchObject({
      totalProgress: 66,
      completedItems: 2,
      requiredItems: 3,
      outlineVersion: 1,
      ruleVersion: 2,
      ...stamp,
    });
    expect(next).toMatchObject({ progress: 66, progressVersion: 2, status: 'active', ...stamp });
  });

  test('keeps attributes that it does not know', () => {
    const known = { enrollment: { ...enrollment(), note: 'n' }, progress: { ...progress(), qbank: [1] } };
    const result = projected(everything, known);
    expect(result.enrollment).toMatchObject({ note: 'n' });
    expect(result.progress).toMatchObject({ qbank: [1] });
  });

  test('writes the progress row alone where nothing of the enrollment changes', () => {
    const { progress: row, enrollment: next } = projected({ videos: [watched('v1', [[0, 1]])] });
    expect(row).toMatchObject({ totalProgress: 0, watchedVideos: { v1: { percent: 1 } } });
    expect(next).toBeUndefined();
  });

  test('makes the progress row where it is missing, beyond any version that a lost one had', () => {
    const result = projected({ chapters: [completion('ch1')] }, { progress: undefined });
    const version = Date.parse(at(60));
    expect(result.progress).toMatchObject({ userId: 'u1', totalProgress: 66, version });
    expect(result.enrollment).toMatchObject({ progressVersion: version });
  });

  test('adds what was answered to what was answered before, and moves the percentage by it', () => {
    const practice = outline({ ch1: [qbank('b1', 4)] });
    const answer = (ordinal: number) => ({ answers: [answered(`q${ordinal}`, 'a', { ordinal })] });
    const once = projected(answer(9), { outline: practice });
    const twice = projected(answer(2), { ...once, outline: practice });
    expect([once.enrollment?.progress, twice.enrollment?.progress]).toEqual([25, 50]);
    expect(ordinalsOf(twice.progress?.answeredQuestions ?? '')).toEqual([2, 9]);
    expect(projected(answer(9), { ...twice, outline: practice })).toEqual({});
  });

  test('says by which rules it was computed, even if nothing else changed', () => {
    const old = projected({}, { progress: progress({ ruleVersion: 1, requiredItems: 3 }) });
    expect(old.progress).toMatchObject({ ruleVersion: 2, version: 2 });
    expect(old.enrollment).toBeUndefined();
    expect(projected({}, { ...old })).toEqual({});
  });

  test('has nothing to do where nobody is enrolled', () => {
    const facts = factsOf(everything, course);
    expect(
      project({
        enrollment: undefined,
        progress: undefined,
        outline: course,
        outlineVersion: 1,
        facts,
        now: at(1),
        cause,
      }),
    ).toEqual({});
  });

  test('changes nothing when told again, or what is older', () => {
    const once = projected({ ...everything, videos: [watched('v1', [[0, 50]], { version: 5 })] });
    const again = projected({ ...everything, videos: [watched('v1', [[0, 20]], { version: 4 })] }, once);
    expect(again).toEqual({});
  });

  test('notes an attempt, also one that is not marked or not of this outline', () => {
    const before = enrollment({ progressVersion: 1 });
    const result = projected({ attempts: [attempt('gone', 1, null)] }, { enrollment: before });
    // The percentage it repeats is still that of the first: nobody would see a change.
    expect(result.enrollment).toMatchObject({ attempted: true, progressVersion: 1 });
    expect(visibleAdminChange('enrollments', before, result.enrollment)).toBeUndefined();
  });

  test('forgets no attempt that the rows do not tell of', () => {
    const result = projected(
      { chapters: [completion('ch1')] },
      { enrollment: enrollment({ attempted: true }) },
    );
    expect(result.enrollment).toMatchObject({ attempted: true });
  });

  test.each<[EnrollmentStatus, EnrollmentStatus]>([
    ['active', 'completed'],
    ['completed', 'completed'],
    ['cancelled', 'cancelled'],
  ])('an enrollment that is %s is %s once all is complete, with the time of the fact', (status, expected) => {
    const { progress: row, enrollment: next } = projected(everything, { enrollment: enrollment({ status }) });
    expect(next).toMatchObject({ status: expected, progress: 100, completedAt: at(30) });
    expect(row).toMatchObject({ totalProgress: 100, completedAt: at(30) });
  });

  test('what was earned stays, and progress falls, when the outline grows', () => {
    const done = projected(everything);
    const grown = outline({ ch1: [reading('r1'), video('v1')], ch2: [quiz('q1')], ch3: [reading('r3')] });
    const { progress: row, enrollment: next } = projected({}, { ...done, outline: grown, outlineVersion: 2 });
    expect(row).toMatchObject({ totalProgress: 75, completedAt: at(30), outlineVersion: 2 });
    expect(next).toMatchObject({ status: 'completed', progress: 75, completedAt: at(30) });
  });

  test('what was earned stays, and progress falls, when a quiz is marked down', () => {
    const done = projected(everything);
    const { enrollment: next } = projected({ attempts: [attempt('q1', 1, 10, { version: 2 })] }, done);
    expect(next).toMatchObject({ status: 'completed', progress: 66, completedAt: at(30) });
  });

  test('completes who lacked only an item that is gone', () => {
    const most = projected({ chapters: [completion('ch1')] });
    const without = outline({ ch1: [reading('r1'), video('v1')] });
    expect(projected({}, { ...most, outline: without, outlineVersion: 2 }).enrollment).toMatchObject({
      status: 'completed',
      progress: 100,
    });
  });

  test('restores when it was earned where the progress row was lost', () => {
    const { enrollment: done } = projected(everything);
    const { progress: row } = projected({}, { enrollment: done ?? enrollment(), progress: undefined });
    expect(row).toMatchObject({ totalProgress: 0, completedAt: at(30) });
  });

  test('says by which outline it was computed, even if nothing else changed', () => {
    const { progress: row, enrollment: next } = projected(
      {},
      { ...projected(everything), outlineVersion: 2 },
    );
    expect(row).toMatchObject({ totalProgress: 100, outlineVersion: 2 });
    expect(next).toBeUndefined();
  });

  test('brings the enrollment in step where it was left behind', () => {
    const { progress: row } = projected({ chapters: [completion('ch1')] });
    const result = projected({}, { progress: row, enrollment: enrollment({ progress: 0 }) });
    expect(result.progress).toBeUndefined();
    expect(result.enrollment).toMatchObject({ progress: 66 });
  });
});
