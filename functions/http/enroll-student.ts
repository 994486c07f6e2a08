import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { EnrollmentView } from '../../shared/contracts/views.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import {
  enrollStudent as enrollInCourse,
  ENROLL_TABLES,
  type EnrollDependencies,
} from '../../shared/store/enrollment-commands.ts';

export const usedTables = [...ENROLL_TABLES, 'notifications'] as const;
export const environment = z.object(tableVariables(usedTables));

/**
 * Enrolls a student in a published course, or brings them back.
 *
 * Requests: TransactGet of course, enrollment, progress, student and request; BatchGet of an outline not seen yet;
 * TransactWrite of enrollment, progress, student, request and notification.
 */
export function enrollStudent(dependencies: EnrollDependencies<'notifications'>) {
  return ({
    params: { userId, courseId },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['enroll-student']>): Promise<EnrollmentView> =>
    enrollInCourse(dependencies, { userId, courseId, source: 'admin', idempotencyKey, cause, now });
}
