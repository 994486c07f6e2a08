import type { VideoProgressRow } from '../contracts/rows.ts';
import type { Outline } from '../domain/course.ts';
import type { CourseId, ItemId } from '../domain/ids.ts';
import { laneOf, playedOf, retimedVideos } from '../domain/recalculation.ts';
import type { Documents } from './documents.ts';
import { type EnrollmentPosition, listEnrollments } from './enrollment-pages.ts';
import type { Named } from './keys.ts';
import type { LearnerSnapshot } from './learner-snapshots.ts';
import { MalformedRow, readRows } from './reads.ts';
import { videoRow } from './rows.ts';

/** What jobs that go through a course share: who is in it, lane by lane, and what has to be read of them. */

/** Lanes that are gone through side by side. 25,000 learners are some 32 steps of each. */
export const LANES = 4;

/** Rows of one page at most, so that a step is bounded also where many videos have to be measured anew. */
const MOST_ROWS = 1000;

/** How many learners may be on a page: of each two rows and, at worst, all the videos are read. */
export function learnersAtOnce(videos: ReadonlySet<ItemId>, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(MOST_ROWS / (2 + videos.size))));
}

export interface LanePage {
  readonly learners: readonly EnrollmentPosition[];
  /** Missing at the end. */
  readonly next?: EnrollmentPosition;
}

/**
 * The learners of one of the lanes of a course, by student, those who left too. Every lane reads the keys of all, since
 * it is a hash that tells them apart: for each learner that is a hundredth of a unit a lane, and ranges of ids would be
 * as even as the ids are. The index lags behind.
 *
 * Requests: one Query of enrollments/byCourse.
 */
export async function learnersOfLane(
  documents: Documents,
  tables: Named<'enrollments'>,
  given: {
    readonly courseId: CourseId;
    readonly lane: number;
    readonly limit: number;
    readonly start: EnrollmentPosition | undefined;
  },
): Promise<LanePage> {
  const { courseId, lane, limit, start } = given;
  const { rows, next } = await listEnrollments(documents, tables, courseId, limit * LANES, start);
  const own = rows.filter(({ userId }) => laneOf(userId, LANES) === lane);
  const learners = own.slice(0, limit);
  const last = own.length > limit ? learners.at(-1) : next;
  return { learners, ...(last && { next: last }) };
}

/**
 * The rows of the videos that a learner has played and that have to be measured anew, where `after` takes the place
 * of `before`; at the positions of the learners. One request for each hundred rows.
 *
 * @throws MalformedRow
 */
export async function readRetimed(
  documents: Documents,
  tables: Named<'videoProgress'>,
  before: Outline,
  learners: readonly { readonly snapshot: LearnerSnapshot; readonly after: Outline }[],
): Promise<VideoProgressRow[][]> {
  const requests = learners.map(({ snapshot: { enrollment, progress }, after }) =>
    enrollment === undefined
      ? []
      : playedOf(retimedVideos(before, after), progress).map((videoId) =>
          videoRow(tables, enrollment.userId, enrollment.courseId, videoId),
        ),
  );
  const rows = await readRows(documents, requests.flat());
  let at = 0;
  return requests.map(({ length }) => {
    const own = rows.slice(at, at + length);
    at += length;
    return own.filter((row) => row !== undefined);
  });
}

/** As `readRetimed`; none where a row is malformed, so that each learner's are read alone. */
export async function readRetimedTogether(
  ...given: Parameters<typeof readRetimed>
): Promise<readonly VideoProgressRow[][]> {
  try {
    return await readRetimed(...given);
  } catch (error) {
    if (error instanceof MalformedRow) return [];
    throw error;
  }
}
