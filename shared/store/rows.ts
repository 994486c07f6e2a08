import {
  AccessRequestRow,
  AnalyticsRow,
  CertificateRow,
  ChapterCompletionRow,
  CourseRow,
  EnrollmentRow,
  LedgerRow,
  NotificationRow,
  OutlineRow,
  PaymentRow,
  StudentProgressRow,
  StudentRow,
  VideoProgressRow,
  WaiverRow,
} from '../contracts/rows.ts';
import type { ChapterId, CourseId, ItemId, PaymentId, UserId } from '../domain/ids.ts';
import * as keys from './keys.ts';
import type { Named } from './keys.ts';

/** Requests for `readRow`, `readRows` and `readSnapshot`, one function a kind of row. */

export function courseRow(tables: Named<'courses'>, courseId: CourseId) {
  return { table: tables.courses, key: keys.courseKey(courseId), schema: CourseRow } as const;
}

export function draftRow(tables: Named<'courses'>, courseId: CourseId) {
  return { table: tables.courses, key: keys.draftKey(courseId), schema: OutlineRow } as const;
}

export function outlineRow(tables: Named<'courses'>, courseId: CourseId, version: number) {
  return { table: tables.courses, key: keys.outlineKey(courseId, version), schema: OutlineRow } as const;
}

export function studentRow(tables: Named<'students'>, userId: UserId) {
  return { table: tables.students, key: keys.studentKey(userId), schema: StudentRow } as const;
}

export function enrollmentRow(tables: Named<'enrollments'>, userId: UserId, courseId: CourseId) {
  const key = keys.enrollmentKey(userId, courseId);
  return { table: tables.enrollments, key, schema: EnrollmentRow } as const;
}

export function progressRow(tables: Named<'studentProgress'>, userId: UserId, courseId: CourseId) {
  const key = keys.progressKey(userId, courseId);
  return { table: tables.studentProgress, key, schema: StudentProgressRow } as const;
}

export function chapterCompletionRow(
  tables: Named<'chapterCompletions'>,
  userId: UserId,
  courseId: CourseId,
  chapterId: ChapterId,
) {
  const key = keys.chapterCompletionKey(userId, courseId, chapterId);
  return { table: tables.chapterCompletions, key, schema: ChapterCompletionRow } as const;
}

export function videoRow(
  tables: Named<'videoProgress'>,
  userId: UserId,
  courseId: CourseId,
  videoId: ItemId,
) {
  const key = keys.videoKey(userId, courseId, videoId);
  return { table: tables.videoProgress, key, schema: VideoProgressRow } as const;
}

export function accessRequestRow(tables: Named<'accessRequests'>, userId: UserId, courseId: CourseId) {
  const key = keys.accessRequestKey(userId, courseId);
  return { table: tables.accessRequests, key, schema: AccessRequestRow } as const;
}

export function paymentRow(tables: Named<'payments'>, userId: UserId, paymentId: PaymentId) {
  return { table: tables.payments, key: keys.paymentKey(userId, paymentId), schema: PaymentRow } as const;
}

export function waiverRow(tables: Named<'waivers'>, userId: UserId, courseId: CourseId, itemId: ItemId) {
  return { table: tables.waivers, key: keys.waiverKey(userId, courseId, itemId), schema: WaiverRow } as const;
}

export function certificateRow(
  tables: Named<'certificates'>,
  userId: UserId,
  courseId: CourseId,
  policy: string,
) {
  const key = keys.certificateKey(userId, courseId, policy);
  return { table: tables.certificates, key, schema: CertificateRow } as const;
}

export function notificationRow(tables: Named<'notifications'>, userId: UserId, notificationId: string) {
  const key = keys.notificationKey(userId, notificationId);
  return { table: tables.notifications, key, schema: NotificationRow } as const;
}

export function ledgerRow(tables: Named<'ledger'>, source: string) {
  return { table: tables.ledger, key: keys.ledgerKey(source), schema: LedgerRow } as const;
}

/** Every shard of an aggregate `scope|part`. */
export function analyticsRows(tables: Named<'analytics'>, aggregate: string, shards: number) {
  return keys
    .analyticsKeys(aggregate, shards)
    .map((key) => ({ table: tables.analytics, key, schema: AnalyticsRow }) as const);
}
