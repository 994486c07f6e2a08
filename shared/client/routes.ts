import type { OperationName, operations } from '../contracts/api.ts';

type Routes = {
  readonly [Name in OperationName]: readonly [
    method: (typeof operations)[Name]['method'],
    path: (typeof operations)[Name]['path'],
  ];
};

/**
 * Method and path of every operation. The compiler holds them to the table of operations, which a page
 * cannot import itself without the schemas and zod coming along.
 */
export const routes = {
  'describe-api': ['GET', '/openapi.json'],
  'get-student-dashboard': ['GET', '/me/dashboard'],
  'get-student-courses': ['GET', '/me/courses'],
  'get-student-progress': ['GET', '/me/progress'],
  'get-student-course-detail': ['GET', '/me/courses/{courseId}'],
  'enroll-directly': ['PUT', '/me/enrollments/{courseId}'],
  unenroll: ['DELETE', '/me/enrollments/{courseId}'],
  'complete-chapter': ['PUT', '/me/courses/{courseId}/chapters/{chapterId}/completion'],
  'record-video-beat': ['POST', '/me/courses/{courseId}/videos/{videoId}/beats'],
  'submit-quiz-attempt': ['PUT', '/me/courses/{courseId}/quizzes/{quizId}/attempts/{attemptId}'],
  'put-course': ['PUT', '/admin/courses/{courseId}'],
  'get-course': ['GET', '/admin/courses/{courseId}'],
  'set-course-status': ['PUT', '/admin/courses/{courseId}/status'],
  'get-admin-dashboard': ['GET', '/admin/dashboard'],
  'get-admin-analytics': ['GET', '/admin/analytics'],
  'get-admin-students': ['GET', '/admin/students'],
  'enroll-student': ['PUT', '/admin/students/{userId}/enrollments/{courseId}'],
  'unenroll-student': ['DELETE', '/admin/students/{userId}/enrollments/{courseId}'],
  'mark-quiz-attempt': [
    'PUT',
    '/admin/courses/{courseId}/quizzes/{quizId}/students/{userId}/attempts/{attemptId}/mark',
  ],
} as const satisfies Routes;
