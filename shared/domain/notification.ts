import type { CourseId, UserId } from './ids.ts';
import type { NotificationDetails, NotificationKind } from './notification-kind.ts';
import { nextStamp, type Cause, type Stamp } from './stamp.ts';
import type { NotificationState } from './states.ts';

const DAY_MS = 86_400_000;
/** Days after which a notification is gone, read or not. */
export const NOTIFICATION_DAYS = 90;

/**
 * A notification. Its id is its natural key, `<at>.<kind>.<subject>`, so that the same news is the same row
 * however often it is told; `at` must therefore come from what happened, not from when it is told.
 */
export function notify(given: {
  readonly userId: UserId;
  readonly kind: NotificationKind;
  /** What it is about, in ids joined by dots. */
  readonly subject: string;
  readonly courseId?: CourseId | undefined;
  readonly details: NotificationDetails;
  /** When it happened: ISO 8601, UTC, milliseconds. */
  readonly at: string;
  readonly cause: Cause;
}): NotificationState {
  const { userId, kind, subject, courseId, details, at, cause } = given;
  return {
    userId,
    notificationId: `${at}.${kind}.${subject}`,
    kind,
    ...(courseId === undefined ? {} : { courseId }),
    details,
    createdAt: at,
    expiresAt: Math.floor((Date.parse(at) + NOTIFICATION_DAYS * DAY_MS) / 1000),
    ...nextStamp(undefined, at, cause),
  };
}

/**
 * The news that a row has changed to what it is now: at the time of the change, of which there is one at each
 * version. `about` says more than the course, in ids joined by dots.
 */
export function notifyOf(
  row: Stamp & { readonly userId: UserId; readonly courseId: CourseId },
  kind: NotificationKind,
  details: NotificationDetails,
  about: string = row.courseId,
): NotificationState {
  const { userId, courseId, version, updatedAt: at } = row;
  return notify({ userId, kind, subject: `${about}.${version}`, courseId, details, at, cause: row });
}

/** Whether it is past its time; the database removes such rows days later. */
export function expired({ expiresAt }: Pick<NotificationState, 'expiresAt'>, now: Date): boolean {
  return expiresAt * 1000 <= now.getTime();
}

/** Whether it still waits to be read; `readUpTo` is the student's mark that reads all up to a notification. */
export function unread(
  { notificationId, readAt }: Pick<NotificationState, 'notificationId' | 'readAt'>,
  readUpTo: string | undefined,
): boolean {
  return readAt === undefined && (readUpTo === undefined || notificationId > readUpTo);
}
