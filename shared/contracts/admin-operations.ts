import * as z from 'zod';
import { AnyCourseStatus, AttemptId, CourseId, Day, ItemId, statusField, UserId } from './fields.ts';
import { AccessRequestView, AdminRequests, Rejection } from './access-requests.ts';
import { AdminStudent, AdminStudents, WaiverDraft, WaiverView } from './students.ts';
import { none, page, course, type Operation } from './operation.ts';
import { AdminCourse, CourseDraft, Mark } from './requests.ts';
import { CoursePreview } from './course-preview.ts';
import { AttemptView } from './studying.ts';
import { AdminAnalytics, AdminDashboard, EnrollmentView } from './views.ts';

const studentInCourse = z.strictObject({ userId: UserId, courseId: CourseId });
const itemOfStudent = studentInCourse.extend({ itemId: ItemId });

/** What admins do and see. */
export const adminOperations = {
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
  'preview-course': {
    method: 'GET',
    path: '/admin/courses/{courseId}/preview',
    audience: 'admin',
    summary:
      'How many learners would rise, fall, complete or stop being complete by the draft; of a large course a job counts',
    params: course,
    query: none,
    reply: CoursePreview,
    errors: ['course_unknown', 'course_empty'],
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
    errors: ['course_unknown', 'course_status_refused', 'course_empty', 'bank_too_small'],
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
    query: page
      .extend({
        courseId: CourseId.optional(),
        /** The beginning of a name or of an e-mail address. */
        search: z.string().trim().min(2).max(100).optional(),
      })
      .refine(({ courseId, search }) => courseId === undefined || search === undefined, {
        path: ['search'],
        message: 'is of the whole school: leave courseId away',
      }),
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
  'get-admin-requests': {
    method: 'GET',
    path: '/admin/requests',
    audience: 'admin',
    summary: 'View Admin Requests: who waits to be let into a course, the longest first, or who was rejected',
    params: none,
    query: page.extend({ status: statusField('accessRequests').default('pending') }),
    reply: AdminRequests,
    errors: [],
  },
  'approve-request': {
    method: 'PUT',
    path: '/admin/students/{userId}/requests/{courseId}/approval',
    audience: 'admin',
    summary: 'Let a student in who asked; the request is gone and the student enrolled',
    params: studentInCourse,
    query: none,
    reply: EnrollmentView,
    errors: ['request_unknown', 'request_status_refused', 'course_unknown', 'course_not_published'],
  },
  'reject-request': {
    method: 'PUT',
    path: '/admin/students/{userId}/requests/{courseId}/rejection',
    audience: 'admin',
    summary: 'Turn a request down and say why',
    params: studentInCourse,
    query: none,
    body: Rejection,
    reply: AccessRequestView,
    errors: ['request_unknown', 'request_status_refused'],
  },
  'get-admin-student': {
    method: 'GET',
    path: '/admin/students/{userId}',
    audience: 'admin',
    summary: 'One student whole: enrollments, progress, requests, waivers, payments and certificates',
    params: z.strictObject({ userId: UserId }),
    query: none,
    reply: AdminStudent,
    errors: ['student_unknown'],
  },
  'waive-item': {
    method: 'PUT',
    path: '/admin/students/{userId}/courses/{courseId}/waivers/{itemId}',
    audience: 'admin',
    summary: 'Let an item count as complete for one student, and say why',
    params: itemOfStudent,
    query: none,
    body: WaiverDraft,
    reply: WaiverView,
    errors: ['course_unknown', 'item_unknown', 'not_enrolled'],
  },
  'withdraw-waiver': {
    method: 'DELETE',
    path: '/admin/students/{userId}/courses/{courseId}/waivers/{itemId}',
    audience: 'admin',
    summary: 'Let an item count by what the student did again',
    params: itemOfStudent,
    query: none,
    reply: WaiverView,
    errors: ['waiver_unknown'],
  },
} as const satisfies Record<string, Operation>;
