import { DomainError } from './errors.ts';
import type { CourseId, ItemId, UserId } from './ids.ts';
import { notify } from './notification.ts';
import { allItems } from './outline.ts';
import type { Outline } from './course.ts';
import { nextStamp, type Cause } from './stamp.ts';
import type { CourseState, EnrollmentState, NotificationState, WaiverState } from './states.ts';

interface WaiverDecision {
  readonly waiver: WaiverState;
  readonly notification: NotificationState;
}

interface Waiving {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly itemId: ItemId;
  readonly course: CourseState | undefined;
  readonly waiver: WaiverState | undefined;
  /** The admin. */
  readonly by: UserId;
  readonly now: string;
  readonly cause: Cause;
}

/**
 * Lets an item of the outline in force count as complete for a learner. Undefined where it does, for that reason.
 * Throws DomainError course_unknown, item_unknown, not_enrolled.
 */
export function waiveItem(
  given: Waiving & {
    readonly outline: Outline;
    readonly enrollment: EnrollmentState | undefined;
    readonly reason: string;
  },
): WaiverDecision | undefined {
  const { userId, courseId, itemId, course, outline, enrollment, waiver, reason, by, now, cause } = given;
  if (course === undefined) throw new DomainError('course_unknown', 'There is no such course.');
  if (enrollment === undefined || enrollment.status === 'cancelled') {
    throw new DomainError('not_enrolled', 'The student is not enrolled in this course.');
  }
  const item = [...allItems(outline)].find((each) => each.itemId === itemId);
  if (item === undefined) throw new DomainError('item_unknown', 'The course has no such item.', { itemId });
  if (waiver?.waived === true && waiver.reason === reason) return undefined;
  return {
    waiver: {
      ...waiver,
      userId,
      courseId,
      itemId,
      waived: true,
      reason,
      waivedBy: by,
      waivedAt: now,
      ...nextStamp(waiver, now, cause),
    },
    notification: notify({
      userId,
      kind: 'item_waived',
      subject: `${courseId}.${itemId}`,
      courseId,
      details: { title: course.title, item: item.title, reason },
      at: now,
      cause,
    }),
  };
}

/**
 * Lets the item count by what the learner did again. Undefined where it does already.
 * Throws DomainError waiver_unknown.
 */
export function withdrawWaiver(given: Waiving): WaiverDecision | undefined {
  const { userId, courseId, itemId, course, waiver, by, now, cause } = given;
  if (waiver === undefined) throw new DomainError('waiver_unknown', 'There is no such waiver.', { itemId });
  if (!waiver.waived) return undefined;
  return {
    waiver: { ...waiver, waived: false, waivedBy: by, waivedAt: now, ...nextStamp(waiver, now, cause) },
    notification: notify({
      userId,
      kind: 'waiver_withdrawn',
      subject: `${courseId}.${itemId}`,
      courseId,
      details: { title: course?.title ?? courseId },
      at: now,
      cause,
    }),
  };
}
