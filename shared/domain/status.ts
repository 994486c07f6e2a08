import { ownEntry } from './equal.ts';

/**
 * The status values of the school and who may follow whom. The conditions of the transactions and the
 * schemas of requests and rows derive from these tables; no other file spells a status value's life.
 */

export const COURSE_STATUSES = ['draft', 'published', 'archived'] as const;
export type CourseStatus = (typeof COURSE_STATUSES)[number];

export const ENROLLMENT_STATUSES = ['active', 'completed', 'cancelled'] as const;
export type EnrollmentStatus = (typeof ENROLLMENT_STATUSES)[number];

export const ENROLLMENT_SOURCES = ['direct', 'admin', 'request', 'payment'] as const;
export type EnrollmentSource = (typeof ENROLLMENT_SOURCES)[number];

export const COURSE_ACCESSES = ['open', 'request', 'paid', 'admin'] as const;
/** How one gets into a course: by oneself, on request, by paying, or only through an admin. */
export type CourseAccess = (typeof COURSE_ACCESSES)[number];

/** From each status, the ones it may change to. Republishing puts the draft outline in force. */
const COURSE_TRANSITIONS: Readonly<Record<CourseStatus, readonly CourseStatus[]>> = {
  draft: ['published', 'archived'],
  published: ['published', 'archived'],
  archived: ['published'],
};

export function mayBecome(from: CourseStatus, to: CourseStatus): boolean {
  return COURSE_TRANSITIONS[from].includes(to);
}

/** Spellings that older rows and clients use, and what they mean. */
const LEGACY_COURSE_STATUSES: Readonly<Record<string, CourseStatus>> = {
  Published: 'published',
  active: 'published',
  Active: 'published',
};

/** The canonical course status for any spelling, or undefined for a value that never was one. */
export function courseStatus(spelling: string): CourseStatus | undefined {
  return COURSE_STATUSES.find((status) => status === spelling) ?? ownEntry(LEGACY_COURSE_STATUSES, spelling);
}

/** Every spelling `courseStatus` understands, for schemas and error messages. */
export const COURSE_STATUS_SPELLINGS: readonly string[] = [
  ...COURSE_STATUSES,
  ...Object.keys(LEGACY_COURSE_STATUSES),
];
