import * as z from 'zod';
import { AnyCourseStatus, AttemptId, CourseId, Day, ItemId, UserId } from './fields.ts';
import { none, page, course, type Operation } from './operation.ts';
import { AdminCourse, CourseDraft, Mark } from './requests.ts';
import { AdminAnalytics, AdminDashboard, AdminStudents, AttemptView, EnrollmentView } from './views.ts';

const studentInCourse = z.strictObject({ userId: UserId, courseId: CourseId });

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
