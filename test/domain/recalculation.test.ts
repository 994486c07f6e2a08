import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyFacts, evaluate, factsOf, RULE_VERSION } from '../../shared/domain/progress.ts';
import { project } from '../../shared/domain/project.ts';
import {
  countEffects,
  effectsOf,
  laneOf,
  playedOf,
  previewLearner,
  retimedVideos,
} from '../../shared/domain/recalculation.ts';
import type { EnrollmentStatus } from '../../shared/domain/status.ts';
import {
  at,
  cause,
  completion,
  enrollment,
  id,
  outline,
  progress,
  reading,
  video,
  watched,
} from './builders.ts';

describe('the effect of an outline on a percentage', () => {
  test.each([
    [40, 40, []],
    [40, 50, ['rises']],
    [50, 40, ['falls']],
    [99, 100, ['rises', 'completes']],
    [100, 99, ['falls', 'uncompletes']],
    [100, 100, []],
    [null, 0, []],
    [null, 100, ['rises', 'completes']],
    [100, null, ['falls', 'uncompletes']],
  ])('from %s to %s is %j', (from, to, effects) => {
    expect(effectsOf(from, to)).toEqual(effects);
  });

  test.each<[EnrollmentStatus, object]>([
    ['active', { rises: 1 }],
    ['completed', { rises: 1 }],
    ['cancelled', {}],
  ])('of a learner who is %s is counted as %j', (status, counts) => {
    expect(countEffects({ status }, 0, 50)).toEqual(counts);
  });
});

describe('a preview', () => {
  const before = outline({ ch1: [reading('r1')], ch2: [reading('r2')] });
  const facts = factsOf({ chapters: [completion('ch1')] }, before);
  const half = project({
    enrollment: enrollment(),
    progress: undefined,
    outline: before,
    outlineVersion: 1,
    facts,
    now: at(0),
    cause,
  });
  const learner = { enrollment: half.enrollment ?? enrollment(), progress: half.progress };

  test('counts a learner whom nothing happens to', () => {
    expect(previewLearner({ ...learner, outline: before, facts: emptyFacts() })).toEqual({ learners: 1 });
  });

  test('tells who completes the course by what is done already', () => {
    const shorter = outline({ ch1: [reading('r1')] });
    expect(previewLearner({ ...learner, outline: shorter, facts: emptyFacts() })).toEqual({
      learners: 1,
      rises: 1,
      completes: 1,
    });
  });

  test('passes over who has left', () => {
    const gone = { ...learner, enrollment: enrollment({ status: 'cancelled' }) };
    expect(previewLearner({ ...gone, outline: outline({ ch1: [] }), facts: emptyFacts() })).toEqual({});
  });

  test('goes by the enrollment where there is no progress row', () => {
    const bare = { enrollment: enrollment({ progress: 50 }), progress: undefined };
    expect(previewLearner({ ...bare, outline: before, facts: emptyFacts() })).toEqual({
      learners: 1,
      falls: 1,
    });
  });

  test('tells what a recalculation then does, whatever was done and whatever changes', () => {
    const lengths = fc.array(fc.constantFrom(0, 10, 20, 40), { minLength: 3, maxLength: 3 });
    const made = (of: readonly number[]) =>
      outline(
        Object.fromEntries([
          ['ch', [reading('r')]],
          ...of.map((seconds, index) => [`ch${index}`, seconds === 0 ? [] : [video(`v${index}`, seconds)]]),
        ]),
      );
    const deeds = fc.record({
      chapters: fc.subarray(['ch', 'ch0', 'ch1', 'ch2']),
      videos: fc.array(fc.tuple(fc.nat(2), fc.nat(30), fc.integer({ min: 1, max: 40 })), { maxLength: 3 }),
      status: fc.constantFrom<EnrollmentStatus>('active', 'completed', 'cancelled'),
    });
    fc.assert(
      fc.property(lengths, lengths, deeds, (one, other, { chapters, videos, status }) => {
        const [from, to] = [made(one), made(other)];
        const rows = {
          chapters: chapters.map((chapterId) => completion(chapterId)),
          videos: [...new Map(videos.map((each) => [each[0], each])).values()].map(([index, start, length]) =>
            watched(`v${index}`, [[start, start + length]]),
          ),
        };
        const basics = { outlineVersion: 1, now: at(0), cause };
        const known = project({
          ...basics,
          enrollment: enrollment({ status }),
          progress: undefined,
          outline: from,
          facts: factsOf(rows, from),
        });
        const standing = { enrollment: known.enrollment ?? enrollment({ status }), progress: known.progress };
        const played = playedOf(retimedVideos(from, to), known.progress);
        const anew = factsOf({ videos: rows.videos.filter(({ videoId }) => played.includes(videoId)) }, to);
        const preview = previewLearner({ ...standing, outline: to, facts: anew });
        const after = project({ ...basics, ...standing, outlineVersion: 2, outline: to, facts: anew });
        // What it comes to is what the source rows amount to, measured by nothing but the new outline.
        expect(after.progress?.totalProgress).toBe(evaluate(to, factsOf(rows, to)).totalProgress);
        const [was, is] = [known.progress?.totalProgress ?? null, after.progress?.totalProgress ?? null];
        expect(preview).toEqual(
          status === 'cancelled' ? {} : { learners: 1, ...countEffects({ status }, was, is) },
        );
      }),
    );
  });
});

describe('videos that are measured anew', () => {
  const before = outline({
    ch1: [video('same', 10), video('longer', 10), video('gone', 10), reading('read')],
  });
  const after = outline({
    ch1: [video('longer', 20), video('new', 10)],
    ch2: [video('same', 10), video('read')],
  });
  const videos = retimedVideos(before, after);

  test('are those of another length and those that come in, wherever they are', () => {
    expect([...videos].sort()).toEqual(['longer', 'new', 'read']);
    expect([...retimedVideos(before, before)]).toEqual([]);
  });

  test('are read where they were played, not where only their chapter was completed', () => {
    const own = { seconds: 1, percent: 10, completed: true };
    const watchedVideos = {
      longer: { ...own, version: 0 },
      new: { ...own, version: 2 },
      same: { ...own, version: 3 },
    };
    expect(playedOf(videos, progress({ watchedVideos, ruleVersion: RULE_VERSION }))).toEqual(['new']);
    expect(playedOf(videos, undefined)).toEqual([]);
    expect(playedOf(new Set([id('constructor')]), progress())).toEqual([]);
  });
});

describe('the lanes of a course', () => {
  test.each([
    ['numbers in sequence', (index: number) => `student${String(index).padStart(6, '0')}`],
    ['addresses', (index: number) => `someone.${index * 7}@school.example`],
    ['one letter repeated', (index: number) => 'a'.repeat(1 + (index % 64)) + index],
  ])('are even where ids are %s', (_what, idOf) => {
    const sizes = [0, 0, 0, 0];
    for (let index = 0; index < 10_000; index += 1) {
      const lane = laneOf(idOf(index), 4);
      sizes[lane] = (sizes[lane] ?? 0) + 1;
    }
    for (const size of sizes) expect(Math.abs(size / 2500 - 1)).toBeLessThan(0.1);
  });

  test('hold each learner in one of them, always the same', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 64 }), fc.integer({ min: 1, max: 90 }), (userId, lanes) => {
        const lane = laneOf(userId, lanes);
        expect(lane).toBeGreaterThanOrEqual(0);
        expect(lane).toBeLessThan(lanes);
        expect(laneOf(userId, lanes)).toBe(lane);
      }),
    );
  });
});
