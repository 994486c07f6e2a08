import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { courseDetail } from '../../shared/contracts/course-detail.ts';
import { VideoProgressRow } from '../../shared/contracts/rows.ts';
import type { StudentCourseDetail } from '../../shared/contracts/views.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { type Named, ofCourse } from '../../shared/store/keys.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import { queryAllRows } from '../../shared/store/pages.ts';
import { readSnapshot } from '../../shared/store/reads.ts';
import { accessRequestRow, courseRow, enrollmentRow, progressRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing, outlineInForce } from '../../shared/store/study.ts';

export const usedTables = [
  'courses',
  'enrollments',
  'studentProgress',
  'accessRequests',
  'videoProgress',
] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/**
 * A course as the caller sees it: its outline and what of it they have completed.
 *
 * Requests: TransactGet of course, enrollment, progress and request, which must agree; BatchGet of an outline not
 * seen yet; Query of the caller's videos of the course, for where each player stands.
 */
export function getStudentCourseDetail({ documents, tables, outlines }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId },
  }: Call<(typeof operations)['get-student-course-detail']>): Promise<StudentCourseDetail> =>
    // A snapshot that meets a write at work on its rows is refused, and has to be read again.
    settle(async () => {
      const [[row, enrollment, progress, request], videos] = await Promise.all([
        readSnapshot(documents, [
          courseRow(tables, courseId),
          enrollmentRow(tables, userId, courseId),
          progressRow(tables, userId, courseId),
          accessRequestRow(tables, userId, courseId),
        ]),
        queryAllRows(documents, {
          table: tables.videoProgress,
          schema: VideoProgressRow,
          partition: ['userId', userId],
          sort: { attribute: 'video', beginsWith: ofCourse(courseId) },
        }),
      ]);
      const course = existing(courseId, row);
      if (course.status !== 'published' && enrollment === undefined) {
        // To those who are not in it, a course that is not on is no course.
        throw new DomainError('course_unknown', 'There is no such course', { courseId });
      }
      const outline = await outlineInForce(outlines, course);
      const positions = new Map(videos.map((video) => [video.videoId, video.positionSeconds]));
      return courseDetail({ course, outline, enrollment, request, progress, positions });
    });
}
