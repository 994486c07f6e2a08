import type * as z from 'zod';
import { AccessRequestView, AdminRequests } from './access-requests.ts';
import { VerifiedCertificate } from './certificates.ts';
import { CoursePreview } from './course-preview.ts';
import { AggregateExplanation, ProgressExplanation } from './explanations.ts';
import { FailureDetail, Failures, FailureView, Redriven } from './failures.ts';
import { JobDetail, Jobs, JobView } from './jobs.ts';
import { Notifications, NotificationView, UnreadCount } from './notifications.ts';
import { PaymentEventReceipt, Payments, PaymentView } from './payments.ts';
import {
  AdminQuestion,
  AdminQuestionHistory,
  AnswerView,
  ImportReport,
  QuestionTable,
  StudentQbank,
  TestPaper,
  TestView,
} from './qbank.ts';
import { AdminCourse } from './requests.ts';
import { SyncHealth } from './sync-health.ts';
import { AdminStudent, AdminStudents, StudentProfile, WaiverView } from './students.ts';
import { AttemptView, ChapterCompletion, VideoStanding } from './studying.ts';
import {
  AdminAnalytics,
  AdminDashboard,
  EnrollmentView,
  StudentCourseDetail,
  StudentCourses,
  StudentDashboard,
  StudentProgress,
  Totals,
} from './views.ts';

/** Replies under the names that the description of the API gives them in `components.schemas`. */
export const NAMED_REPLIES = {
  AdminCourse,
  CoursePreview,
  StudentDashboard,
  StudentCourses,
  StudentProgress,
  StudentProfile,
  StudentCourseDetail,
  EnrollmentView,
  ChapterCompletion,
  VideoStanding,
  AttemptView,
  AccessRequestView,
  PaymentView,
  Payments,
  PaymentEventReceipt,
  NotificationView,
  Notifications,
  UnreadCount,
  VerifiedCertificate,
  WaiverView,
  Totals,
  TestView,
  TestPaper,
  AnswerView,
  StudentQbank,
  AdminQuestion,
  AdminQuestionHistory,
  ImportReport,
  QuestionTable,
  JobView,
  Jobs,
  JobDetail,
  FailureView,
  Failures,
  FailureDetail,
  Redriven,
  ProgressExplanation,
  AggregateExplanation,
  SyncHealth,
  AdminDashboard,
  AdminAnalytics,
  AdminRequests,
  AdminStudents,
  AdminStudent,
} as const satisfies Record<string, z.ZodType>;
