import type { Chapter } from '../../shared/contracts/outline.ts';
import type { Tables } from './read-tables.ts';

/** What one learner did in one course, straight from the source tables. */
interface Deeds {
  readonly chapters: ReadonlySet<string>;
  readonly videos: ReadonlyMap<string, readonly (readonly [number, number])[]>;
  readonly bestScores: ReadonlyMap<string, number>;
  readonly waived: ReadonlySet<string>;
  readonly answered: ReadonlySet<string>;
}

/** Seconds of a video that were played, counted millisecond by millisecond rather than by interval arithmetic. */
function playedSeconds(intervals: readonly (readonly [number, number])[], durationSeconds: number): number {
  const length = Math.round(durationSeconds * 1000);
  const played = new Uint8Array(length);
  for (const [from, to] of intervals)
    played.fill(1, Math.round(from * 1000), Math.min(length, Math.round(to * 1000)));
  return played.reduce((sum, each) => sum + each, 0) / 1000;
}

/**
 * A course's progress, computed anew in the plainest way. It shares no code with the projection, so that the
 * one can convict the other. Null where nothing counts.
 */
function naiveProgress(chapters: readonly Chapter[], deeds: Deeds): number | null {
  let earned = 0;
  let possible = 0;
  let missing = 0;
  for (const chapter of chapters) {
    for (const item of chapter.items) {
      if (!item.required) continue;
      let fraction = 0;
      if (deeds.waived.has(item.itemId)) fraction = 1;
      else if (item.kind === 'quiz')
        fraction = (deeds.bestScores.get(item.itemId) ?? -1) >= item.passMark ? 1 : 0;
      else if (item.kind === 'qbank') fraction = Math.min(1, deeds.answered.size / item.questions);
      else if (deeds.chapters.has(chapter.chapterId)) fraction = 1;
      else if (item.kind === 'video') {
        fraction =
          playedSeconds(deeds.videos.get(item.itemId) ?? [], item.durationSeconds) / item.durationSeconds;
        if (fraction >= 0.9) fraction = 1;
      }
      if (fraction < 1) missing += 1;
      earned += item.weight * fraction;
      possible += item.weight;
    }
  }
  if (possible === 0) return null;
  return missing === 0 ? 100 : Math.min(99, Math.floor((100 * earned) / possible + 1e-9));
}

const pair = (row: { userId: string; courseId: string }) => `${row.userId}#${row.courseId}`;

/** The learners and courses (`userId#courseId`) whose enrollment, progress row and naive progress are not all equal. */
export function progressMismatches(tables: Tables): string[] {
  const outlines = new Map<string, readonly Chapter[]>();
  for (const part of tables.courseParts) {
    if (!('outlineVersion' in part) || typeof part.outlineVersion !== 'number') continue;
    const key = `outline#${String(part.outlineVersion).padStart(6, '0')}`;
    const outline = tables.courseParts.find((each) => each.courseId === part.courseId && each.part === key);
    if (outline !== undefined && 'chapters' in outline && Array.isArray(outline.chapters)) {
      outlines.set(part.courseId, outline.chapters);
    }
  }
  const chapters = new Map<string, Set<string>>();
  for (const row of tables.chapters) {
    chapters.set(pair(row), (chapters.get(pair(row)) ?? new Set()).add(row.chapterId));
  }
  const videos = new Map<string, Map<string, [number, number][]>>();
  for (const row of tables.videos) {
    videos.set(pair(row), (videos.get(pair(row)) ?? new Map()).set(row.videoId, row.intervals));
  }
  const bestScores = new Map<string, Map<string, number>>();
  for (const row of tables.attempts) {
    if (row.score === null) continue;
    const own = bestScores.get(pair(row)) ?? new Map<string, number>();
    bestScores.set(pair(row), own.set(row.quizId, Math.max(own.get(row.quizId) ?? -1, row.score)));
  }
  const waived = new Map<string, Set<string>>();
  for (const row of tables.waivers) {
    if (row.waived) waived.set(pair(row), (waived.get(pair(row)) ?? new Set()).add(row.itemId));
  }
  const answered = new Map<string, Set<string>>();
  for (const row of tables.answers) {
    answered.set(pair(row), (answered.get(pair(row)) ?? new Set()).add(row.questionId));
  }
  const progress = new Map(tables.progress.map((row) => [pair(row), row.totalProgress]));
  const wrong = tables.enrollments.filter((enrollment) => {
    const key = pair(enrollment);
    const naive = naiveProgress(outlines.get(enrollment.courseId) ?? [], {
      chapters: chapters.get(key) ?? new Set(),
      videos: videos.get(key) ?? new Map(),
      bestScores: bestScores.get(key) ?? new Map(),
      waived: waived.get(key) ?? new Set(),
      answered: answered.get(key) ?? new Set(),
    });
    return enrollment.progress !== naive || progress.get(key) !== naive;
  });
  const enrolled = new Set(tables.enrollments.map(pair));
  const orphaned = tables.progress.filter((row) => !enrolled.has(pair(row)));
  return [...wrong, ...orphaned].map(pair);
}
