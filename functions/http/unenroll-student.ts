import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { EnrollmentView } from '../../shared/contracts/views.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import {
  unenrollStudent as cancelEnrollment,
  type UnenrollDependencies,
} from '../../shared/store/enrollment-commands.ts';

export const usedTables = ['courses', 'enrollments', 'notifications'] as const;
export const environment = z.object(tableVariables(usedTables));

/**
 * Cancels a student's enrollment.
 *
 * Requests: BatchGet of course and enrollment; TransactWrite of enrollment and notification.
 */
export function unenrollStudent(dependencies: UnenrollDependencies<'notifications'>) {
  return ({
    params: { userId, courseId },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['unenroll-student']>): Promise<EnrollmentView> =>
    cancelEnrollment(dependencies, { userId, courseId, by: 'admin', idempotencyKey, cause, now });
}
