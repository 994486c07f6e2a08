import type { Outline } from './course.ts';
import { type AttemptId, type ChapterId, type CourseId, isId, type ItemId, type UserId } from './ids.ts';
import { union } from './intervals.ts';
import type { CourseInForce } from './legacy-course.ts';
import { percentOf } from './legacy-enrollment.ts';
import {
  firstStamp,
  isLegacy,
  isRecord,
  keptOf,
  type LegacyRow,
  listAt,
  momentOf,
  type Migrating,
  numberAt,
  oldest,
  partsOf,
  textAt,
  timeAt,
  type Unreadable,
} from './legacy-row.ts';
import { allItems, chapterOf } from './outline.ts';
import { emptyFacts, evaluate, type Facts, RULE_VERSION } from './progress.ts';
import { nextStamp } from './stamp.ts';
import type { AttemptState, ChapterCompletionState, ProgressState, VideoProgressState } from './states.ts';
import { VIDEO_COMPLETE_AT } from './video.ts';

/**
 * What learners did, as the old school kept it.
 *
 * | table | then | now |
 * | --- | --- | --- |
 * | `studentProgress` | `completedChapters`: ids, or pairs of `chapterId` and `completedAt` | rows of `chapterCompletions` |
 * | | `watchedVideos`: ids, also of videos that were only ticked off | of those, rows of `videoProgress` |
 * | | `startedAt`, `lastUpdated` | |
 * | `videoProgress` | `watchedSeconds` or `currentTime`, `duration`, `percentage`, `completed` from 90 % on, `lastWatched` | `intervals` from the beginning |
 * | `quizAttempts` | `score`, `passed`, `completedAt`, `answers` as a list | `submittedAt`, `passMark`, `oldAnswers` |
 *
 * Courses, videos and quizzes are named by the sort keys, which have stayed.
 */

type WholeVideo = VideoProgressState & {
  readonly video: string;
  readonly positionSeconds: number;
  readonly lastBeatAt: string;
  readonly playheads: Readonly<Record<string, never>>;
};

/** A video that the old school had as watched. */
export type ListedVideo = {
  readonly videoId: ItemId;
  readonly durationSeconds: number;
  /** No completed chapter says so: it was ticked off by itself, when that was. */
  readonly tickedAt?: string;
};

export type MigratedProgress = {
  /** The row without what is computed, as `computedOf` makes it of the facts. */
  readonly progress: Omit<ProgressState, keyof Computed>;
  /** As the old school had computed it. */
  readonly totalProgress: number | null;
  readonly chapters: readonly (ChapterCompletionState & { readonly completion: string })[];
  readonly videos: readonly ListedVideo[];
};

/**
 * What a learner had done in a course. A completed chapter is as old as the oldest time that is known of it. A video
 * that was ticked off was watched, in the words of the old school: where no completed chapter says so anyway, it
 * becomes a fact of its own. What the course does not have any more is kept by its name.
 */
export function migrateProgress(
  row: LegacyRow,
  given: Migrating & { readonly course: CourseInForce | undefined },
): MigratedProgress | Unreadable | undefined {
  if (!isLegacy(row)) return undefined;
  const { userId, courseId } = row;
  if (typeof userId !== 'string' || !isId<UserId>(userId)) return { unreadable: ['userId'] };
  if (typeof courseId !== 'string' || !isId<CourseId>(courseId)) return { unreadable: ['courseId'] };
  const startedAt = timeAt(row, 'startedAt', 'createdAt');
  const lastUpdated = timeAt(row, 'lastUpdated');
  const known = oldest([startedAt, lastUpdated]) ?? given.now;

  const listed = listAt(row, 'completedChapters')?.map((entry) => namedIn(entry, 'chapterId'));
  if (listed === undefined || listed.includes(undefined)) return { unreadable: ['completedChapters'] };
  const times = new Map<ChapterId, string>();
  for (const { id, at } of listed.filter((entry) => entry !== undefined)) {
    if (!isId<ChapterId>(id)) return { unreadable: ['completedChapters'] };
    times.set(id, oldest([times.get(id), at]) ?? known);
  }
  const chapters = [...times].map(([chapterId, completedAt]) => ({
    userId,
    completion: `${courseId}#${chapterId}`,
    courseId,
    chapterId,
    completedAt,
    ...firstStamp(completedAt, given),
  }));

  const watched = listAt(row, 'watchedVideos')?.map((entry) => namedIn(entry, 'videoId'));
  if (watched === undefined || watched.includes(undefined)) return { unreadable: ['watchedVideos'] };
  const outline = given.course?.outline ?? { chapters: [] };
  const videos: ListedVideo[] = [];
  const unknown: string[] = [];
  for (const { id, at } of watched.filter((entry) => entry !== undefined)) {
    const video = allItems(outline).find((item) => item.kind === 'video' && item.itemId === id);
    const chapter = chapterOf(outline, id);
    if (video?.kind !== 'video' || chapter === undefined) {
      unknown.push(id);
      continue;
    }
    const { itemId: videoId, durationSeconds } = video;
    const ticked = times.has(chapter.chapterId) ? {} : { tickedAt: at ?? lastUpdated ?? known };
    videos.push({ videoId, durationSeconds, ...ticked });
  }

  const completedAt = timeAt(row, 'completedAt');
  const progress = {
    userId,
    courseId,
    ...(completedAt === undefined ? {} : { completedAt }),
    // The outline that the course came with, so that nobody is told that a change of the course lowered anything.
    outlineVersion: given.course?.outlineVersion ?? 0,
    ...firstStamp(lastUpdated ?? known, given),
  };
  const kept = keptOf(row, 'completedChapters', 'watchedVideos', 'totalProgress', 'startedAt', 'lastUpdated');
  const names = unknown.length === 0 ? {} : { unknownVideos: unknown };
  const totalProgress = percentOf(row.totalProgress);
  return { progress: { ...kept, ...names, ...progress }, totalProgress, chapters, videos };
}

type Computed = Pick<
  ProgressState,
  'totalProgress' | 'completedItems' | 'requiredItems' | 'ruleVersion' | keyof Facts
>;

/**
 * What a progress row says of the facts that it knew of. The percentage stays what the old school had made of chapters
 * only, by a rule of before today's, until it is recalculated; where today's says the same, it is by that.
 */
export function computedOf(
  totalProgress: number | null,
  facts: Pick<Facts, 'completedChapters' | 'watchedVideos'>,
  outline: Outline,
): Computed {
  const known = { ...emptyFacts(), ...facts };
  const { completedItems, requiredItems, watchedVideos, totalProgress: today } = evaluate(outline, known);
  const ruleVersion = today === totalProgress ? RULE_VERSION : 1;
  return { ...known, totalProgress, completedItems, requiredItems, watchedVideos, ruleVersion };
}

/** An id in a list, by itself or with the time that it is from. */
function namedIn(
  entry: unknown,
  name: string,
): { readonly id: string; readonly at?: string | undefined } | undefined {
  if (typeof entry === 'string') return { id: entry };
  const id = isRecord(entry) ? textAt(entry, name, 'id') : undefined;
  if (!isRecord(entry) || id === undefined) return undefined;
  return { id, at: momentOf(entry.completedAt) };
}

/**
 * How much of a video was watched. The old school counted seconds, and knew not which: they count from the beginning.
 * What it called complete is complete by the length that the video has now.
 *
 * @param given.durationSeconds by the outline; undefined where it does not have the video
 */
export function migrateVideo(
  row: LegacyRow,
  given: Migrating & { readonly durationSeconds: number | undefined },
): WholeVideo | Unreadable | undefined {
  if (!isLegacy(row)) return undefined;
  const { userId, video } = row;
  const [courseId, videoId] = partsOf(video, 2) ?? [];
  if (typeof userId !== 'string' || !isId<UserId>(userId)) return { unreadable: ['userId'] };
  if (typeof video !== 'string' || courseId === undefined || videoId === undefined)
    return { unreadable: ['video'] };
  if (!isId<CourseId>(courseId) || !isId<ItemId>(videoId)) return { unreadable: ['video'] };
  const counted = numberAt(row, 'watchedSeconds', 'currentTime');
  const percentage = numberAt(row, 'percentage') ?? 0;
  const complete = row.completed === true || percentage >= 100 * VIDEO_COMPLETE_AT;
  if (counted === undefined && row.percentage === undefined && !complete)
    return { unreadable: ['watchedSeconds'] };
  const length = given.durationSeconds ?? numberAt(row, 'duration') ?? 0;
  const said = Math.max(counted ?? 0, (length * Math.min(100, percentage)) / 100);
  const seconds = Math.max(0, complete ? Math.max(said, Math.ceil(length * VIDEO_COMPLETE_AT)) : said);
  const at = timeAt(row, 'lastWatched', 'createdAt') ?? given.now;
  const next: WholeVideo = {
    userId,
    video,
    courseId,
    videoId,
    intervals: union([[0, Math.min(seconds, LONGEST)]], []),
    positionSeconds: Math.min(Math.max(0, numberAt(row, 'currentTime') ?? seconds), LONGEST),
    lastBeatAt: at,
    playheads: {},
    days: [at.slice(0, 10)],
    ...firstStamp(at, given),
  };
  const placed = ['watchedSeconds', 'currentTime', 'percentage', 'completed', 'lastWatched', 'createdAt'];
  return { ...keptOf(row, ...placed), ...next };
}

/** A day: no video is longer. */
const LONGEST = 86_400;

/** A video that was ticked off, of which nobody has counted a second. */
export function tickedVideo(
  key: { readonly userId: UserId; readonly courseId: CourseId; readonly videoId: ItemId },
  given: Migrating & { readonly at: string; readonly durationSeconds: number },
): WholeVideo {
  return {
    ...key,
    video: `${key.courseId}#${key.videoId}`,
    intervals: [[0, given.durationSeconds]],
    positionSeconds: 0,
    lastBeatAt: given.at,
    playheads: {},
    days: [given.at.slice(0, 10)],
    ...firstStamp(given.at, given),
  };
}

/** A row that counts all of a video that was ticked off; undefined where it does so already. */
export function tickOff<Row extends VideoProgressState>(
  row: Row,
  given: Migrating & { readonly durationSeconds: number },
): Row | undefined {
  const intervals = union(row.intervals, [[0, given.durationSeconds]]);
  if (JSON.stringify(intervals) === JSON.stringify(row.intervals)) return undefined;
  return { ...row, intervals, ...nextStamp(row, given.now, given.cause) };
}

/**
 * An attempt at a quiz. The pass mark was not kept with it: it is that of the quiz as it is now. Answers were kept by
 * their places, which name no option, so they are kept as they are.
 *
 * @param given.passMark by the outline; undefined where it does not have the quiz
 */
export function migrateAttempt(
  row: LegacyRow,
  given: Migrating & { readonly passMark: number | undefined },
): (AttemptState & { readonly attempt: string }) | Unreadable | undefined {
  if (!isLegacy(row)) return undefined;
  const { userId, attempt, answers } = row;
  const [courseId, quizId, counted] = partsOf(attempt, 3) ?? [];
  const number = Number(counted);
  if (typeof userId !== 'string' || !isId<UserId>(userId)) return { unreadable: ['userId'] };
  if (typeof attempt !== 'string' || courseId === undefined || quizId === undefined)
    return { unreadable: ['attempt'] };
  if (!isId<CourseId>(courseId) || !isId<ItemId>(quizId) || !/^\d{4}$/.test(counted ?? '') || number < 1) {
    return { unreadable: ['attempt'] };
  }
  const attemptId = textAt(row, 'attemptId') ?? `old-${number}`;
  if (!isId<AttemptId>(attemptId)) return { unreadable: ['attemptId'] };
  const score = numberAt(row, 'score');
  if (score !== undefined && (score < 0 || score > 100)) return { unreadable: ['score'] };
  const submittedAt = timeAt(row, 'submittedAt', 'completedAt', 'createdAt') ?? given.now;
  const next: AttemptState & { readonly attempt: string } = {
    userId,
    attempt,
    courseId,
    quizId,
    number,
    attemptId,
    score: score === undefined ? null : Math.round(score * 100) / 100,
    // Without a quiz to ask, by what the old school said of this very attempt.
    passMark: given.passMark ?? (row.passed === true ? 0 : 100),
    submittedAt,
    ...firstStamp(submittedAt, given),
  };
  const old = answers === undefined ? {} : { oldAnswers: answers };
  return { ...keptOf(row, 'answers', 'completedAt', 'createdAt'), ...old, ...next };
}
