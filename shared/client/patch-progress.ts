import type { RowChange, RowValues } from '../contracts/publish.ts';
import type { CourseProgress } from '../contracts/views.ts';
import { number, numberOrNull, partsOf, text } from './row-values.ts';

type Watched = CourseProgress['watchedVideos'][number];
type Attempts = CourseProgress['quizAttempts'][number];

/**
 * The progress with the values of a change, or the same where it does not tell enough. A change tells only those
 * chapters, videos and quizzes that differ from the version before it, null where they are gone; and how many questions
 * were answered, where that differs.
 */
export function patchProgress(progress: CourseProgress, { version, values }: RowChange): CourseProgress {
  const totalProgress = numberOrNull(values.totalProgress);
  const completedItems = number(values.completedItems);
  const requiredItems = number(values.requiredItems);
  if (totalProgress === undefined || completedItems === undefined || requiredItems === undefined) {
    return progress;
  }
  const { courseId, title } = progress;
  const completedAt = text(values.completedAt);
  return {
    courseId,
    title,
    totalProgress,
    completedItems,
    requiredItems,
    completedChapters: marked(progress.completedChapters, values, 'chapters', 'completed'),
    watchedVideos: watched(progress.watchedVideos, values),
    quizAttempts: attempted(progress.quizAttempts, values),
    waivedItems: marked(progress.waivedItems, values, 'waivers', 'waived'),
    answeredQuestions: answered(progress.answeredQuestions, values),
    ...(completedAt !== undefined && { completedAt }),
    version,
  };
}

function marked(known: readonly string[], values: RowValues, group: string, field: string): string[] {
  const ids = new Set(known);
  for (const [id, fields] of partsOf(values, group)) {
    if (fields[field] === true) ids.add(id);
    else ids.delete(id);
  }
  return [...ids].sort();
}

function watched(known: readonly Watched[], values: RowValues): Watched[] {
  const videos = new Map(known.map((video) => [video.videoId, video]));
  for (const [videoId, { percent, completed }] of partsOf(values, 'videos')) {
    const before = videos.get(videoId) ?? { percent: 0, completed: false };
    if (percent === null) videos.delete(videoId);
    else {
      videos.set(videoId, {
        videoId,
        percent: number(percent) ?? before.percent,
        completed: typeof completed === 'boolean' ? completed : before.completed,
      });
    }
  }
  return inOrder(videos);
}

function attempted(known: readonly Attempts[], values: RowValues): Attempts[] {
  const quizzes = new Map(known.map((quiz) => [quiz.quizId, quiz]));
  for (const [quizId, { attempts, bestScore }] of partsOf(values, 'quizzes')) {
    const before = quizzes.get(quizId) ?? { attempts: 0, bestScore: null };
    const score = numberOrNull(bestScore);
    if (attempts === null) quizzes.delete(quizId);
    else {
      quizzes.set(quizId, {
        quizId,
        attempts: number(attempts) ?? before.attempts,
        bestScore: score === undefined ? before.bestScore : score,
      });
    }
  }
  return inOrder(quizzes);
}

function answered(known: number, values: RowValues): number {
  const told = numberOrNull(values['qbank.answered']);
  return told === undefined ? known : (told ?? 0);
}

function inOrder<Entry>(entries: ReadonlyMap<string, Entry>): Entry[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}
