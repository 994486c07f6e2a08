import * as z from 'zod';
import { NOTIFICATION_KINDS } from '../domain/notification-kind.ts';
import { CourseId, NotificationId, Timestamp } from './fields.ts';

export const NotificationView = z.strictObject({
  notificationId: NotificationId,
  kind: z.enum(NOTIFICATION_KINDS),
  courseId: CourseId.optional(),
  /** What a sentence about it needs: `title`, `reason`, `amount`, `currency`, `code`, `from`, `to`, ... */
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  createdAt: Timestamp,
  read: z.boolean(),
});
export type NotificationView = z.infer<typeof NotificationView>;

/** How many wait to be read; 100 stands for a hundred or more. */
const unread = z.int().min(0).max(100);

/** The newest first; a list ends where `cursor` is missing. */
export const Notifications = z.strictObject({
  unread,
  notifications: z.array(NotificationView),
  cursor: z.string().optional(),
});
export type Notifications = z.infer<typeof Notifications>;

/** Everything up to this notification, and no newer one, counts as read. */
export const ReadUpTo = z.strictObject({ upTo: NotificationId });

export const UnreadCount = z.strictObject({ unread });
export type UnreadCount = z.infer<typeof UnreadCount>;
