import type { Chapter, Outline } from './course.ts';
import { equal } from './equal.ts';
import { DomainError } from './errors.ts';
import type { CourseId } from './ids.ts';
import { bankItems, requiredItems } from './outline.ts';
import type { BankState } from './qbank-states.ts';
import { hadItsEffect, nextStamp, type Cause } from './stamp.ts';
import type { CourseState, OutlineState, Price } from './states.ts';
import { mayBecome, type CourseAccess, type CourseStatus } from './status.ts';

/** The part of the table `courses` that holds the outline published as number `version`. */
export function outlinePart(version: number): string {
  return `outline#${String(version).padStart(6, '0')}`;
}

function withoutPrice(course: CourseState): CourseState {
  const { price: _price, ...rest } = course;
  return rest;
}

/**
 * Creates or changes a course and its draft outline; absent rows stay as they are, none at all means that
 * nothing changed. The course's version counts every change, also one of the draft alone.
 * Throws DomainError version_conflict with the version in force (0: there is no such course).
 */
export function putCourse<Chapters extends readonly Chapter[]>(given: {
  readonly courseId: CourseId;
  readonly course: CourseState | undefined;
  readonly draft: OutlineState | undefined;
  readonly change: {
    readonly title: string;
    readonly summary: string;
    readonly access: CourseAccess;
    readonly price?: Price | undefined;
    readonly outline: { readonly chapters: Chapters };
    readonly ifVersion?: number | undefined;
  };
  readonly now: string;
  readonly cause: Cause;
}): { readonly course?: CourseState; readonly draft?: OutlineState<Chapters> } {
  const { courseId, course, draft, change, now, cause } = given;
  const { title, summary, access, price } = change;
  const { chapters } = change.outline;
  const draftStays = draft !== undefined && equal(draft.chapters, chapters);
  const said = { title, summary, access, price };
  if (
    course !== undefined &&
    draftStays &&
    equal(said, { title: course.title, summary: course.summary, access: course.access, price: course.price })
  ) {
    return {};
  }
  const version = course?.version ?? 0;
  if (change.ifVersion !== undefined && change.ifVersion !== version) {
    throw new DomainError('version_conflict', 'The course has changed since.', { version });
  }
  return {
    course: {
      status: 'draft',
      outlineVersion: 0,
      ...(course && withoutPrice(course)),
      courseId,
      part: 'course',
      title,
      summary,
      access,
      ...(price === undefined ? {} : { price }),
      ...nextStamp(course, now, cause),
    },
    ...(draftStays
      ? {}
      : { draft: { ...draft, courseId, part: 'draft', chapters, ...nextStamp(draft, now, cause) } }),
  };
}

/**
 * Publishes or archives a course. Publishing copies the draft to the next outline unless it is in force
 * already. Asking for what is so already changes nothing, and neither does a command that is sent again under its
 * key, also after the opposite one.
 * Throws DomainError course_unknown, course_status_refused, course_empty, bank_too_small with the first item that asks
 * for more questions than the bank has.
 */
export function setCourseStatus<Chapters extends readonly Chapter[]>(given: {
  readonly course: CourseState | undefined;
  readonly draft: OutlineState<Chapters> | undefined;
  /** The outline in force, if one was ever published. */
  readonly published: OutlineState | undefined;
  /** The course's question bank, for a draft that asks for practice in it; undefined where there is none. */
  readonly bank: Pick<BankState, 'questions'> | undefined;
  readonly status: CourseStatus;
  readonly idempotencyKey?: string | undefined;
  readonly now: string;
  readonly cause: Cause;
}): { readonly course?: CourseState; readonly outline?: OutlineState<Chapters> } {
  const { course, draft, published, bank, status, idempotencyKey, now, cause } = given;
  if (course === undefined) throw new DomainError('course_unknown', 'There is no such course.');
  const doneWith = { draft: undefined, published: course.publishedWith, archived: course.archivedWith };
  if (hadItsEffect(idempotencyKey, doneWith[status])) return {};
  const stays = course.status === status;
  if (status !== 'published') {
    if (stays) return {};
    refuseUnlessAllowed(course.status, status);
    const key = idempotencyKey === undefined ? {} : { archivedWith: idempotencyKey };
    return { course: { ...course, status, ...key, ...nextStamp(course, now, cause) } };
  }
  refuseUnlessAllowed(course.status, status);
  const { chapters } = publishable(draft);
  refuseTooSmallBank({ chapters }, bank?.questions ?? 0);
  const inForce = published !== undefined && equal(published.chapters, chapters);
  if (inForce && stays) return {};
  const key = idempotencyKey === undefined ? {} : { publishedWith: idempotencyKey };
  const outlineVersion = inForce ? course.outlineVersion : course.outlineVersion + 1;
  return {
    course: { ...course, status, outlineVersion, ...key, ...nextStamp(course, now, cause) },
    ...(inForce
      ? {}
      : {
          outline: {
            courseId: course.courseId,
            part: outlinePart(outlineVersion),
            chapters,
            ...nextStamp(undefined, now, cause),
          },
        }),
  };
}

/** A draft that has something to complete. Throws DomainError course_empty. */
export function publishable<Draft extends Outline>(draft: Draft | undefined): Draft {
  if (draft !== undefined && requiredItems(draft).some((item) => item.weight > 0)) return draft;
  throw new DomainError('course_empty', 'A course needs a required item with a weight to be published.');
}

/** Nobody could ever complete such an item. */
function refuseTooSmallBank(draft: Outline, has: number): void {
  const item = bankItems(draft).find(({ questions }) => questions > has);
  if (item === undefined) return;
  throw new DomainError('bank_too_small', 'An item asks for more questions than the question bank has.', {
    itemId: item.itemId,
    asked: item.questions,
    has,
  });
}

function refuseUnlessAllowed(from: CourseStatus, to: CourseStatus): void {
  if (!mayBecome('courses', from, to)) {
    throw new DomainError('course_status_refused', `A course that is ${from} cannot become ${to}.`, {
      from,
      to,
    });
  }
}
