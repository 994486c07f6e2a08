import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { CoursePreview } from '../../shared/contracts/course-preview.ts';
import { jobDetail } from '../../shared/contracts/job-view.ts';
import { publishable } from '../../shared/domain/course-change.ts';
import { type JobCounts, sumOfCounts } from '../../shared/domain/job.ts';
import { retimedVideos } from '../../shared/domain/recalculation.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import { learnersAtOnce } from '../../shared/store/course-learners.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { listEnrollments } from '../../shared/store/enrollment-pages.ts';
import { jobRow, segmentsOf } from '../../shared/store/jobs.ts';
import type { Named } from '../../shared/store/keys.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import {
  countByDraft,
  PREVIEW_TABLES,
  previewJobId,
  previewJobWrites,
} from '../../shared/store/preview-job.ts';
import { MalformedRow, readRow, readSnapshot } from '../../shared/store/reads.ts';
import { courseRow, draftRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing, outlineInForce } from '../../shared/store/study.ts';
import { commit } from '../../shared/store/transact.ts';

export const usedTables = [...PREVIEW_TABLES, 'jobs'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/** Learners who are counted while the admin waits; of a course that measures videos anew fewer. */
const AT_ONCE = 200;

/** Of them, who are read at a time where a malformed row keeps them from being read together. */
const READ_ALONE = 8;

/**
 * What publishing the draft would do to the learners of a course. A small course is counted at once, and exactly as it
 * is; of a larger one a job counts, which the first call starts: it changes nothing that anybody sees but the list of
 * jobs, and its id lets every further call find it.
 *
 * Requests: TransactGet of course and draft; BatchGet of an outline not seen yet; Query of enrollments/byCourse; then
 * at most ten BatchGets (one a learner where a row is malformed), or Get of the job with a Query of its segments, and a TransactWrite where there is none.
 */
export function previewCourse({ documents, tables, outlines }: Dependencies) {
  return ({
    caller,
    params: { courseId },
    cause,
    now,
  }: Call<(typeof operations)['preview-course']>): Promise<CoursePreview> =>
    settle(async () => {
      const [row, drafted] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        draftRow(tables, courseId),
      ]);
      const course = existing(courseId, row);
      const draft = publishable(drafted);
      const before = await outlineInForce(outlines, course);
      const { version } = course;
      const asOf = now.toISOString();

      const most = learnersAtOnce(retimedVideos(before, draft), AT_ONCE);
      const { rows: learners, next } = await listEnrollments(documents, tables, courseId, most, undefined);
      if (next === undefined) {
        const counting = await countByDraft(documents, tables, outlines, { before, draft }, learners);
        const counts = sumOfCounts(await inParallel(counting, READ_ALONE, readable));
        return { courseId, version, status: 'done', asOf, ...figuresOf(counts), aside: counts.aside ?? 0 };
      }

      const jobId = previewJobId(courseId, version, asOf);
      const [job, segments] = await Promise.all([
        readRow(documents, jobRow(tables, jobId)),
        segmentsOf(documents, tables, jobId),
      ]);
      const of = { courseId, version, jobId } as const;
      if (job === undefined) {
        const given = { courseId, version, requestedBy: caller.userId, now: asOf, cause };
        await commit(documents, previewJobWrites(tables, given));
        return { ...of, status: 'running', asOf, ...figuresOf({}), aside: 0 };
      }
      const { status, startedAt, counts, aside } = jobDetail(job, segments);
      return { ...of, status, asOf: startedAt, ...figuresOf(counts), aside };
    });
}

async function readable(count: () => Promise<JobCounts>): Promise<JobCounts> {
  try {
    return await count();
  } catch (error) {
    if (error instanceof MalformedRow) return { aside: 1 };
    throw error;
  }
}

function figuresOf(counts: JobCounts) {
  const { learners = 0, rises = 0, falls = 0, completes = 0, uncompletes = 0 } = counts;
  return { learners, rises, falls, completes, uncompletes };
}
