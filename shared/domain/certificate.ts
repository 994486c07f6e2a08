import { expired, notify } from './notification.ts';
import { nextStamp, type Cause } from './stamp.ts';
import type { CertificateState, NotificationState, ProgressState } from './states.ts';

/** The policy by which whoever completes a course has earned a certificate of it. */
export const COMPLETION_POLICY = 'completion';

/** Crockford's base 32: no I, L, O and U, which are mistaken for digits or spell words. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Random bytes that a code is made of. */
export const CODE_BYTES = 26;

/**
 * The code that proves a certificate: one digit of 5 bits from each of `CODE_BYTES` random bytes, 130 bits in all,
 * so that nobody finds one by guessing.
 */
export function certificateCode(random: Uint8Array): string {
  if (random.length < CODE_BYTES) throw new Error(`A code takes ${CODE_BYTES} random bytes`);
  return Array.from(random.subarray(0, CODE_BYTES), (byte) => DIGITS[byte % DIGITS.length]).join('');
}

/** What of a progress row certificates and notifications are concluded from. */
export type Achieved = Pick<
  ProgressState,
  'userId' | 'courseId' | 'completedAt' | 'lowered' | 'outlineVersion' | 'ruleVersion' | keyof Cause
>;
type Completed = Achieved & { readonly completedAt: string };
type Lowered = Achieved & { readonly lowered: NonNullable<Achieved['lowered']> };

/** What a progress row calls for, whether or not it is there already. */
export type Due =
  | { readonly kind: 'certificate'; readonly progress: Completed }
  | { readonly kind: 'progress_lowered'; readonly progress: Lowered; readonly notificationId: string };

/**
 * What a row calls for: the certificate of a course that was ever complete, for that is earned and stays whatever
 * changes; and the news of a lowered percentage, until it would have expired. After that the row still says so,
 * but the notification was there and is gone.
 */
export function duesOf(progress: Achieved, now: Date): Due[] {
  const dues: Due[] = [];
  if (isCompleted(progress)) dues.push({ kind: 'certificate', progress });
  if (isLowered(progress)) {
    const { notificationId, expiresAt } = loweredNotification(progress, '');
    if (!expired({ expiresAt }, now)) dues.push({ kind: 'progress_lowered', progress, notificationId });
  }
  return dues;
}

function isCompleted(progress: Achieved): progress is Completed {
  return progress.completedAt !== undefined;
}

function isLowered(progress: Achieved): progress is Lowered {
  return progress.lowered !== undefined;
}

export interface Issuing {
  readonly progress: Completed;
  /** The student's and the course's names as they are now: a certificate does not change with them. */
  readonly studentName: string;
  readonly courseTitle: string;
  /** From `certificateCode`. */
  readonly code: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly now: string;
}

/** The certificate of a completed course, and the news of it: to be written together. */
export function issueCertificate({ progress, studentName, courseTitle, code, now }: Issuing): {
  readonly certificate: CertificateState;
  readonly notification: NotificationState;
} {
  const { userId, courseId, completedAt, outlineVersion, ruleVersion } = progress;
  const certificate: CertificateState = {
    userId,
    courseId,
    policy: COMPLETION_POLICY,
    code,
    studentName,
    courseTitle,
    completedAt,
    issuedAt: now,
    outlineVersion,
    ruleVersion,
    ...nextStamp(undefined, now, progress),
  };
  return { certificate, notification: certificateNotification(certificate) };
}

/** The news that a certificate was issued. */
export function certificateNotification(certificate: CertificateState): NotificationState {
  const { userId, courseId, courseTitle, code, issuedAt } = certificate;
  return notify({
    userId,
    kind: 'certificate_issued',
    subject: courseId,
    courseId,
    details: { title: courseTitle, code },
    at: issuedAt,
    cause: certificate,
  });
}

/** The news that a change of the course lowered the percentage: once for an outline. */
export function loweredNotification(progress: Lowered, title: string): NotificationState {
  const { userId, courseId, lowered } = progress;
  const { outlineVersion, from, to, at } = lowered;
  return notify({
    userId,
    kind: 'progress_lowered',
    subject: `${courseId}.${outlineVersion}`,
    courseId,
    details: { title, from, to },
    at,
    cause: progress,
  });
}
