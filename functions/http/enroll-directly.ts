import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { EnrollmentView } from '../../shared/contracts/views.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import {
  ENROLL_TABLES,
  type EnrollDependencies,
  enrollStudent,
} from '../../shared/store/enrollment-commands.ts';

export const usedTables = ENROLL_TABLES;
export const environment = z.object(tableVariables(usedTables));

/**
 * Enrolls the caller in an open course, or brings them back.
 *
 * Requests: TransactGet of course, enrollment, progress, student and request; BatchGet of an outline not seen yet;
 * TransactWrite of enrollment, progress, student and request.
 */
export function enrollDirectly(dependencies: EnrollDependencies) {
  return ({
    caller: { userId },
    params: { courseId },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['enroll-directly']>): Promise<EnrollmentView> =>
    enrollStudent(dependencies, { userId, courseId, source: 'direct', idempotencyKey, cause, now });
}
