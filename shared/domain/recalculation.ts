import type { Outline } from './course.ts';
import { ownEntry } from './equal.ts';
import type { ItemId } from './ids.ts';
import type { JobCounts } from './job.ts';
import { allItems } from './outline.ts';
import { type Facts, storedFacts } from './progress.ts';
import { computeProgress } from './project.ts';
import type { EnrollmentState, ProgressState } from './states.ts';

/**
 * What another outline does to the learners of a course: told beforehand, for a preview, and counted when it is done,
 * by the same function.
 */

/** `completes` and `uncompletes` are of those who rise and of those who fall. What was earned stays in any case. */
export const EFFECTS = ['rises', 'falls', 'completes', 'uncompletes'] as const;
export type Effect = (typeof EFFECTS)[number];

/** What the step from one percentage to another is; nothing that counts is as nothing done. */
export function effectsOf(from: number | null, to: number | null): Effect[] {
  const [before, after] = [from ?? 0, to ?? 0];
  if (before === after) return [];
  if (after > before) return after === 100 ? ['rises', 'completes'] : ['rises'];
  return before === 100 ? ['falls', 'uncompletes'] : ['falls'];
}

/** The effects on one learner, to be summed. Who has left is kept in step and not counted. */
export function countEffects(
  { status }: Pick<EnrollmentState, 'status'>,
  from: number | null,
  to: number | null,
): JobCounts {
  if (status === 'cancelled') return {};
  return Object.fromEntries(effectsOf(from, to).map((effect) => [effect, 1]));
}

/**
 * What an outline that is not in force would do to a learner, compared with what the row says now: the effects, with
 * `learners` for the one whom they are of. Nothing where the learner has left.
 *
 * @param given.facts what there is beside the facts that the row holds: videos that `retimedVideos` names
 */
export function previewLearner(given: {
  readonly enrollment: EnrollmentState;
  readonly progress: ProgressState | undefined;
  readonly outline: Outline;
  readonly facts: Facts;
}): JobCounts {
  const { enrollment, progress, outline, facts } = given;
  // Neither the version of an outline nor the time of a completion moves the percentage.
  const cause = { causedBy: '', causedAt: '' };
  const { computed } = computeProgress({ enrollment, progress, outline, outlineVersion: 0, facts, cause });
  const from = progress === undefined ? enrollment.progress : progress.totalProgress;
  if (enrollment.status === 'cancelled') return {};
  return { learners: 1, ...countEffects(enrollment, from, computed.totalProgress) };
}

/**
 * The videos whose seconds have to be measured anew: those that get another length, and those that come in or back. A
 * progress row holds seconds, cut off at the length of the day; which of them count by another one only the source
 * row knows.
 */
export function retimedVideos(before: Outline, after: Outline): ReadonlySet<ItemId> {
  const lengths = new Map<string, number>();
  for (const item of allItems(before)) {
    if (item.kind === 'video') lengths.set(item.itemId, item.durationSeconds);
  }
  return new Set(
    allItems(after).flatMap((item) =>
      item.kind === 'video' && lengths.get(item.itemId) !== item.durationSeconds ? [item.itemId] : [],
    ),
  );
}

/** Of some videos those that the learner has played. */
export function playedOf(videos: ReadonlySet<ItemId>, progress: ProgressState | undefined): ItemId[] {
  if (progress === undefined) return [];
  const { watchedVideos } = storedFacts(progress);
  return [...videos].filter((videoId) => ownEntry(watchedVideos, videoId) !== undefined);
}

/**
 * The lane of a learner, below `lanes`: the same at all times, and even whatever the ids look like, which ranges of
 * their first letters would not be (numbers in sequence all begin alike). FNV-1a, with a last mix, as its lowest bits
 * alone depend on the lowest bits of the letters.
 */
export function laneOf(userId: string, lanes: number): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < userId.length; index += 1) {
    hash = Math.imul(hash ^ userId.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) % lanes;
}
