import { unread } from '../domain/notification.ts';
import type { NotificationState } from '../domain/states.ts';
import type { NotificationView } from './notifications.ts';

/** A notification as its owner sees it; `readUpTo` is the mark in the student's row. */
export function notificationView(row: NotificationState, readUpTo: string | undefined): NotificationView {
  const { notificationId, kind, courseId, details, createdAt } = row;
  return {
    notificationId,
    kind,
    ...(courseId !== undefined && { courseId }),
    details,
    createdAt,
    read: !unread(row, readUpTo),
  };
}
