import * as z from 'zod';
import { NotificationId } from '../contracts/fields.ts';
import { NotificationRow } from '../contracts/rows.ts';
import type { UserId } from '../domain/ids.ts';
import { expired, unread } from '../domain/notification.ts';
import { cursorAfter, decodeCursor } from './cursor.ts';
import type { Documents } from './documents.ts';
import { type Named, notificationKey } from './keys.ts';
import { queryRows } from './pages.ts';

type Tables = Named<'notifications'>;

/** Every id begins with a year, so it lies between these. */
const FIRST = '0';
const LAST = '~';

/** What stands for a hundred or more. */
const MOST_UNREAD = 100;
/** Rows read for the count: the newest after the mark, of which many may have been read one by one. */
const ROWS_COUNTED = 1000;

/**
 * How many notifications wait to be read, at most 100. `readUpTo` is the mark in the student's row.
 *
 * Requests: one Query of notifications.
 */
export async function countUnread(
  documents: Documents,
  tables: Tables,
  { userId, readUpTo, now }: { userId: UserId; readUpTo: string | undefined; now: Date },
): Promise<number> {
  const { rows } = await queryRows(documents, {
    ...ofStudent(tables, userId, readUpTo ?? FIRST, LAST),
    limit: ROWS_COUNTED,
  });
  const waiting = rows.filter((row) => !expired(row, now) && unread(row, readUpTo));
  return Math.min(waiting.length, MOST_UNREAD);
}

/**
 * The newest notification up to `upTo`, expired or not; undefined where there is none.
 *
 * Requests: one Query of notifications.
 */
export async function newestUpTo(
  documents: Documents,
  tables: Tables,
  { userId, upTo }: { userId: UserId; upTo: string },
): Promise<NotificationRow | undefined> {
  const { rows } = await queryRows(documents, { ...ofStudent(tables, userId, FIRST, upTo), limit: 1 });
  return rows[0];
}

const Cursor = z.strictObject({ notificationId: NotificationId });

/**
 * A page of a student's notifications, the newest first, without the expired ones that the database still has.
 * A page may therefore show fewer than `limit`, or none, and yet not be the last.
 *
 * Requests: one Query of notifications.
 *
 * @throws DomainError invalid_request for a cursor of another list
 */
export async function pageOfNotifications(
  documents: Documents,
  tables: Tables,
  request: { userId: UserId; limit: number; cursor: string | undefined; now: Date },
): Promise<{ readonly rows: readonly NotificationRow[]; readonly cursor?: string }> {
  const { userId, limit, cursor, now } = request;
  const after = decodeCursor(cursor, Cursor);
  const page = await queryRows(documents, {
    ...ofStudent(tables, userId, FIRST, LAST),
    limit,
    start: after && notificationKey(userId, after.notificationId),
  });
  return {
    rows: page.rows.filter((row) => !expired(row, now)),
    // The list goes on after the last row that was read, shown or not.
    ...cursorAfter(page, ({ notificationId }) => ({ notificationId })),
  };
}

function ofStudent({ notifications }: Tables, userId: UserId, from: string, to: string) {
  return {
    table: notifications,
    schema: NotificationRow,
    partition: ['userId', userId],
    sort: { attribute: 'notificationId', from, to },
    descending: true,
  } as const;
}
