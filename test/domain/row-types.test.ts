import { expectTypeOf, test } from 'vitest';
import type { CourseDraft, Mark, VideoBeat } from '../../shared/contracts/requests.ts';
import type { JobRow, JobSegmentRow } from '../../shared/contracts/job-rows.ts';
import type { Outline as OutlineContract } from '../../shared/contracts/outline.ts';
import type { AdminView, RowChange, StudentView } from '../../shared/contracts/publish.ts';
import type {
  AccessRequestRow,
  AnalyticsRow,
  CertificateRow,
  ChapterCompletionRow,
  CourseRow,
  EnrollmentRow,
  LedgerRow,
  NotificationRow,
  OutlineRow,
  PaymentRow,
  QuizAttemptRow,
  StudentProgressRow,
  StudentRow,
  VideoProgressRow,
  WaiverRow,
} from '../../shared/contracts/rows.ts';
import type { AdminAnalytics, Totals as TotalsContract } from '../../shared/contracts/views.ts';
import type { AdminViewName, StudentViewName, VisibleRow } from '../../shared/domain/change.ts';
import { putCourse, setCourseStatus } from '../../shared/domain/course-change.ts';
import type { Outline } from '../../shared/domain/course.ts';
import type { EnrollmentDecision } from '../../shared/domain/enrollment.ts';
import { applyToLedger, type LedgerState } from '../../shared/domain/ledger.ts';
import type { JobState, SegmentState } from '../../shared/domain/job.ts';
import type { Projection } from '../../shared/domain/project.ts';
import { nextAttempt } from '../../shared/domain/quiz.ts';
import type {
  AccessRequestState,
  AttemptState,
  CertificateState,
  ChapterCompletionState,
  CourseState,
  EnrollmentState,
  NotificationState,
  OutlineState,
  PaymentState,
  ProgressState,
  StudentState,
  VideoProgressState,
  WaiverState,
} from '../../shared/domain/states.ts';
import type { AggregateState } from '../../shared/domain/shown.ts';
import type { QuizFigures, Totals } from '../../shared/domain/totals.ts';
import type { AcceptedBeat, Beat, VideoMemory } from '../../shared/domain/video.ts';

test('rows as the tables hold them can be decided on', () => {
  expectTypeOf<CourseRow>().toExtend<CourseState>();
  expectTypeOf<OutlineRow>().toExtend<OutlineState>();
  expectTypeOf<StudentRow>().toExtend<StudentState>();
  expectTypeOf<EnrollmentRow>().toExtend<EnrollmentState>();
  expectTypeOf<AccessRequestRow>().toExtend<AccessRequestState>();
  expectTypeOf<PaymentRow>().toExtend<PaymentState>();
  expectTypeOf<WaiverRow>().toExtend<WaiverState>();
  expectTypeOf<CertificateRow>().toExtend<CertificateState>();
  expectTypeOf<NotificationRow>().toExtend<NotificationState>();
  expectTypeOf<StudentProgressRow>().toExtend<ProgressState>();
  expectTypeOf<ChapterCompletionRow>().toExtend<ChapterCompletionState>();
  expectTypeOf<VideoProgressRow>().toExtend<VideoProgressState>();
  expectTypeOf<VideoProgressRow>().toExtend<VideoMemory>();
  expectTypeOf<QuizAttemptRow>().toExtend<AttemptState>();
  expectTypeOf<LedgerRow>().toExtend<LedgerState>();
  expectTypeOf<JobRow>().toExtend<JobState>();
  expectTypeOf<JobSegmentRow>().toExtend<SegmentState>();
  expectTypeOf<AnalyticsRow>().toExtend<AggregateState>();
  expectTypeOf<OutlineContract>().toExtend<Outline>();
  expectTypeOf<VideoBeat>().toExtend<Beat>();
  expectTypeOf<Mark>().toExtend<{ score: number; ifVersion?: number | undefined }>();
});

test('what is decided can be written as rows', () => {
  expectTypeOf<NonNullable<EnrollmentDecision['enrollment']>>().toExtend<EnrollmentRow>();
  expectTypeOf<NonNullable<EnrollmentDecision['progress']>>().toExtend<StudentProgressRow>();
  expectTypeOf<NonNullable<EnrollmentDecision['student']>>().toExtend<StudentRow>();
  expectTypeOf<NonNullable<EnrollmentDecision['notification']>>().toExtend<NotificationRow>();
  expectTypeOf<AccessRequestState>().toExtend<AccessRequestRow>();
  expectTypeOf<PaymentState>().toExtend<PaymentRow>();
  expectTypeOf<JobState>().toExtend<JobRow>();
  expectTypeOf<SegmentState>().toExtend<JobSegmentRow>();
  expectTypeOf<WaiverState & { waiver: string }>().toExtend<WaiverRow>();
  expectTypeOf<CertificateState & { certificate: string }>().toExtend<CertificateRow>();
  expectTypeOf<NonNullable<Projection['enrollment']>>().toExtend<EnrollmentRow>();
  expectTypeOf<NonNullable<Projection['progress']>>().toExtend<StudentProgressRow>();

  type Put = ReturnType<typeof putCourse<CourseDraft['outline']['chapters']>>;
  expectTypeOf<NonNullable<Put['course']>>().toExtend<CourseRow>();
  expectTypeOf<NonNullable<Put['draft']>>().toExtend<OutlineRow>();
  type Published = ReturnType<typeof setCourseStatus<OutlineRow['chapters']>>;
  expectTypeOf<NonNullable<Published['course']>>().toExtend<CourseRow>();
  expectTypeOf<NonNullable<Published['outline']>>().toExtend<OutlineRow>();

  type HandedIn = NonNullable<ReturnType<typeof nextAttempt>['attempt']>;
  expectTypeOf<HandedIn & { attempt: string }>().toExtend<QuizAttemptRow>();

  type Beaten = Pick<VideoProgressRow, 'intervals' | 'positionSeconds' | 'playheads' | 'lastBeatAt' | 'days'>;
  expectTypeOf<AcceptedBeat>().toExtend<Beaten>();

  type Changed = ReturnType<typeof applyToLedger<LedgerRow>>['ledgers'][number];
  expectTypeOf<Changed>().toExtend<Pick<LedgerRow, 'source' | 'sourceVersion' | 'contribution'>>();
});

test('what is shown fits the views and events', () => {
  expectTypeOf<Totals>().toExtend<TotalsContract>();
  expectTypeOf<QuizFigures & { quizId: string }>().toExtend<AdminAnalytics['quizzes'][number]>();
  expectTypeOf<VisibleRow>().toExtend<RowChange>();
  expectTypeOf<StudentViewName>().toEqualTypeOf<StudentView>();
  expectTypeOf<AdminViewName>().toEqualTypeOf<AdminView>();
});
