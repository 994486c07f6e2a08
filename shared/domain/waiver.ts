import type { Outline } from './course.ts';
import { DomainError } from './errors.ts';
import type { CourseId, ItemId, UserId } from './ids.ts';
import { notifyOf } from './notification.ts';
import { allItems } from './outline.ts';
import { hadItsEffect, nextStamp, type Cause } from './stamp.ts';
import type { EnrollmentState, NotificationState, WaiverState } from './states.ts';

interface WaiverDecision {
  readonly waiver: WaiverState;
  readonly notification: NotificationState;
}

/**
 * Lets an item of the outline in force count as complete for a learner; the enrollment given back is the one it
 * rests on. Undefined where it does already, for that reason, or did by this very command. Throws DomainError item_unknown, not_enrolled.
 */
export function waiveItem(given: {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly itemId: ItemId;
  /** The course's. */
  readonly title: string;
  readonly outline: Outline;
  readonly enrollment: EnrollmentState | undefined;
  readonly waiver: WaiverState | undefined;
  readonly reason: string;
  /** The admin. */
  readonly by: UserId;
  readonly idempotencyKey?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}): (WaiverDecision & { readonly enrollment: EnrollmentState }) | undefined {
  const { userId, courseId, itemId, title, outline, enrollment, waiver, reason, by, idempotencyKey } = given;
  const { now, cause } = given;
  if (hadItsEffect(idempotencyKey, waiver?.waivedWith)) return undefined;
  if (enrollment === undefined || enrollment.status === 'cancelled') {
    throw new DomainError('not_enrolled', 'The student is not enrolled in this course.', {
      userId,
      courseId,
    });
  }
  const item = allItems(outline).find((each) => each.itemId === itemId);
  if (item === undefined) {
    throw new DomainError('item_unknown', 'The published course has no such item.', { itemId });
  }
  if (waiver?.waived === true && waiver.reason === reason) return undefined;
  const waived: WaiverState = {
    ...waiver,
    userId,
    courseId,
    itemId,
    waived: true,
    reason,
    waivedBy: by,
    waivedAt: now,
    ...(idempotencyKey === undefined ? {} : { waivedWith: idempotencyKey }),
    ...nextStamp(waiver, now, cause),
  };
  const details = { title, item: item.title, reason };
  return {
    enrollment,
    waiver: waived,
    notification: notifyOf(waived, 'item_waived', details, `${courseId}.${itemId}`),
  };
}

/** Lets the item count by what the learner did again. Undefined where it does already, or did by this very command. */
export function withdrawWaiver(given: {
  readonly waiver: WaiverState;
  /** The course's. */
  readonly title: string | undefined;
  /** The admin. */
  readonly by: UserId;
  readonly idempotencyKey?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}): WaiverDecision | undefined {
  const { waiver, title, by, idempotencyKey, now, cause } = given;
  if (!waiver.waived || hadItsEffect(idempotencyKey, waiver.withdrawnWith)) return undefined;
  const { courseId, itemId } = waiver;
  const withdrawn: WaiverState = {
    ...waiver,
    waived: false,
    waivedBy: by,
    waivedAt: now,
    ...(idempotencyKey === undefined ? {} : { withdrawnWith: idempotencyKey }),
    ...nextStamp(waiver, now, cause),
  };
  const details = { title: title ?? courseId, item: itemId };
  return {
    waiver: withdrawn,
    notification: notifyOf(withdrawn, 'waiver_withdrawn', details, `${courseId}.${itemId}`),
  };
}
