import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { UnreadCount } from '../../shared/contracts/notifications.ts';
import { readUpTo } from '../../shared/domain/reading.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { countUnread, newestUpTo } from '../../shared/store/notification-pages.ts';
import { readRow } from '../../shared/store/reads.ts';
import { studentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { asRead, commit } from '../../shared/store/transact.ts';

export const usedTables = ['notifications', 'students'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Marks the caller's notifications up to one as read. The mark is set to the newest that there is up to then, so
 * that an id from the future reads nothing that is still to come.
 *
 * Requests: Get of the student and Query notifications; Put, unless nothing changes; Query notifications for the count.
 */
export function readNotifications({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    body: { upTo },
    cause,
    now,
  }: Call<(typeof operations)['read-notifications']>): Promise<UnreadCount> =>
    settle(async () => {
      const [student, newest] = await Promise.all([
        readRow(documents, studentRow(tables, userId)),
        newestUpTo(documents, tables, { userId, upTo }),
      ]);
      const changed =
        newest && readUpTo({ userId, student, newest: newest.notificationId, now: now.toISOString(), cause });
      if (changed !== undefined) {
        const when = asRead(student, 'userId');
        await commit(documents, [{ kind: 'put', table: tables.students, item: changed, when }]);
      }
      const mark = (changed ?? student)?.readUpTo;
      return { unread: await countUnread(documents, tables, { userId, readUpTo: mark, now }) };
    });
}
