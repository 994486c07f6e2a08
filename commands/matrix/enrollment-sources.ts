import type { EnrollmentView, Totals } from '../../shared/contracts/views.ts';
import type { EnrollmentSource } from '../../shared/domain/status.ts';
import * as act from './actions.ts';
import type { Lab, Learner } from './lab.ts';
import type { Source, Target } from './prove-row.ts';
import * as at from './targets.ts';

/** Sections 1 and 3, and the parts of section 7 that let people in and out. */

const isIn = (enrollment: EnrollmentView | undefined) => enrollment?.status === 'active';
const counts = (by: EnrollmentSource) => (totals: Totals) =>
  totals.enrollments === 1 && totals.byStatus.active === 1 && totals.bySource[by] === 1;

/** What a student is told of who is let in, by whether that ends a request. */
const ENROLLED: at.StudentTables = ['enrollments'];
const ADMITTED: at.StudentTables = ['enrollments', 'accessRequests'];
const REQUESTED: at.StudentTables = ['accessRequests'];

/** The student's pages once the student is in. */
function inCourse(by: at.StudentTables) {
  return {
    'Student Dashboard': at.studentDashboard(by, ({ enrollment, request }) => isIn(enrollment) && !request),
    'Student Courses': at.studentCourses(by, ({ enrollment, request }) => isIn(enrollment) && !request),
  };
}

const enrolledInProgress = at.studentProgress(ENROLLED, (course) => course?.totalProgress === 0);
const learnerOnDashboard = at.adminDashboard(({ learners }) => learners === 1);
const requestGone = at.adminRequests((waits) => !waits);

/** Everything that section 1 asks of an enrollment, but for the requests. */
function enrolled(by: EnrollmentSource, told: at.StudentTables): Record<string, Target> {
  return {
    studentProgress: at.progressRow((row) => row?.totalProgress === 0),
    enrollments: at.enrollmentRow((row) => row?.status === 'active' && row.source === by),
    ...inCourse(told),
    'Student Progress': enrolledInProgress,
    'Admin Dashboard': learnerOnDashboard,
    'Admin Analytics': at.adminAnalytics(counts(by)),
  };
}

/** A checkout is opened before the source: what counts is the payment. */
function paying(): Pick<Source, 'given' | 'does'> {
  const checkouts = new Map<string, string>();
  return {
    given: async (lab) => {
      const learner = await lab.learner('paid');
      checkouts.set(learner.userId, await act.openCheckout(learner));
      return learner;
    },
    does: (learner, lab) => act.pay(checkouts.get(learner.userId) ?? '', lab),
  };
}

export const enrollmentSources: Record<string, Source> = {
  'Request Approval': {
    given: act.asking,
    does: act.approve,
    targets: { ...enrolled('request', ADMITTED), 'Admin Requests': requestGone },
  },
  'Direct Enrollment': {
    given: act.askingForOpened,
    does: act.enrollDirectly,
    targets: { ...enrolled('direct', ADMITTED), 'Admin Requests': requestGone },
  },
  'Payment Enrollment': { ...paying(), targets: enrolled('payment', ENROLLED) },
  'Admin Enrollment': {
    given: act.asking,
    does: act.enrollByAdmin,
    targets: { ...enrolled('admin', ADMITTED), 'Admin Requests': requestGone },
  },
};

const requestDeleted = at.requestRow((row) => row === undefined);
const endedBy = (by: EnrollmentSource): Record<string, Target> => ({
  'accessRequests.status': requestDeleted,
  ...inCourse(ADMITTED),
  'Admin Requests': requestGone,
  'Admin Analytics': at.adminAnalytics(
    (totals) => counts(by)(totals) && totals.pendingRequests === 0,
    ({ pendingRequests }) => pendingRequests === 1,
  ),
});

export const requestSources: Record<string, Source> = {
  'Create Request': {
    given: (lab: Lab): Promise<Learner> => lab.learner('request'),
    does: act.askForAccess,
    targets: {
      'accessRequests.status': at.requestRow((row) => row?.status === 'pending'),
      'Student Courses': at.studentCourses(REQUESTED, ({ request }) => request === 'pending'),
      'Student Dashboard': at.studentDashboard(REQUESTED, ({ request }) => request === 'pending'),
      'Admin Requests': at.adminRequests((waits) => waits),
    },
  },
  'Approve Request': { given: act.asking, does: act.approve, targets: endedBy('request') },
  'Reject Request': {
    given: act.asking,
    does: act.reject,
    targets: {
      'accessRequests.status': at.requestRow((row) => row?.status === 'rejected'),
      'Student Courses': at.studentCourses(REQUESTED, ({ request }) => request === 'rejected'),
      'Student Dashboard': at.studentDashboard(REQUESTED, ({ request }) => request === 'rejected'),
      'Admin Requests': requestGone,
    },
  },
  'Direct Enroll': { given: act.askingForOpened, does: act.enrollDirectly, targets: endedBy('direct') },
};

/** What admins do, seen by the student. */
export const adminActions: Record<string, Source> = {
  'Approve Request': {
    given: act.asking,
    does: act.approve,
    targets: { ...inCourse(ADMITTED), 'Student Progress': enrolledInProgress },
  },
  'Reject Request': {
    given: act.asking,
    does: act.reject,
    targets: {
      'Student Dashboard': at.studentDashboard(REQUESTED, ({ request }) => request === 'rejected'),
      'Student Courses': at.studentCourses(REQUESTED, ({ request }) => request === 'rejected'),
    },
  },
  'Direct Enroll': {
    given: (lab) => lab.learner('admin'),
    does: act.enrollByAdmin,
    targets: { ...inCourse(ENROLLED), 'Student Progress': enrolledInProgress },
  },
  Unenroll: {
    given: act.studying,
    does: act.unenrollByAdmin,
    targets: {
      'Student Dashboard': at.studentDashboard(
        ENROLLED,
        ({ enrollment }) => enrollment?.status === 'cancelled',
      ),
      'Student Courses': at.studentCourses(ENROLLED, ({ enrollment }) => enrollment?.status === 'cancelled'),
      'Student Progress': at.studentProgress(ENROLLED, (course) => course === undefined),
    },
  },
};

/** What students do to get in, seen by the admins. */
export const studentActions: Record<string, Source> = {
  'Request Course': {
    given: (lab) => lab.learner('request'),
    does: act.askForAccess,
    targets: {
      'Admin Dashboard': at.adminDashboard(({ pendingRequests }) => pendingRequests === 1),
      'Admin Requests': at.adminRequests((waits) => waits),
    },
  },
  'Enroll Directly': {
    given: act.askingForOpened,
    does: act.enrollDirectly,
    targets: {
      'Admin Dashboard': learnerOnDashboard,
      'Admin Analytics': at.adminAnalytics(counts('direct')),
      'Admin Requests': requestGone,
      'Admin Students': at.adminStudents(isIn),
    },
  },
};
