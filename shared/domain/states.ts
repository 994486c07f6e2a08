import type { Chapter } from './course.ts';
import type {
  AttemptId,
  ChapterId,
  CourseId,
  ItemId,
  OptionId,
  PaymentId,
  QuestionId,
  UserId,
} from './ids.ts';
import type { Interval } from './intervals.ts';
import type { NotificationDetails, NotificationKind } from './notification-kind.ts';
import type { Bitmap } from './qbank-bitmap.ts';
import type { Stamp } from './stamp.ts';
import type {
  AccessRequestStatus,
  CourseAccess,
  CourseStatus,
  EnrollmentSource,
  EnrollmentStatus,
  PaymentStatus,
} from './status.ts';

// Aliases, not interfaces: an alias may stand where a row with further attributes is asked for. What a
// decision returns is spread from what it was given, so attributes that are not named here survive.
// Times are ISO 8601 in UTC with milliseconds, which compare as text.

export type Price = { readonly amount: number; readonly currency: string };

export type CourseState = Stamp & {
  readonly courseId: CourseId;
  readonly part: 'course';
  readonly title: string;
  readonly summary: string;
  readonly status: CourseStatus;
  readonly access: CourseAccess;
  readonly price?: Price | undefined;
  readonly outlineVersion: number;
  readonly publishedWith?: string | undefined;
  readonly archivedWith?: string | undefined;
};

/** A draft or published outline; `Chapters` keeps the exact type of what was given. */
export type OutlineState<Chapters extends readonly Chapter[] = readonly Chapter[]> = Stamp & {
  readonly courseId: CourseId;
  readonly part: string;
  readonly chapters: Chapters;
};

export type StudentState = Stamp & {
  readonly userId: UserId;
  readonly joinedAt: string;
  /** As the person wants to be called, on certificates too. */
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  /** What a search finds the person by: the name and the address as `searchKey` of profile.ts writes them. */
  readonly namePrefix?: string | undefined;
  readonly nameKey?: string | undefined;
  readonly emailPrefix?: string | undefined;
  readonly emailKey?: string | undefined;
  /** The day of the sign-up, until the first enrollment: who has none is listed by it. */
  readonly newcomerSince?: string | undefined;
  /** Notifications up to this one count as read. */
  readonly readUpTo?: string | undefined;
};

/** One student's wish to get into one course. The row goes when the student gets in, or withdraws it. */
export type AccessRequestState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly status: AccessRequestStatus;
  readonly message?: string | undefined;
  readonly requestedAt: string;
  readonly reason?: string | undefined;
  readonly decidedAt?: string | undefined;
  readonly decidedBy?: UserId | undefined;
  /** Idempotency-Keys of the commands that last asked and last rejected. */
  readonly requestedWith?: string | undefined;
  readonly rejectedWith?: string | undefined;
};

/** An admin has said that an item counts as complete for one learner; `waived` is false once taken back. */
export type WaiverState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly itemId: ItemId;
  readonly waived: boolean;
  readonly reason: string;
  readonly waivedBy: UserId;
  readonly waivedAt: string;
  /** Idempotency-Keys of the commands that last waived and last took that back. */
  readonly waivedWith?: string | undefined;
  readonly withdrawnWith?: string | undefined;
};

/** What the provider is asked for: kept, so that a retry asks for the very same. */
export type PaymentOrder = {
  readonly title: string;
  /** Where the provider's page leads back to. */
  readonly successUrl: string;
  readonly cancelUrl: string;
};

export type PaymentState = Stamp & {
  readonly userId: UserId;
  /** Chosen by the client, unique for the student. */
  readonly paymentId: PaymentId;
  readonly courseId: CourseId;
  readonly amount: number;
  readonly currency: string;
  readonly status: PaymentStatus;
  readonly createdAt: string;
  readonly order: PaymentOrder;
  /** The provider's checkout, once it is open. */
  readonly checkoutId?: string | undefined;
  readonly checkoutUrl?: string | undefined;
  /** When the provider says it happened, and by which of its events. */
  readonly completedAt?: string | undefined;
  readonly completedBy?: string | undefined;
  readonly failedAt?: string | undefined;
  readonly failedBy?: string | undefined;
  readonly refundedAt?: string | undefined;
  readonly refundedBy?: string | undefined;
};

export type CertificateState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  /** What it certifies: `completion`. */
  readonly policy: string;
  readonly code: string;
  readonly studentName: string;
  readonly courseTitle: string;
  readonly completedAt: string;
  readonly issuedAt: string;
  readonly outlineVersion: number;
  readonly ruleVersion: number;
};

export type NotificationState = Stamp & {
  readonly userId: UserId;
  readonly notificationId: string;
  readonly kind: NotificationKind;
  readonly courseId?: CourseId | undefined;
  readonly details: NotificationDetails;
  readonly createdAt: string;
  readonly readAt?: string | undefined;
  /** Seconds since 1970: from then on it is gone, though the database may still have it. */
  readonly expiresAt: number;
};

export type EnrollmentState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly status: EnrollmentStatus;
  readonly source: EnrollmentSource;
  readonly progress: number | null;
  /** Of the progress row that `progress` and `completedAt` were taken from. */
  readonly progressVersion?: number | undefined;
  readonly attempted: boolean;
  readonly enrolledAt: string;
  readonly cancelledAt?: string | undefined;
  readonly completedAt?: string | undefined;
  readonly enrolledWith?: string | undefined;
  readonly cancelledWith?: string | undefined;
  /** The payment that bought it, while it stands by that. */
  readonly paymentId?: PaymentId | undefined;
  /** Further payments that came in for it meanwhile: it ends once all of them have been given back. */
  readonly alsoPaidBy?: readonly PaymentId[] | undefined;
};

export type ChapterFact = { readonly version: number; readonly completedAt: string };
/** `seconds` of the video that were played, at most its length while the outline has it. */
export type VideoFact = { readonly version: number; readonly seconds: number };
export type WatchedVideo = VideoFact & { readonly percent: number; readonly completed: boolean };
export type WaiverFact = { readonly version: number; readonly waived: boolean };
export type AttemptFact = { readonly version: number; readonly score: number | null };

export type ProgressState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly totalProgress: number | null;
  readonly completedItems: number;
  readonly requiredItems: number;
  readonly completedChapters: Readonly<Record<string, ChapterFact>>;
  readonly watchedVideos: Readonly<Record<string, WatchedVideo>>;
  readonly quizAttempts: Readonly<Record<string, Readonly<Record<string, AttemptFact>>>>;
  readonly waivedItems: Readonly<Record<string, WaiverFact>>;
  /** Ordinals of the questions of the course's bank that were ever answered. */
  readonly answeredQuestions: Bitmap;
  readonly completedAt?: string | undefined;
  readonly outlineVersion: number;
  readonly ruleVersion: number;
  /** The last time that a change of the course, and nothing else, lowered the percentage. */
  readonly lowered?: Lowered | undefined;
};

/** Percentages before and after, by the outline that made the difference. */
export type Lowered = {
  readonly outlineVersion: number;
  readonly from: number;
  readonly to: number;
  readonly at: string;
};

export type ChapterCompletionState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly chapterId: ChapterId;
  readonly completedAt: string;
};

export type VideoProgressState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly videoId: ItemId;
  readonly intervals: readonly Interval[];
  readonly days: readonly string[];
};

/** A quiz attempt without its key, which the store makes of courseId, quizId and number. */
export type AttemptState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly quizId: ItemId;
  readonly number: number;
  readonly attemptId: AttemptId;
  readonly answers?: Readonly<Record<QuestionId, OptionId>> | undefined;
  readonly score: number | null;
  readonly passMark: number;
  readonly submittedAt: string;
  readonly markedAt?: string | undefined;
  readonly markedBy?: UserId | undefined;
};
