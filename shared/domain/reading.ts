import type { UserId } from './ids.ts';
import { unread } from './notification.ts';
import { newcomer } from './profile.ts';
import { nextStamp, type Cause } from './stamp.ts';
import type { NotificationState, StudentState } from './states.ts';

/** A notification marked as read; undefined where it is, by itself or by the student's mark `readUpTo`. */
export function readOne(given: {
  readonly notification: NotificationState;
  readonly readUpTo: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}): NotificationState | undefined {
  const { notification, readUpTo, now, cause } = given;
  if (!unread(notification, readUpTo)) return undefined;
  return { ...notification, readAt: now, ...nextStamp(notification, now, cause) };
}

/**
 * The student's row with the mark moved up to a notification; undefined where it stands there or further. Marks
 * join by maximum, so neither order nor repetition matters.
 */
export function readUpTo(given: {
  readonly userId: UserId;
  readonly student: StudentState | undefined;
  /** The id of a notification that there is: a mark beyond the newest would read what is still to come. */
  readonly newest: string;
  readonly now: string;
  readonly cause: Cause;
}): StudentState | undefined {
  const { userId, student, newest, now, cause } = given;
  if (student === undefined) return { ...newcomer(userId, now, cause), readUpTo: newest };
  if (student.readUpTo !== undefined && student.readUpTo >= newest) return undefined;
  return { ...student, readUpTo: newest, ...nextStamp(student, now, cause) };
}
