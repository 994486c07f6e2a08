import { certificateNotification, type Due, duesOf, loweredNotification } from './certificate.ts';
import { equal } from './equal.ts';
import { expired } from './notification.ts';
import { nextStamp } from './stamp.ts';
import type { CertificateState, NotificationState, ProgressState } from './states.ts';
import type { Check, Finding } from './sync-flow.ts';

/** Certificates and notifications that a student's progress calls for, beside those that there are. */
export interface EarnedCheck extends Check {
  readonly repair: {
    /** To be written as for the first time. */
    readonly dues: readonly Due[];
    readonly certificates: readonly Change<CertificateState>[];
    readonly notifications: readonly Change<NotificationState>[];
    readonly removed: readonly NotificationState[];
  };
}
type Change<Row> = { readonly previous: Row | undefined; readonly next: Row };

/**
 * What completed courses and lowered percentages call for, by set difference, and what is there without being called
 * for. A certificate without any progress is told of and left: it was handed out, and a person decides.
 *
 * @param given.progresses the student's, as they should be
 * @param given.quietSince what was written after it may be on its way
 */
export function checkEarned(given: {
  readonly progresses: readonly ProgressState[];
  readonly certificates: readonly CertificateState[];
  readonly notifications: readonly NotificationState[];
  readonly now: Date;
  readonly quietSince: string;
}): EarnedCheck {
  const { certificates, notifications, now, quietSince } = given;
  const at = now.toISOString();
  const checked = { certificates: 0, notifications: 0 };
  const findings: Finding[] = [];
  const dues: Due[] = [];
  const certificateChanges: Change<CertificateState>[] = [];
  const notificationChanges: Change<NotificationState>[] = [];
  const byId = new Map(notifications.map((each) => [each.notificationId, each]));

  for (const due of given.progresses.flatMap((progress) => duesOf(progress, now))) {
    const { userId, courseId } = due.progress;
    if (due.kind === 'certificate') {
      checked.certificates += 1;
      const subject = `certificates#${userId}#${courseId}`;
      const stored = certificates.find((each) => each.courseId === courseId);
      const { completedAt } = due.progress;
      if (stored === undefined) {
        if (isOnTheWay(due, given.progresses, quietSince)) continue;
        findings.push({ flow: 'certificates', drift: 'missing', reason: 'not_applied', subject });
        dues.push(due);
      } else if (stored.completedAt !== completedAt) {
        findings.push({ flow: 'certificates', drift: 'wrong', reason: 'altered', subject });
        const next = { ...stored, completedAt, ...nextStamp(stored, at, due.progress) };
        certificateChanges.push({ previous: stored, next });
      }
      continue;
    }
    checked.notifications += 1;
    const subject = `notifications#${userId}#${due.notificationId}`;
    const stored = byId.get(due.notificationId);
    if (stored === undefined) {
      if (isOnTheWay(due, given.progresses, quietSince)) continue;
      findings.push({ flow: 'notifications', drift: 'missing', reason: 'not_applied', subject });
      dues.push(due);
      continue;
    }
    // By the title of the day, which the row keeps.
    const wanted = loweredNotification(due.progress, String(stored.details.title ?? ''));
    compareNews(stored, wanted, subject);
  }

  const progressOf = new Set(given.progresses.map(({ courseId }) => courseId));
  const news = new Set<string>();
  for (const certificate of certificates) {
    const { userId, courseId } = certificate;
    if (!progressOf.has(courseId)) {
      checked.certificates += 1;
      const subject = `certificates#${userId}#${courseId}`;
      findings.push({ flow: 'certificates', drift: 'orphaned', reason: 'unsourced', subject });
    }
    const wanted = certificateNotification(certificate);
    news.add(wanted.notificationId);
    if (expired(wanted, now)) continue;
    checked.notifications += 1;
    const subject = `notifications#${userId}#${wanted.notificationId}`;
    const stored = byId.get(wanted.notificationId);
    if (stored === undefined) {
      findings.push({ flow: 'notifications', drift: 'missing', reason: 'not_applied', subject });
      notificationChanges.push({ previous: undefined, next: wanted });
    } else compareNews(stored, wanted, subject);
  }

  const removed = notifications.filter(
    ({ kind, notificationId, updatedAt }) =>
      kind === 'certificate_issued' && updatedAt <= quietSince && !news.has(notificationId),
  );
  checked.notifications += removed.length;
  for (const { userId, notificationId } of removed) {
    const subject = `notifications#${userId}#${notificationId}`;
    findings.push({ flow: 'notifications', drift: 'orphaned', reason: 'unsourced', subject });
  }
  return {
    checked,
    findings,
    repair: { dues, certificates: certificateChanges, notifications: notificationChanges, removed },
  };

  function compareNews(stored: NotificationState, wanted: NotificationState, subject: string): void {
    const { kind, courseId, details, createdAt, expiresAt } = wanted;
    const told = { kind, courseId, details, createdAt, expiresAt };
    if (equal({ ...stored, ...told }, stored)) return;
    findings.push({ flow: 'notifications', drift: 'wrong', reason: 'altered', subject });
    notificationChanges.push({
      previous: stored,
      next: { ...stored, ...told, ...nextStamp(stored, at, wanted) },
    });
  }
}

/** The progress that calls for it was written a moment ago. */
function isOnTheWay(due: Due, progresses: readonly ProgressState[], quietSince: string): boolean {
  const progress = progresses.find(({ courseId }) => courseId === due.progress.courseId);
  return progress !== undefined && progress.updatedAt > quietSince;
}
