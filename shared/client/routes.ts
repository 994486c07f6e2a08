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
  'receive-payment-event': ['POST', '/webhooks/payments'],
  'verify-certificate': ['GET', '/certificates/{code}'],
  'get-certificate-pdf': ['GET', '/certificates/{code}/pdf'],
  'get-student-dashboard': ['GET', '/me/dashboard'],
  'get-student-courses': ['GET', '/me/courses'],
  'get-student-progress': ['GET', '/me/progress'],
  'get-student-course-detail': ['GET', '/me/courses/{courseId}'],
  'enroll-directly': ['PUT', '/me/enrollments/{courseId}'],
  unenroll: ['DELETE', '/me/enrollments/{courseId}'],
  'complete-chapter': ['PUT', '/me/courses/{courseId}/chapters/{chapterId}/completion'],
  'record-video-beat': ['POST', '/me/courses/{courseId}/videos/{videoId}/beats'],
  'submit-quiz-attempt': ['PUT', '/me/courses/{courseId}/quizzes/{quizId}/attempts/{attemptId}'],
  'get-student-profile': ['GET', '/me/profile'],
  'put-student-profile': ['PUT', '/me/profile'],
  'request-access': ['PUT', '/me/requests/{courseId}'],
  'withdraw-request': ['DELETE', '/me/requests/{courseId}'],
  'start-checkout': ['PUT', '/me/payments/{paymentId}'],
  'get-payments': ['GET', '/me/payments'],
  'get-notifications': ['GET', '/me/notifications'],
  'read-notification': ['PUT', '/me/notifications/{notificationId}/read'],
  'read-notifications': ['PUT', '/me/notifications/read'],
  'get-student-qbank': ['GET', '/me/courses/{courseId}/qbank'],
  'start-test': ['PUT', '/me/courses/{courseId}/tests/{testId}'],
  'get-test': ['GET', '/me/courses/{courseId}/tests/{testId}'],
  'open-test': ['PUT', '/me/courses/{courseId}/tests/{testId}/opening'],
  'answer-question': ['PUT', '/me/courses/{courseId}/tests/{testId}/questions/{questionId}/answer'],
  'submit-test': ['PUT', '/me/courses/{courseId}/tests/{testId}/submission'],
  'put-course': ['PUT', '/admin/courses/{courseId}'],
  'get-course': ['GET', '/admin/courses/{courseId}'],
  'preview-course': ['GET', '/admin/courses/{courseId}/preview'],
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
  'get-admin-requests': ['GET', '/admin/requests'],
  'approve-request': ['PUT', '/admin/students/{userId}/requests/{courseId}/approval'],
  'reject-request': ['PUT', '/admin/students/{userId}/requests/{courseId}/rejection'],
  'get-admin-student': ['GET', '/admin/students/{userId}'],
  'waive-item': ['PUT', '/admin/students/{userId}/courses/{courseId}/waivers/{itemId}'],
  'withdraw-waiver': ['DELETE', '/admin/students/{userId}/courses/{courseId}/waivers/{itemId}'],
  'put-question': ['PUT', '/admin/courses/{courseId}/questions/{questionId}'],
  'import-questions': ['POST', '/admin/courses/{courseId}/questions/import'],
  'get-question': ['GET', '/admin/courses/{courseId}/questions/{questionId}'],
  'void-question': [
    'PUT',
    '/admin/courses/{courseId}/questions/{questionId}/versions/{questionVersion}/voiding',
  ],
  'validate-question': [
    'DELETE',
    '/admin/courses/{courseId}/questions/{questionId}/versions/{questionVersion}/voiding',
  ],
  'get-question-table': ['GET', '/admin/courses/{courseId}/questions'],
  'get-jobs': ['GET', '/admin/jobs'],
  'get-job': ['GET', '/admin/jobs/{jobId}'],
  'stop-job': ['PUT', '/admin/jobs/{jobId}/stop'],
  'get-failures': ['GET', '/admin/failures'],
  'get-failure': ['GET', '/admin/failures/{failureId}'],
  'redrive-failure': ['PUT', '/admin/failures/{failureId}/redrive'],
  'redrive-failures': ['PUT', '/admin/failures/redrive'],
  'drop-failure': ['PUT', '/admin/failures/{failureId}/drop'],
  'explain-progress': ['GET', '/admin/students/{userId}/courses/{courseId}/explanation'],
  'explain-aggregate': ['GET', '/admin/aggregates/explanation'],
} as const satisfies Routes;
