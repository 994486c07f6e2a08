import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { EnrollmentView } from '../../shared/contracts/views.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import {
  approveRequest as approve,
  ENROLL_TABLES,
  type EnrollDependencies,
} from '../../shared/store/enrollment-commands.ts';

export const usedTables = [...ENROLL_TABLES, 'notifications'] as const;
export const environment = z.object(tableVariables(usedTables));

/**
 * Lets a student in who asked.
 *
 * Requests: TransactGet of course, enrollment, progress, student and request; BatchGet of an outline not seen yet;
 * TransactWrite of enrollment, progress, student, request and notification.
 */
export function approveRequest(dependencies: EnrollDependencies<'notifications'>) {
  return ({
    params: { userId, courseId },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['approve-request']>): Promise<EnrollmentView> =>
    approve(dependencies, { userId, courseId, idempotencyKey, cause, now });
}
