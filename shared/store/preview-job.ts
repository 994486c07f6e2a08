import * as z from 'zod';
import { CourseId } from '../contracts/fields.ts';
import type { Outline } from '../domain/course.ts';
import type * as ids from '../domain/ids.ts';
import type { JobCounts } from '../domain/job.ts';
import { factsOf } from '../domain/progress.ts';
import { previewLearner, retimedVideos } from '../domain/recalculation.ts';
import type { Cause } from '../domain/stamp.ts';
import { LANES, learnersAtOnce, learnersOfLane, readRetimed } from './course-learners.ts';
import type { Documents } from './documents.ts';
import { EnrollmentPosition } from './enrollment-pages.ts';
import { type JobKind, startJobWrites } from './jobs.ts';
import type { Named } from './keys.ts';
import { type Learner, readLearners } from './learner-snapshots.ts';
import { createOutlines, type Outlines } from './outlines.ts';
import { MalformedRow, readSnapshot } from './reads.ts';
import { courseRow, draftRow } from './rows.ts';
import { settle, type SettleOptions } from './settle.ts';
import { outlineInForce } from './study.ts';
import type { Write } from './transact.ts';

export const PREVIEW_COURSE = 'preview-course';

const Parameters = z.object({ courseId: CourseId, version: z.int().positive() });

/**
 * The id of the job that counts what publishing a course as it stands at a version would do. There is one an hour:
 * whoever asks again is shown the same count, and not one from yesterday.
 */
export function previewJobId(courseId: ids.CourseId, version: number, now: string): string {
  return [PREVIEW_COURSE, courseId, version, now.slice(0, 13)].join('~');
}

/** The writes that start counting. One pass is enough: it says how things stood, and learners study on. */
export function previewJobWrites(
  tables: Named<'jobs'>,
  given: {
    readonly courseId: ids.CourseId;
    /** Of the course, which every change of the draft moves. */
    readonly version: number;
    readonly requestedBy: ids.UserId;
    readonly now: string;
    readonly cause: Cause;
  },
): Write[] {
  const { courseId, version, requestedBy, now, cause } = given;
  return startJobWrites(tables, {
    jobId: previewJobId(courseId, version, now),
    kind: PREVIEW_COURSE,
    parameters: { courseId, version },
    segments: Array.from({ length: LANES }, () => ({})),
    requestedBy,
    now,
    cause,
  });
}

/** What previews read. */
export const PREVIEW_TABLES = ['courses', 'enrollments', 'studentProgress', 'videoProgress'] as const;
type Tables = Named<(typeof PREVIEW_TABLES)[number]>;

/** The outline in force, and the one that would take its place. */
export interface Drafted {
  readonly before: Outline;
  readonly draft: Outline;
}

/**
 * What the draft would do to each of these learners, at their positions; each to be asked for by itself, as one with a
 * malformed row throws.
 *
 * Requests: BatchGets of the course, enrollments, progress and played videos to be measured anew.
 */
export async function countByDraft(
  documents: Documents,
  tables: Tables,
  outlines: Outlines,
  { before, draft }: Drafted,
  learners: readonly Learner[],
): Promise<(() => Promise<JobCounts>)[]> {
  const count = async (some: readonly Learner[]): Promise<JobCounts[]> => {
    const snapshots = await readLearners(documents, tables, outlines, some);
    const concerned = snapshots.map((snapshot) => ({ snapshot, after: draft }));
    const videos = await readRetimed(documents, tables, before, concerned);
    return snapshots.map(({ enrollment, progress }, index) => {
      if (enrollment === undefined) return {};
      const facts = factsOf({ videos: videos[index] ?? [] }, draft);
      return previewLearner({ enrollment, progress, outline: draft, facts });
    });
  };
  let together: readonly JobCounts[] = [];
  try {
    together = await count(learners);
  } catch (error) {
    if (!(error instanceof MalformedRow)) throw error;
  }
  return learners.map((learner, index) => async () => together[index] ?? (await count([learner]))[0] ?? {});
}

/**
 * Counts what publishing a course would do to its learners, for one that has too many to count while somebody waits.
 * It writes nothing. Where the course has changed since, nobody asks for its counts any more, and it ends.
 *
 * Requests a step: TransactGet of course and draft, BatchGet of an outline not seen yet, Query of enrollments/byCourse,
 * and those of `countByDraft`.
 */
export function previewCourseJob(
  documents: Documents,
  tables: Tables,
  { settling }: { readonly settling?: SettleOptions } = {},
): JobKind {
  const outlines = createOutlines(documents, tables);
  return ({ parameters, segment: lane, cursor, limit: most }) =>
    settle(async () => {
      const { courseId, version } = Parameters.parse(parameters);
      const [course, draft] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        draftRow(tables, courseId),
      ]);
      if (course?.version !== version || draft === undefined) return { items: [] };
      const drafted = { before: await outlineInForce(outlines, course), draft };
      const { learners, next } = await learnersOfLane(documents, tables, {
        courseId,
        lane,
        limit: learnersAtOnce(retimedVideos(drafted.before, draft), most),
        start: cursor === undefined ? undefined : EnrollmentPosition.parse(cursor),
      });
      const counts = await countByDraft(documents, tables, outlines, drafted, learners);
      const items = learners.map((learner, index) => ({
        name: learner.userId,
        cursor: { ...learner },
        work: () => settle(async () => (await counts[index]?.()) ?? {}, settling),
      }));
      return { items, ...(next && { next: { ...next } }) };
    }, settling);
}
