import * as z from 'zod';
import { JOB_STATUSES } from '../domain/job.ts';
import { CourseId, Timestamp } from './fields.ts';
import { JobId } from './job-rows.ts';

/** What publishing a course as it stands would do to the learners who are in it. */
export const CoursePreview = z.strictObject({
  courseId: CourseId,
  /** Of the course: every change of it makes another preview. */
  version: z.int(),
  /** `done` once all learners are counted; until then the figures are of those who are, and grow. */
  status: z.enum(JOB_STATUSES),
  /** Where there are too many to count at once: the job that does it. */
  jobId: JobId.optional(),
  /** When counting began: what is learned later may not be in the figures. */
  asOf: Timestamp,
  learners: z.int(),
  rises: z.int(),
  falls: z.int(),
  /** Of those who rise, who would have completed the course; of those who fall, who would not have any more. */
  completes: z.int(),
  uncompletes: z.int(),
  /** Learners whose rows could not be read. */
  aside: z.int(),
});
export type CoursePreview = z.infer<typeof CoursePreview>;
