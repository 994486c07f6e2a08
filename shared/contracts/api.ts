import * as z from 'zod';
import { COURSE_ACCESSES, COURSE_STATUSES } from '../domain/status.ts';
import type { DomainErrorCode } from '../domain/errors.ts';
import {
  AnyCourseStatus,
  AttemptId,
  ChapterId,
  CourseId,
  Day,
  ItemId,
  OptionId,
  PlaybackId,
  QuestionId,
  Score,
  Timestamp,
  UserId,
} from './fields.ts';
import { Chapter, Outline } from './outline.ts';
import { Interval } from './rows.ts';
import {
  AdminAnalytics,
  AdminDashboard,
  AdminStudents,
  AttemptView,
  ChapterCompletion,
  EnrollmentView,
  StudentCourseDetail,
  StudentCourses,
  StudentDashboard,
  StudentProgress,
  VideoStanding,
} from './views.ts';

/** Who may call an operation: anyone, any signed-in person (about themselves), or the group `admin`. */
export type Audience = 'public' | 'student' | 'admin';

/** One operation of the HTTP API. The routes, the handlers' types, the checks and the OpenAPI document come from it. */
export interface Operation {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  readonly path: `/${string}`;
  readonly audience: Audience;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  /** Missing where the operation takes no body. */
  readonly body?: z.ZodType;
  readonly reply: z.ZodType;
  /** Refusals beyond those of the edge (invalid_request, unauthenticated, forbidden, busy). */
  readonly errors: readonly DomainErrorCode[];
}

const none = z.strictObject({});
const page = z.strictObject({
  cursor: z.string().max(2000).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
});
const course = z.strictObject({ courseId: CourseId });
const studentInCourse = z.strictObject({ userId: UserId, courseId: CourseId });

export const CourseDraft = z
  .strictObject({
    title: z.string().trim().min(1).max(200),
    summary: z.string().trim().max(2000).default(''),
    access: z.enum(COURSE_ACCESSES),
    /** Minor units (cents); needed where access is `paid`. */
    price: z
      .strictObject({ amount: z.int().positive(), currency: z.string().regex(/^[A-Z]{3}$/) })
      .optional(),
    outline: Outline,
    /** The course's version that this change was made on; refused when another change came first, also to a late retry. */
    ifVersion: z.int().min(0).optional(),
  })
  .refine((draft) => (draft.access === 'paid') === (draft.price !== undefined), {
    path: ['price'],
    message: 'must be given where access is paid, and only there',
  });
export type CourseDraft = z.infer<typeof CourseDraft>;

/** A course as an admin sees it, keys included. */
export const AdminCourse = z.strictObject({
  courseId: CourseId,
  title: z.string(),
  summary: z.string(),
  access: z.enum(COURSE_ACCESSES),
  price: z.strictObject({ amount: z.int(), currency: z.string() }).optional(),
  status: z.enum(COURSE_STATUSES),
  outlineVersion: z.int(),
  draft: z.strictObject({ chapters: z.array(Chapter) }),
  published: z.strictObject({ chapters: z.array(Chapter) }).optional(),
  version: z.int(),
  updatedAt: Timestamp,
});
export type AdminCourse = z.infer<typeof AdminCourse>;

/** What was played since the last beat: intervals, or only where the player stands. */
export const VideoBeat = z
  .strictObject({
    intervals: z.array(Interval).max(100).optional(),
    positionSeconds: z.number().min(0).max(86_400).optional(),
    /** Tells two players of one student apart when they send positions. */
    playbackId: PlaybackId.optional(),
  })
  .refine((beat) => beat.intervals !== undefined || beat.positionSeconds !== undefined, {
    path: ['intervals'],
    message: 'intervals or positionSeconds must be given',
  });
export type VideoBeat = z.infer<typeof VideoBeat>;

export const QuizAnswers = z.strictObject({
  /** By questionId, the optionId chosen; a question left out is blank. Not given for a quiz marked by hand. */
  answers: z.record(QuestionId, OptionId).optional(),
});
export type QuizAnswers = z.infer<typeof QuizAnswers>;

export const Mark = z.strictObject({
  score: Score,
  /** The version of the attempt whose mark this replaces; not needed for the first mark. */
  ifVersion: z.int().positive().optional(),
});
export type Mark = z.infer<typeof Mark>;

export const operations = {
  'describe-api': {
    method: 'GET',
    path: '/openapi.json',
    audience: 'public',
    summary: 'The API, described as OpenAPI 3.1',
    params: none,
    query: none,
    reply: z.looseObject({ openapi: z.string() }),
    errors: [],
  },
  'get-student-dashboard': {
    method: 'GET',
    path: '/me/dashboard',
    audience: 'student',
    summary: 'View Student Dashboard: my enrollments and how far I am',
    params: none,
    query: page,
    reply: StudentDashboard,
    errors: [],
  },
  'get-student-courses': {
    method: 'GET',
    path: '/me/courses',
    audience: 'student',
    summary: 'View Student Courses: the published courses and my place in each',
    params: none,
    query: page,
    reply: StudentCourses,
    errors: [],
  },
  'get-student-progress': {
    method: 'GET',
    path: '/me/progress',
    audience: 'student',
    summary: 'View Student Progress: chapters, videos and quizzes of every course I am in',
    params: none,
    query: page,
    reply: StudentProgress,
    errors: [],
  },
  'get-student-course-detail': {
    method: 'GET',
    path: '/me/courses/{courseId}',
    audience: 'student',
    summary: 'View Course Detail: the outline and what of it I have completed',
    params: course,
    query: none,
    reply: StudentCourseDetail,
    errors: ['course_unknown'],
  },
  'enroll-directly': {
    method: 'PUT',
    path: '/me/enrollments/{courseId}',
    audience: 'student',
    summary: 'Enroll myself in an open course, or return to it',
    params: course,
    query: none,
    reply: EnrollmentView,
    errors: ['course_unknown', 'course_not_published', 'course_closed'],
  },
  unenroll: {
    method: 'DELETE',
    path: '/me/enrollments/{courseId}',
    audience: 'student',
    summary: 'Leave a course; what I did in it is kept for a return',
    params: course,
    query: none,
    reply: EnrollmentView,
    errors: ['not_enrolled'],
  },
  'complete-chapter': {
    method: 'PUT',
    path: '/me/courses/{courseId}/chapters/{chapterId}/completion',
    audience: 'student',
    summary: 'Complete a chapter: its readings, and its videos count as watched',
    params: z.strictObject({ courseId: CourseId, chapterId: ChapterId }),
    query: none,
    reply: ChapterCompletion,
    errors: ['course_unknown', 'course_not_published', 'not_enrolled', 'chapter_unknown'],
  },
  'record-video-beat': {
    method: 'POST',
    path: '/me/courses/{courseId}/videos/{videoId}/beats',
    audience: 'student',
    summary: 'Tell what of a video was played',
    params: z.strictObject({ courseId: CourseId, videoId: ItemId }),
    query: none,
    body: VideoBeat,
    reply: VideoStanding,
    errors: [
      'course_unknown',
      'course_not_published',
      'not_enrolled',
      'item_unknown',
      'interval_invalid',
      'video_too_fragmented',
      'key_reused',
    ],
  },
  'submit-quiz-attempt': {
    method: 'PUT',
    path: '/me/courses/{courseId}/quizzes/{quizId}/attempts/{attemptId}',
    audience: 'student',
    summary: 'Hand in an attempt at a quiz under an id of my choosing; graded at once unless marked by hand',
    params: z.strictObject({ courseId: CourseId, quizId: ItemId, attemptId: AttemptId }),
    query: none,
    body: QuizAnswers,
    reply: AttemptView,
    errors: [
      'course_unknown',
      'course_not_published',
      'not_enrolled',
      'item_unknown',
      'answers_invalid',
      'attempt_conflict',
      'attempts_exhausted',
    ],
  },
  'put-course': {
    method: 'PUT',
    path: '/admin/courses/{courseId}',
    audience: 'admin',
    summary: 'Create a course or change it; a changed outline is in force once published',
    params: course,
    query: none,
    body: CourseDraft,
    reply: AdminCourse,
    errors: ['version_conflict'],
  },
  'get-course': {
    method: 'GET',
    path: '/admin/courses/{courseId}',
    audience: 'admin',
    summary: 'A course with its draft and its published outline',
    params: course,
    query: none,
    reply: AdminCourse,
    errors: ['course_unknown'],
  },
  'set-course-status': {
    method: 'PUT',
    path: '/admin/courses/{courseId}/status',
    audience: 'admin',
    summary: 'Publish a course (its draft outline comes into force) or archive it',
    params: course,
    query: none,
    body: z.strictObject({ status: AnyCourseStatus }),
    reply: AdminCourse,
    errors: ['course_unknown', 'course_status_refused', 'course_empty'],
  },
  'get-admin-dashboard': {
    method: 'GET',
    path: '/admin/dashboard',
    audience: 'admin',
    summary: 'View Admin Dashboard: the school at a glance and its courses',
    params: none,
    query: page,
    reply: AdminDashboard,
    errors: [],
  },
  'get-admin-analytics': {
    method: 'GET',
    path: '/admin/analytics',
    audience: 'admin',
    summary: 'View Admin Analytics: of the school, or of one course',
    params: none,
    query: z.strictObject({ courseId: CourseId.optional(), from: Day.optional(), to: Day.optional() }),
    reply: AdminAnalytics,
    errors: ['course_unknown'],
  },
  'get-admin-students': {
    method: 'GET',
    path: '/admin/students',
    audience: 'admin',
    summary:
      'View Admin Students: students with their enrollments and progress, of the school or of one course',
    params: none,
    query: page.extend({ courseId: CourseId.optional() }),
    reply: AdminStudents,
    errors: ['course_unknown'],
  },
  'enroll-student': {
    method: 'PUT',
    path: '/admin/students/{userId}/enrollments/{courseId}',
    audience: 'admin',
    summary: 'Enroll a student in a published course, whatever its access',
    params: studentInCourse,
    query: none,
    reply: EnrollmentView,
    errors: ['course_unknown', 'course_not_published'],
  },
  'unenroll-student': {
    method: 'DELETE',
    path: '/admin/students/{userId}/enrollments/{courseId}',
    audience: 'admin',
    summary: "Cancel a student's enrollment; progress is kept for a return",
    params: studentInCourse,
    query: none,
    reply: EnrollmentView,
    errors: ['not_enrolled'],
  },
  'mark-quiz-attempt': {
    method: 'PUT',
    path: '/admin/courses/{courseId}/quizzes/{quizId}/students/{userId}/attempts/{attemptId}/mark',
    audience: 'admin',
    summary: 'Mark an attempt at a quiz that is marked by hand, or change its mark',
    params: z.strictObject({ courseId: CourseId, quizId: ItemId, userId: UserId, attemptId: AttemptId }),
    query: none,
    body: Mark,
    reply: AttemptView,
    errors: ['course_unknown', 'item_unknown', 'attempt_unknown', 'not_marked_by_hand', 'mark_conflict'],
  },
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
