import type { Chapter } from './course.ts';
import type { AttemptId, ChapterId, CourseId, ItemId, OptionId, QuestionId, UserId } from './ids.ts';
import type { Interval } from './intervals.ts';
import type { Stamp } from './stamp.ts';
import type { CourseAccess, CourseStatus, EnrollmentSource, EnrollmentStatus } from './status.ts';

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

export type StudentState = Stamp & { readonly userId: UserId; readonly joinedAt: string };

export type EnrollmentState = Stamp & {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly status: EnrollmentStatus;
  readonly source: EnrollmentSource;
  readonly progress: number | null;
  readonly attempted: boolean;
  readonly enrolledAt: string;
  readonly cancelledAt?: string | undefined;
  readonly completedAt?: string | undefined;
  readonly enrolledWith?: string | undefined;
  readonly cancelledWith?: string | undefined;
};

export type ChapterFact = { readonly version: number; readonly completedAt: string };
/** `seconds` of the video that were played, at most its length while the outline has it. */
export type VideoFact = { readonly version: number; readonly seconds: number };
export type WatchedVideo = VideoFact & { readonly percent: number; readonly completed: boolean };
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
  readonly completedAt?: string | undefined;
  readonly outlineVersion: number;
  readonly ruleVersion: number;
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
