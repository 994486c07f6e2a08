import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { accessRequestView } from '../../shared/contracts/access-request-view.ts';
import type { AccessRequestView } from '../../shared/contracts/access-requests.ts';
import { requestAccess as ask } from '../../shared/domain/access-request.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { enrollmentKey, type Named } from '../../shared/store/keys.ts';
import { readSnapshot } from '../../shared/store/reads.ts';
import { accessRequestRow, courseRow, enrollmentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { asReadToBecome } from '../../shared/store/status-condition.ts';
import { asRead, commit } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'enrollments', 'accessRequests'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Asks for access to a course; while the caller waits, the request that is there already.
 *
 * Requests: TransactGet of course, enrollment and request; TransactWrite of the request, on the condition that the
 * caller has not been enrolled meanwhile.
 */
export function requestAccess({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId },
    body: { message },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['request-access']>): Promise<AccessRequestView> =>
    settle(async () => {
      const [course, enrollment, request] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        enrollmentRow(tables, userId, courseId),
        accessRequestRow(tables, userId, courseId),
      ]);
      const asked = ask({
        userId,
        course,
        enrollment,
        request,
        message,
        idempotencyKey,
        now: now.toISOString(),
        cause,
      });
      if (asked !== undefined) {
        await commit(documents, [
          {
            kind: 'put',
            table: tables.accessRequests,
            item: asked,
            when: asReadToBecome('accessRequests', request, asked, 'userId'),
          },
          {
            kind: 'check',
            table: tables.enrollments,
            key: enrollmentKey(userId, courseId),
            when: asRead(enrollment, 'userId'),
          },
        ]);
      }
      const shown = asked ?? request;
      if (shown === undefined) throw new Error('Asking left no request');
      return accessRequestView(shown, course?.title);
    });
}
