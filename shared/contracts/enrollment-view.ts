import type { EnrollmentState } from '../domain/states.ts';
import type { EnrollmentView } from './views.ts';

/** An enrollment as every page shows it. A course whose row is gone is called by its id. */
export function enrollmentView(row: EnrollmentState, title: string | undefined): EnrollmentView {
  return {
    courseId: row.courseId,
    title: title ?? row.courseId,
    status: row.status,
    source: row.source,
    progress: row.progress,
    ...(row.progressVersion !== undefined && { progressVersion: row.progressVersion }),
    enrolledAt: row.enrolledAt,
    ...(row.cancelledAt !== undefined && { cancelledAt: row.cancelledAt }),
    ...(row.completedAt !== undefined && { completedAt: row.completedAt }),
    version: row.version,
  };
}
