import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLearner, type LearnerReading, withoutCourse } from '../../shared/domain/check-learner.ts';
import type { LearnerRows } from '../../shared/domain/explanation.ts';
import { factsOf } from '../../shared/domain/progress.ts';
import { project } from '../../shared/domain/project.ts';
import type { EnrollmentState, ProgressState } from '../../shared/domain/states.ts';
import * as build from './builders.ts';
import { answered } from './qbank-builders.ts';

const COURSE = build.outline({
  basics: [build.reading('read'), build.video('film', 100)],
  deeper: [build.quiz('test', { weight: 2 })],
  practice: [build.qbank('drill', 2)],
});
const NOTHING: LearnerRows = { chapters: [], videos: [], attempts: [], waivers: [], answers: [] };
const NOW = build.at(3600);
const QUIET = build.at(3000);
const LATE = { updatedAt: build.at(3500) };

const all: LearnerRows = {
  chapters: [build.completion('basics')],
  videos: [build.watched('film', [[0, 50]])],
  attempts: [build.attempt('test', 1, 40), build.attempt('test', 2, 80)],
  waivers: [],
  answers: [answered('q0', 'a', { ordinal: 0 })],
};

/** Rows as the projection leaves them when it has seen `seen`. */
function stored(seen: Partial<LearnerRows>) {
  const projected = project({
    enrollment: build.enrollment(),
    progress: undefined,
    outline: COURSE,
    outlineVersion: 1,
    facts: factsOf({ ...NOTHING, ...seen }, COURSE),
    now: build.START,
    cause: build.cause,
  });
  if (projected.progress === undefined) throw new Error('Nothing was projected');
  return { progress: projected.progress, enrollment: projected.enrollment ?? build.enrollment() };
}

function check(over: Partial<LearnerReading>) {
  return checkLearner({
    ...stored(all),
    certificate: undefined,
    outline: COURSE,
    outlineVersion: 1,
    courseUpdatedAt: build.START,
    rows: all,
    now: NOW,
    quietSince: QUIET,
    ...over,
  });
}

const found = (over: Partial<LearnerReading>) =>
  check(over).findings.map(({ flow, drift, reason, subject }) =>
    [flow, drift, reason, subject.split('.').slice(1).join('.')].join(' ').trim(),
  );

describe('the check of a learner', () => {
  it('finds nothing where the rows are what the facts amount to, and counts what it compared', () => {
    const { checked, findings, repair } = check({});
    expect({ checked, findings, repair }).toEqual({
      checked: { enrollment: 1, progress: 1, video: 1, quiz: 2, qbank: 1 },
      findings: [],
      repair: {},
    });
  });

  it('names facts that never arrived', () => {
    expect(found(stored({ chapters: all.chapters }))).toEqual([
      'video missing not_applied watchedVideos.film',
      'quiz missing not_applied quizAttempts.test.1',
      'quiz missing not_applied quizAttempts.test.2',
      'qbank missing not_applied answeredQuestions',
      'progress wrong not_applied',
    ]);
  });

  it('leaves to the streams what was written a moment ago', () => {
    const rows = {
      ...all,
      attempts: all.attempts.map((row) => ({ ...row, ...LATE })),
      answers: all.answers.map((row) => ({ ...row, ...LATE })),
    };
    expect(found({ ...stored({ chapters: all.chapters, videos: all.videos }), rows })).toEqual([]);
  });

  it('does not let news on its way hide what is wrong', () => {
    const rows = { ...all, attempts: all.attempts.map((row) => ({ ...row, ...LATE })) };
    const { progress, enrollment } = stored({
      chapters: all.chapters,
      videos: all.videos,
      answers: all.answers,
    });
    expect(found({ enrollment, progress: { ...progress, totalProgress: 99 }, rows })).toEqual([
      'progress wrong altered',
    ]);
  });

  it('finds a fact that nothing tells of, and one of a version that its source has not reached', () => {
    const { progress, enrollment } = stored(all);
    const made = {
      ...progress.watchedVideos,
      ghost: { version: 1, seconds: 9, percent: 0, completed: false },
    };
    expect(found({ enrollment, progress: { ...progress, watchedVideos: made } })).toEqual([
      'video orphaned unsourced watchedVideos.ghost',
      'progress wrong altered',
    ]);
    const ahead = { basics: { version: 900, completedAt: build.START } };
    expect(found({ enrollment, progress: { ...progress, completedChapters: ahead } })).toEqual([
      'progress wrong altered',
    ]);
  });

  it('makes a missing progress anew, and removes one without an enrollment', () => {
    const { enrollment } = stored(all);
    const made = check({ enrollment, progress: undefined });
    expect(made.repair.progress).toMatchObject({
      totalProgress: stored(all).progress.totalProgress,
      version: Date.parse(NOW),
    });
    const orphan = check({ enrollment: undefined });
    expect(orphan.findings).toMatchObject([{ flow: 'enrollment', drift: 'orphaned' }]);
    expect(orphan.repair).toEqual({ removeProgress: true });
  });

  it('names an enrollment in a course that is not there, and leaves it to people', () => {
    const { findings, repair } = withoutCourse(build.enrollment());
    expect(findings).toMatchObject([{ flow: 'enrollment', drift: 'orphaned', reason: 'unsourced' }]);
    expect(repair).toEqual({});
  });

  it('believes of three rows two when a course was first complete, and lets nothing take it away', () => {
    const { progress, enrollment } = stored(all);
    const earned = { completedAt: build.at(5) };
    const one = check({ enrollment: { ...enrollment, ...earned, status: 'completed' }, progress });
    expect(one.repair.progress).toMatchObject(earned);
    const certificate = { completedAt: build.at(5) } as never;
    const two = check({
      enrollment: { ...enrollment, ...earned, status: 'completed' },
      progress: { ...progress, completedAt: build.at(1) },
      certificate,
    });
    expect(two.repair.progress).toMatchObject(earned);
  });

  it('leaves a learner alone whom a course published just now has not reached yet', () => {
    expect(check({ outlineVersion: 2, courseUpdatedAt: build.at(3000) }).checked).toEqual({});
    expect(found({ outlineVersion: 2, courseUpdatedAt: build.at(-3600) })).toEqual([
      'progress wrong altered',
    ]);
  });

  it('repairs whatever was done to the rows, so that a second look finds nothing', () => {
    const facts = fc.subarray(['chapters', 'videos', 'attempts', 'answers'] as const);
    const damage = fc.record(
      {
        totalProgress: fc.constantFrom(null, 0, 55, 100),
        completedChapters: fc.constantFrom({}, { ghost: { version: 3, completedAt: build.START } }),
        watchedVideos: fc.constantFrom({}, { film: { version: 7, seconds: 1, percent: 1, completed: true } }),
        quizAttempts: fc.constantFrom({}, { test: { 2: { version: 1, score: 1 } } }),
        waivedItems: fc.constantFrom({}, { read: { version: 1, waived: true } }),
        answeredQuestions: fc.constantFrom('', 'Aw==', '/w=='),
        outlineVersion: fc.constantFrom(0, 1, 5),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Partial<ProgressState>>;
    const harm = fc.record(
      {
        progress: fc.constantFrom(null, 3),
        attempted: fc.boolean(),
        status: fc.constantFrom('active' as const, 'completed' as const),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Partial<EnrollmentState>>;
    fc.assert(
      fc.property(facts, facts, damage, harm, fc.boolean(), (sources, seen, of, enrolled, gone) => {
        const pick = (names: readonly (keyof LearnerRows)[]) =>
          Object.fromEntries(names.map((name) => [name, all[name]])) as Partial<LearnerRows>;
        const rows = { ...NOTHING, ...pick(sources) };
        const { progress, enrollment } = stored(pick(seen));
        const given = {
          enrollment: { ...enrollment, ...enrolled },
          progress: gone ? undefined : { ...progress, ...of },
          rows,
        };
        const { repair } = check(given);
        const mended = {
          rows,
          enrollment: repair.enrollment ?? given.enrollment,
          progress: repair.progress ?? given.progress,
        };
        expect(check(mended).findings).toEqual([]);
        const truth = stored(pick(sources));
        expect(mended.progress).toMatchObject({ totalProgress: truth.progress.totalProgress });
        expect(mended.enrollment).toMatchObject({
          progress: truth.progress.totalProgress,
          attempted: rows.attempts.length > 0,
        });
      }),
    );
  });
});
