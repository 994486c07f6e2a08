import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { notificationView } from '../../shared/contracts/notification-view.ts';
import type { NotificationView } from '../../shared/contracts/notifications.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { expired } from '../../shared/domain/notification.ts';
import { readOne } from '../../shared/domain/reading.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readRows } from '../../shared/store/reads.ts';
import { notificationRow, studentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { atVersion, commit } from '../../shared/store/transact.ts';

export const usedTables = ['notifications', 'students'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Marks one of the caller's notifications as read; again changes nothing.
 *
 * Requests: BatchGet of notification and student; Put, unless nothing changes.
 *
 * @throws DomainError notification_unknown, also of one that has expired
 */
export function readNotification({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    params: { notificationId },
    cause,
    now,
  }: Call<(typeof operations)['read-notification']>): Promise<NotificationView> =>
    settle(async () => {
      const [notification, student] = await readRows(documents, [
        notificationRow(tables, userId, notificationId),
        studentRow(tables, userId),
      ]);
      if (notification === undefined || expired(notification, now)) {
        throw new DomainError('notification_unknown', 'There is no such notification', { notificationId });
      }
      const readUpTo = student?.readUpTo;
      const changed = readOne({ notification, readUpTo, now: now.toISOString(), cause });
      if (changed !== undefined) {
        const when = atVersion(notification.version);
        await commit(documents, [{ kind: 'put', table: tables.notifications, item: changed, when }]);
      }
      return notificationView(changed ?? notification, readUpTo);
    });
}
