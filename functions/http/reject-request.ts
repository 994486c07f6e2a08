import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { accessRequestView } from '../../shared/contracts/access-request-view.ts';
import type { AccessRequestView } from '../../shared/contracts/access-requests.ts';
import { rejectRequest as reject } from '../../shared/domain/access-request.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readSnapshot } from '../../shared/store/reads.ts';
import { accessRequestRow, courseRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { asReadToBecome } from '../../shared/store/status-condition.ts';
import { absent, commit } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'accessRequests', 'notifications'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Turns a request down and tells the student why.
 *
 * Requests: TransactGet of course and request; TransactWrite of request and notification, unless nothing changes.
 */
export function rejectRequest({ documents, tables }: Dependencies) {
  return ({
    caller,
    params: { userId, courseId },
    body: { reason },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['reject-request']>): Promise<AccessRequestView> =>
    settle(async () => {
      const [course, request] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        accessRequestRow(tables, userId, courseId),
      ]);
      if (request === undefined) {
        throw new DomainError('request_unknown', 'There is no such request.', { userId, courseId });
      }
      const rejected = reject({
        request,
        title: course?.title,
        reason,
        by: caller.userId,
        idempotencyKey,
        now: now.toISOString(),
        cause,
      });
      if (rejected !== undefined) {
        await commit(documents, [
          {
            kind: 'put',
            table: tables.accessRequests,
            item: rejected.request,
            when: asReadToBecome('accessRequests', request, rejected.request, 'userId'),
          },
          { kind: 'put', table: tables.notifications, item: rejected.notification, when: absent('userId') },
        ]);
      }
      return accessRequestView(rejected?.request ?? request, course?.title);
    });
}
