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

export const ACCESS_REQUEST_STATUSES = ['pending', 'approved', 'rejected'] as const;
/** An approved request is no row any more: the transaction that enrolls deletes it. */
export type AccessRequestStatus = (typeof ACCESS_REQUEST_STATUSES)[number];

export const PAYMENT_STATUSES = ['pending', 'completed', 'failed', 'refunded'] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

export const QBANK_TEST_STATUSES = ['pending', 'in_progress', 'completed', 'abandoned'] as const;
export type QbankTestStatus = (typeof QBANK_TEST_STATUSES)[number];

export const COURSE_ACCESSES = ['open', 'request', 'paid', 'admin'] as const;
/** How one gets into a course: by oneself, on request, by paying, or only through an admin. */
export type CourseAccess = (typeof COURSE_ACCESSES)[number];

/** The tables whose rows have a status, and the values of each. */
export interface Statuses {
  readonly courses: CourseStatus;
  readonly enrollments: EnrollmentStatus;
  readonly accessRequests: AccessRequestStatus;
  readonly payments: PaymentStatus;
  readonly qbankTests: QbankTestStatus;
}
export type StatusTable = keyof Statuses;

/** From each status, the ones it may change to. */
export const STATUS_TRANSITIONS: {
  readonly [T in StatusTable]: Readonly<Record<Statuses[T], readonly Statuses[T][]>>;
} = {
  courses: {
    draft: ['published', 'archived'],
    // Publishing again puts the draft outline in force.
    published: ['published', 'archived'],
    archived: ['published'],
  },
  enrollments: {
    active: ['completed', 'cancelled'],
    completed: ['cancelled'],
    // A return to a course that was complete before, or still is by its outline in force.
    cancelled: ['active', 'completed'],
  },
  accessRequests: {
    pending: ['approved', 'rejected'],
    // By the enrollment: nobody who is in asks for access.
    approved: [],
    // Asking again.
    rejected: ['pending'],
  },
  payments: {
    pending: ['completed', 'failed', 'refunded'],
    completed: ['refunded'],
    // Events come in any order, and money that was taken counts whatever was told before.
    failed: ['completed', 'refunded'],
    refunded: [],
  },
  qbankTests: {
    pending: ['in_progress', 'abandoned'],
    in_progress: ['completed', 'abandoned'],
    completed: [],
    abandoned: [],
  },
};

export function mayBecome<T extends StatusTable>(table: T, from: Statuses[T], to: Statuses[T]): boolean {
  return STATUS_TRANSITIONS[table][from].includes(to);
}

/** The canonical values, table by table. */
export const STATUS_VALUES: { readonly [T in StatusTable]: readonly Statuses[T][] } = {
  courses: COURSE_STATUSES,
  enrollments: ENROLLMENT_STATUSES,
  accessRequests: ACCESS_REQUEST_STATUSES,
  payments: PAYMENT_STATUSES,
  qbankTests: QBANK_TEST_STATUSES,
};

/** Spellings that older rows and clients use, and what they mean. */
const LEGACY_SPELLINGS: { readonly [T in StatusTable]: Readonly<Record<string, Statuses[T]>> } = {
  courses: { Published: 'published', active: 'published', Active: 'published' },
  enrollments: {},
  accessRequests: {},
  payments: {},
  qbankTests: {},
};

/** The canonical status for any spelling, or undefined for a value that never was one. */
export function statusOf<T extends StatusTable>(table: T, spelling: string): Statuses[T] | undefined {
  return (
    STATUS_VALUES[table].find((status) => status === spelling) ?? ownEntry(LEGACY_SPELLINGS[table], spelling)
  );
}

/** Every spelling `statusOf` understands, for schemas and error messages. */
export function spellingsOf(table: StatusTable): readonly string[] {
  return [...STATUS_VALUES[table], ...Object.keys(LEGACY_SPELLINGS[table])];
}

/** Every spelling of a status that may become `to`: what a row must have for its status to change so. */
export function spellingsBefore<T extends StatusTable>(table: T, to: Statuses[T]): string[] {
  return spellingsOf(table).filter((spelling) => {
    const from = statusOf(table, spelling);
    return from !== undefined && mayBecome(table, from, to);
  });
}
