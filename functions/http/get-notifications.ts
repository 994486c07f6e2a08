import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { notificationView } from '../../shared/contracts/notification-view.ts';
import type { Notifications } from '../../shared/contracts/notifications.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { countUnread, pageOfNotifications } from '../../shared/store/notification-pages.ts';
import { readRow } from '../../shared/store/reads.ts';
import { studentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['notifications', 'students'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * What the caller was told, the newest first, and how much of it waits to be read.
 *
 * Requests a page: Get of the student and Query notifications, then Query notifications for the count.
 */
export function getNotifications({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    query: { limit, cursor },
    now,
  }: Call<(typeof operations)['get-notifications']>): Promise<Notifications> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const [student, page] = await Promise.all([
        readRow(documents, studentRow(tables, userId)),
        pageOfNotifications(documents, tables, { userId, limit, cursor, now }),
      ]);
      const readUpTo = student?.readUpTo;
      return {
        unread: await countUnread(documents, tables, { userId, readUpTo, now }),
        notifications: page.rows.map((row) => notificationView(row, readUpTo)),
        ...(page.cursor !== undefined && { cursor: page.cursor }),
      };
    });
}
