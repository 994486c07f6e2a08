import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { EnrollmentView } from '../../shared/contracts/views.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { unenrollStudent, type UnenrollDependencies } from '../../shared/store/enrollment-commands.ts';

export const usedTables = ['courses', 'enrollments'] as const;
export const environment = z.object(tableVariables(usedTables));

/**
 * Cancels the caller's enrollment.
 *
 * Requests: BatchGet of course and enrollment; Put of the enrollment.
 */
export function unenroll(dependencies: UnenrollDependencies) {
  return ({
    caller: { userId },
    params: { courseId },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['unenroll']>): Promise<EnrollmentView> =>
    unenrollStudent(dependencies, { userId, courseId, by: 'student', idempotencyKey, cause, now });
}
