import * as z from 'zod';
import { CourseId } from '../contracts/fields.ts';
import type { VideoProgressRow } from '../contracts/rows.ts';
import type * as ids from '../domain/ids.ts';
import { type JobCounts, laterBy } from '../domain/job.ts';
import { factsOf } from '../domain/progress.ts';
import { countEffects, retimedVideos } from '../domain/recalculation.ts';
import type { Cause } from '../domain/stamp.ts';
import {
  LANES,
  learnersAtOnce,
  learnersOfLane,
  readRetimed,
  readRetimedTogether,
} from './course-learners.ts';
import type { Documents } from './documents.ts';
import { EnrollmentPosition } from './enrollment-pages.ts';
import { type JobKind, startJobWrites } from './jobs.ts';
import type { Named } from './keys.ts';
import { createLearnerProjection, type Projected } from './learner-projection.ts';
import { createOutlines, type PublishedOutline } from './outlines.ts';
import { readRow } from './reads.ts';
import { courseRow } from './rows.ts';
import { settle, type SettleOptions } from './settle.ts';
import type { Write } from './transact.ts';

export const RECALCULATE_COURSE = 'recalculate-course';

const Parameters = z.object({ courseId: CourseId, outlineVersion: z.int().positive() });

/**
 * No function lives longer than 28 seconds. An outline is in force 28 seconds after `now` at the latest, and whoever
 * was enrolled by the one before is so within another 28; the rest is for the index, which lags a moment.
 */
const SECOND_PASS_SECONDS = 120;

/**
 * The writes that start bringing the learners of a course to an outline that comes into force, in the transaction of
 * the course's new row. The outline's version makes the job's id.
 *
 * Nobody is missed. Whoever the index of the course shows is brought there by the first pass, by a write that is held
 * to the rows as they were read; and since every such write leaves the outline's version in the progress row, whoever
 * has read the row before (the projection of a fact, a return to the course) finds it changed and decides again, by
 * the outline in force. There remain those whom the index does not show yet: enrolled for the first time, just before
 * or by a command that had read the course before. They are all in the index when the second pass begins.
 * Considered: holding every enrollment to the course's row, where a class that comes in together would wait in line.
 */
export function recalculateJobWrites(
  tables: Named<'jobs'>,
  given: {
    readonly courseId: ids.CourseId;
    /** Of the outline that comes into force. */
    readonly outlineVersion: number;
    readonly requestedBy: ids.UserId;
    readonly now: string;
    readonly cause: Cause;
  },
): Write[] {
  const { courseId, outlineVersion, requestedBy, now, cause } = given;
  const notBefore = laterBy(now, SECOND_PASS_SECONDS);
  const lanes = Array.from({ length: LANES });
  return startJobWrites(tables, {
    jobId: [RECALCULATE_COURSE, courseId, outlineVersion].join('~'),
    kind: RECALCULATE_COURSE,
    parameters: { courseId, outlineVersion },
    segments: [...lanes.map(() => ({})), ...lanes.map(() => ({ notBefore }))],
    requestedBy,
    now,
    cause,
  });
}

/** What the job reads and writes. */
export const RECALCULATE_JOB_TABLES = [
  'courses',
  'enrollments',
  'studentProgress',
  'chapterCompletions',
  'videoProgress',
  'quizAttempts',
  'waivers',
  'qbankQuestionAttempts',
] as const;
type Tables = Named<(typeof RECALCULATE_JOB_TABLES)[number]>;

/**
 * Goes through the learners of a course and brings each to what the facts amount to by the outline in force, which is
 * read at each step: where a newer one was published meanwhile, this job ends at that one as well, and finds done what
 * the newer job has done. Each job measures those videos anew whose length is another now than before its own outline,
 * so that together they measure all that any of them changed.
 *
 * Requests a step: Get of the course, BatchGet of outlines not seen yet, Query of enrollments/byCourse, BatchGets of
 * the page's enrollments, progress and played videos to be measured anew; then for each learner who is not there yet
 * a TransactWrite, or a Put where the percentage stays.
 */
export function recalculateCourseJob(
  documents: Documents,
  tables: Tables,
  given: { readonly now: () => Date; readonly settling?: SettleOptions },
): JobKind {
  const { now, settling } = given;
  const outlines = createOutlines(documents, tables);
  const projection = createLearnerProjection(documents, tables, outlines, settling);
  /** Outlines beside each other, as a course has but one in force. */
  const outlineOf = async (courseId: ids.CourseId, outlineVersion: number): Promise<PublishedOutline> =>
    (await outlines.inForce([{ courseId, outlineVersion }])).get(courseId) ?? { chapters: [] };

  return async ({ parameters, segment, cause, cursor, limit: most }) => {
    const { courseId, outlineVersion } = Parameters.parse(parameters);
    const { before, limit } = await settle(async () => {
      const course = await readRow(documents, courseRow(tables, courseId));
      const replaced = await outlineOf(courseId, outlineVersion - 1);
      const inForce = await outlineOf(courseId, course?.outlineVersion ?? 0);
      return { before: replaced, limit: learnersAtOnce(retimedVideos(replaced, inForce), most) };
    }, settling);
    const page = await learnersOfLane(documents, tables, {
      courseId,
      lane: segment % LANES,
      limit,
      start: cursor === undefined ? undefined : EnrollmentPosition.parse(cursor),
    });
    const snapshots = await projection.readTogether(page.learners);
    const videos = await settle(
      () =>
        readRetimedTogether(
          documents,
          tables,
          before,
          snapshots.map((snapshot) => ({ snapshot, after: snapshot.outline })),
        ),
      settling,
    );
    const items = page.learners.map((learner, index) => {
      const known = snapshots[index];
      return {
        name: learner.userId,
        cursor: { ...learner },
        work: async () => {
          const projected = await projection.bring(
            { ...learner, known },
            {
              facts: async (snapshot) => {
                const { outline } = snapshot;
                const read: readonly VideoProgressRow[] | undefined =
                  (snapshot === known ? videos[index] : undefined) ??
                  (await readRetimed(documents, tables, before, [{ snapshot, after: outline }]))[0];
                return factsOf({ videos: read ?? [] }, outline);
              },
              cause: ({ outline: { causedBy, causedAt } }) =>
                causedBy === undefined || causedAt === undefined ? cause : { causedBy, causedAt },
              now,
            },
          );
          return countsOf(projected);
        },
      };
    });
    return { items, ...(page.next && { next: { ...page.next } }) };
  };
}

function countsOf(projected: Projected): JobCounts {
  if (projected.missing !== undefined) return { untouched: 1 };
  const { before, projection } = projected;
  const { progress, enrollment } = projection;
  if (progress === undefined && enrollment === undefined) return { untouched: 1 };
  if (progress === undefined || before.enrollment === undefined) return { changed: 1 };
  const from = before.progress === undefined ? before.enrollment.progress : before.progress.totalProgress;
  return { changed: 1, ...countEffects(before.enrollment, from, progress.totalProgress) };
}
