import type { Item, Outline } from './course.ts';
import { ownEntry } from './equal.ts';
import { measure } from './intervals.ts';
import { allItems } from './outline.ts';
import { bankCompletion, bitmapWith, mergeBitmaps } from './qbank-bitmap.ts';
import type { AnswerState } from './qbank-states.ts';
import { bestScore, passed } from './quiz.ts';
import type {
  AttemptFact,
  AttemptState,
  ChapterCompletionState,
  ChapterFact,
  ProgressState,
  VideoFact,
  VideoProgressState,
  WaiverFact,
  WaiverState,
  WatchedVideo,
} from './states.ts';
import { videoComplete, videoFraction, videoPercent, watchedSeconds } from './video.ts';

/** The version of the rules below; a row says by which it was computed. Since 2, answers of the question bank count. */
export const RULE_VERSION = 2;

/**
 * What a learner did in a course, each fact with the version of the source row it was taken from. Answered questions
 * have none: that a question was answered is never taken back.
 */
export type Facts = Pick<
  ProgressState,
  'completedChapters' | 'quizAttempts' | 'waivedItems' | 'answeredQuestions'
> & {
  readonly watchedVideos: Readonly<Record<string, VideoFact>>;
};

export function emptyFacts(): Facts {
  return {
    completedChapters: {},
    watchedVideos: {},
    quizAttempts: {},
    waivedItems: {},
    answeredQuestions: '',
  };
}

function newest<F extends { readonly version: number }>(
  known: Readonly<Record<string, F>>,
  added: Readonly<Record<string, F>>,
): Record<string, F> {
  const merged: Record<string, F> = { ...known };
  for (const [id, fact] of Object.entries(added)) {
    const current = ownEntry(merged, id);
    if (current === undefined || fact.version >= current.version) merged[id] = fact;
  }
  return merged;
}

/**
 * The newest of each fact, and every question that one or the other has as answered. Commutative, associative and
 * idempotent over facts of the same source rows by the same outline; of one version by two outlines, `added` wins.
 */
export function mergeFacts(known: Facts, added: Facts): Facts {
  const quizAttempts: Record<string, Readonly<Record<string, AttemptFact>>> = { ...known.quizAttempts };
  for (const [quizId, attempts] of Object.entries(added.quizAttempts)) {
    quizAttempts[quizId] = newest(ownEntry(quizAttempts, quizId) ?? {}, attempts);
  }
  return {
    completedChapters: newest(known.completedChapters, added.completedChapters),
    watchedVideos: newest(known.watchedVideos, added.watchedVideos),
    quizAttempts,
    waivedItems: newest(known.waivedItems, added.waivedItems),
    answeredQuestions: mergeBitmaps(known.answeredQuestions, added.answeredQuestions),
  };
}

/** Rows of one learner in one course, in any order, repeated or in several versions. */
export interface SourceRows {
  readonly chapters?: readonly Pick<ChapterCompletionState, 'chapterId' | 'completedAt' | 'version'>[];
  readonly videos?: readonly Pick<VideoProgressState, 'videoId' | 'intervals' | 'version'>[];
  readonly attempts?: readonly Pick<AttemptState, 'quizId' | 'number' | 'score' | 'version'>[];
  readonly waivers?: readonly Pick<WaiverState, 'itemId' | 'waived' | 'version'>[];
  readonly answers?: readonly Pick<AnswerState, 'ordinal'>[];
}

/**
 * The facts in source rows. A video that the outline does not have counts with all its seconds, for when it returns. A
 * question counts as answered whatever the answer was, also a void one: the learner did what was asked.
 */
export function factsOf(rows: SourceRows, outline: Outline): Facts {
  const completedChapters: Record<string, ChapterFact> = {};
  for (const { chapterId, completedAt, version } of rows.chapters ?? []) {
    if (version >= (ownEntry(completedChapters, chapterId)?.version ?? 0)) {
      completedChapters[chapterId] = { version, completedAt };
    }
  }
  const durations = new Map<string, number>();
  for (const item of allItems(outline)) {
    if (item.kind === 'video') durations.set(item.itemId, item.durationSeconds);
  }
  const watchedVideos: Record<string, VideoFact> = {};
  for (const { videoId, intervals, version } of rows.videos ?? []) {
    if (version < (ownEntry(watchedVideos, videoId)?.version ?? 0)) continue;
    const duration = durations.get(videoId);
    const seconds = duration === undefined ? measure(intervals) : watchedSeconds(intervals, duration);
    watchedVideos[videoId] = { version, seconds };
  }
  const quizAttempts: Record<string, Record<string, AttemptFact>> = {};
  for (const { quizId, number, score, version } of rows.attempts ?? []) {
    const attempts = ownEntry(quizAttempts, quizId) ?? {};
    if (version >= (ownEntry(attempts, String(number))?.version ?? 0)) attempts[number] = { version, score };
    quizAttempts[quizId] = attempts;
  }
  const waivedItems: Record<string, WaiverFact> = {};
  for (const { itemId, waived, version } of rows.waivers ?? []) {
    if (version >= (ownEntry(waivedItems, itemId)?.version ?? 0)) waivedItems[itemId] = { version, waived };
  }
  const answeredQuestions = bitmapWith((rows.answers ?? []).map(({ ordinal }) => ordinal));
  return { completedChapters, watchedVideos, quizAttempts, waivedItems, answeredQuestions };
}

/** The facts that a progress row holds, without what was only concluded from them. */
export function storedFacts(progress: Facts): Facts {
  const watchedVideos: Record<string, VideoFact> = {};
  for (const [videoId, { version, seconds }] of Object.entries(progress.watchedVideos)) {
    if (version > 0) watchedVideos[videoId] = { version, seconds };
  }
  return {
    completedChapters: progress.completedChapters,
    watchedVideos,
    quizAttempts: progress.quizAttempts,
    waivedItems: progress.waivedItems,
    answeredQuestions: progress.answeredQuestions,
  };
}

export interface Evaluation {
  /** 0 to 100; null while no required item has a weight. 100 exactly when `complete`. */
  readonly totalProgress: number | null;
  /** Of the required items. */
  readonly completedItems: number;
  readonly requiredItems: number;
  readonly complete: boolean;
  /** Of the required items: the sum of their weights, and of weight times completion. */
  readonly weights: number;
  readonly earned: number;
  /** Every video that was played or whose chapter was completed; version 0 where it was never played. */
  readonly watchedVideos: Record<string, WatchedVideo>;
  /** By itemId, required or not: 0 to 1, and 1 exactly when complete. */
  readonly itemCompletion: ReadonlyMap<string, number>;
}

/** Whether an admin lets the item count as complete, whatever the learner did. */
export function waives({ waivedItems }: Pick<Facts, 'waivedItems'>, itemId: string): boolean {
  return ownEntry(waivedItems, itemId)?.waived === true;
}

function completionOf(item: Item, chapterComplete: boolean, facts: Facts): number {
  if (waives(facts, item.itemId)) return 1;
  switch (item.kind) {
    case 'reading':
      return chapterComplete ? 1 : 0;
    case 'video': {
      const seconds = ownEntry(facts.watchedVideos, item.itemId)?.seconds ?? 0;
      if (chapterComplete || videoComplete(seconds, item.durationSeconds)) return 1;
      return videoFraction(seconds, item.durationSeconds);
    }
    case 'quiz': {
      const attempts = Object.values(ownEntry(facts.quizAttempts, item.itemId) ?? {});
      return passed(bestScore(attempts), item.passMark) === true ? 1 : 0;
    }
    case 'qbank':
      return bankCompletion(facts.answeredQuestions, item.questions);
  }
}

/**
 * How far the facts bring a learner in the outline as published now: P = 100 * sum(w c) / sum(w) over the
 * required items. A completed chapter completes the readings and videos it has now, also those that came
 * later. Facts about what the outline does not have are kept and do not count.
 */
export function evaluate(outline: Outline, facts: Facts): Evaluation {
  const known = storedFacts(facts);
  const watchedVideos: Record<string, WatchedVideo> = {};
  for (const [videoId, fact] of Object.entries(known.watchedVideos)) {
    watchedVideos[videoId] = { ...fact, percent: 0, completed: false };
  }
  const itemCompletion = new Map<string, number>();
  let weights = 0;
  let earned = 0;
  let required = 0;
  let completed = 0;
  for (const chapter of outline.chapters) {
    const chapterComplete = Object.hasOwn(known.completedChapters, chapter.chapterId);
    for (const item of chapter.items) {
      const completion = completionOf(item, chapterComplete, known);
      itemCompletion.set(item.itemId, completion);
      if (item.kind === 'video') {
        const fact = ownEntry(known.watchedVideos, item.itemId);
        if (fact !== undefined || chapterComplete) {
          const { version, seconds } = fact ?? { version: 0, seconds: 0 };
          const percent = videoPercent(seconds, item.durationSeconds);
          watchedVideos[item.itemId] = { version, seconds, percent, completed: completion === 1 };
        }
      }
      if (!item.required) continue;
      required += 1;
      if (completion === 1) completed += 1;
      weights += item.weight;
      earned += item.weight * completion;
    }
  }
  const counts = weights > 0;
  const complete = counts && completed === required;
  const percent = counts ? Math.min(99, Math.floor((100 * earned) / weights + 1e-9)) : null;
  return {
    totalProgress: complete ? 100 : percent,
    completedItems: completed,
    requiredItems: required,
    complete,
    weights,
    earned,
    watchedVideos,
    itemCompletion,
  };
}
