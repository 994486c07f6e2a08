import { paginateScan, PutCommand } from '@aws-sdk/lib-dynamodb';
import { STATUS_VALUES, type StatusTable } from '../../shared/domain/status.ts';
import * as act from './actions.ts';
import type { Lab, Learner } from './lab.ts';
import { findInList, findOnDashboard } from './pages.ts';
import { attempt, failed, proved, type Proof } from './proof.ts';

/** Section 8: what is stored is canonical, and every reader says the same of it. */

type Check = (lab: Lab) => Promise<Proof>;

interface StatusProof {
  readonly normalized: Check;
  readonly consistent: Check;
}

const LEGACY = ['published', 'Published', 'active', 'Active'];

/** Whether all that the school has stored is spelled as it should be, and more than one value was seen. */
async function storedIsCanonical(lab: Lab, table: StatusTable, atLeast: readonly string[]): Promise<Proof> {
  const seen = new Set<string>();
  for await (const page of paginateScan({ client: lab.school.documents }, { TableName: table })) {
    for (const row of page.Items ?? []) if (typeof row.status === 'string') seen.add(row.status);
  }
  const known: readonly string[] = STATUS_VALUES[table];
  const odd = [...seen].filter((status) => !known.includes(status));
  if (odd.length > 0) return failed(`stored as ${odd.join(', ')}`);
  const missing = atLeast.filter((status) => !seen.has(status));
  if (missing.length > 0) return failed(`never stored: ${missing.join(', ')}`);
  return proved(`stored: ${[...seen].sort().join(', ')}`);
}

/** All that was said of one status; they must agree with `expected`. */
function agreed(said: Readonly<Record<string, string | undefined>>, expected: string | undefined): Proof {
  const wrong = Object.entries(said).filter(([, status]) => status !== expected);
  const words = wrong.map(([reader, status]) => `${reader} says ${String(status)}`);
  return wrong.length === 0
    ? proved(`${Object.keys(said).length} readers agree`)
    : failed(`not ${String(expected)}: ${words.join(', ')}`);
}

async function all(proofs: readonly (() => Promise<Proof>)[]): Promise<Proof> {
  let last = failed('nothing was checked');
  for (const prove of proofs) {
    last = await prove();
    if (!last.ok) return last;
  }
  return last;
}

async function readCourse(lab: Lab, learner: Learner) {
  const { api, courseId } = learner;
  const params = { courseId };
  const { body: own } = await lab.admin.call('get-course', { params });
  const { body: detail } = await api.call('get-student-course-detail', { params });
  const listed = await findInList(learner);
  const onDashboard = await findOnDashboard(learner, lab);
  return {
    'the course': own.status,
    'the course detail': detail.status,
    // It lists what is published.
    'the list of courses': listed === undefined ? 'missing' : 'published',
    'the admin dashboard': onDashboard?.row.status,
  };
}

async function readEnrollment(lab: Lab, learner: Learner) {
  const { api, userId, courseId } = learner;
  const dashboard = await api.call('get-student-dashboard');
  const listed = await findInList(learner);
  const detail = await api.call('get-student-course-detail', { params: { courseId } });
  const students = await lab.admin.call('get-admin-students', { query: { courseId } });
  const student = await lab.admin.call('get-admin-student', { params: { userId } });
  const of = (rows: readonly { readonly courseId: string; readonly status: string }[] | undefined) =>
    rows?.find((each) => each.courseId === courseId)?.status;
  return {
    'the dashboard': of(dashboard.body.enrollments),
    'the list of courses': listed?.row.enrollment?.status,
    'the course detail': detail.body.enrollment?.status,
    'the admin list of students': of(students.body.students[0]?.enrollments),
    'the student whole': of(student.body.enrollments),
  };
}

async function readRequest(lab: Lab, { api, userId, courseId }: Learner, listed: string) {
  const dashboard = await api.call('get-student-dashboard');
  const detail = await api.call('get-student-course-detail', { params: { courseId } });
  const requests = await lab.admin.call('get-admin-requests', {
    query: { status: listed, limit: 100 },
  });
  const student = await lab.admin.call('get-admin-student', { params: { userId } });
  return {
    'the dashboard': dashboard.body.requests[0]?.status,
    'the course detail': detail.body.request?.status,
    'the admin requests': requests.body.requests.find((each) => each.userId === userId)?.status,
    'the student whole': student.body.requests[0]?.status,
  };
}

async function readPayment(lab: Lab, { api, userId }: Learner) {
  const own = await api.call('get-payments');
  const student = await lab.admin.call('get-admin-student', { params: { userId } });
  return {
    'my payments': own.body.payments[0]?.status,
    'the student whole': student.body.payments[0]?.status,
  };
}

const courses: StatusProof = {
  normalized: async (lab) => {
    for (const spelling of LEGACY) {
      const { courseId } = await lab.learner();
      await lab.admin.call('set-course-status', { params: { courseId }, body: { status: 'archived' } });
      await lab.admin.call('set-course-status', { params: { courseId }, body: { status: spelling } });
      const row = await lab.row('courses', { courseId, part: 'course' });
      if (row?.status !== 'published') return failed(`${spelling} is stored as ${String(row?.status)}`);
    }
    return proved('every spelling is stored as published');
  },
  consistent: (lab) =>
    all(
      LEGACY.map((spelling) => async () => {
        const learner = await act.studying(lab);
        const key = { courseId: learner.courseId, part: 'course' };
        const row = await lab.row('courses', key);
        // As an older program has left it.
        await lab.school.documents.send(
          new PutCommand({ TableName: 'courses', Item: { ...row, status: spelling } }),
        );
        const proof = agreed(await readCourse(lab, learner), 'published');
        await lab.school.documents.send(new PutCommand({ TableName: 'courses', Item: row ?? key }));
        return proof;
      }),
    ),
};

const enrollments: StatusProof = {
  normalized: (lab) => storedIsCanonical(lab, 'enrollments', ['active', 'completed', 'cancelled']),
  consistent: async (lab) => {
    const says = async (learner: Learner, status: string) => {
      await lab.quiet();
      return agreed(await readEnrollment(lab, learner), status);
    };
    const [stays, completes, leaves] = [
      await act.studying(lab),
      await act.studying(lab),
      await act.studying(lab),
    ];
    return all([
      () => says(stays, 'active'),
      async () => {
        for (const chapterId of ['read', 'watch']) await act.completeChapter(chapterId, completes);
        for (const quizId of ['easy', 'hard']) await act.handIn(quizId, 'right', completes);
        return says(completes, 'completed');
      },
      async () => {
        await act.unenrollByAdmin(leaves, lab);
        return says(leaves, 'cancelled');
      },
    ]);
  },
};

const accessRequests: StatusProof = {
  normalized: (lab) => storedIsCanonical(lab, 'accessRequests', ['pending', 'rejected']),
  consistent: async (lab) => {
    const learner = await act.asking(lab);
    return all([
      async () => agreed(await readRequest(lab, learner, 'pending'), 'pending'),
      async () => {
        await act.reject(learner, lab);
        return agreed(await readRequest(lab, learner, 'rejected'), 'rejected');
      },
      async () => {
        await act.askForAccess(learner);
        await act.approve(learner, lab);
        return agreed(await readRequest(lab, learner, 'approved'), undefined);
      },
    ]);
  },
};

const payments: StatusProof = {
  normalized: (lab) => storedIsCanonical(lab, 'payments', ['pending', 'completed', 'failed', 'refunded']),
  consistent: (lab) =>
    all([
      async () => {
        const learner = await lab.learner('paid');
        const checkout = await act.openCheckout(learner);
        const pending = agreed(await readPayment(lab, learner), 'pending');
        if (!pending.ok) return pending;
        await act.pay(checkout, lab);
        const completed = agreed(await readPayment(lab, learner), 'completed');
        if (!completed.ok) return completed;
        await act.refund(checkout, lab);
        return agreed(await readPayment(lab, learner), 'refunded');
      },
      async () => {
        const learner = await lab.learner('paid');
        await act.letFail(await act.openCheckout(learner), lab);
        return agreed(await readPayment(lab, learner), 'failed');
      },
      // Nothing more becomes of these two, so that a pending and a completed one are among what is stored.
      async () => {
        const learner = await lab.learner('paid');
        await act.openCheckout(learner);
        const buyer = await lab.learner('paid');
        await act.pay(await act.openCheckout(buyer), lab);
        return agreed(await readPayment(lab, buyer), 'completed');
      },
    ]),
};

async function readTest({ api, courseId }: Learner) {
  const params = { courseId };
  const whole = await api.call('get-test', { params: { ...params, testId: act.TEST_ID } });
  const page = await api.call('get-student-qbank', { params });
  return {
    'the test': whole.body.status,
    'the list of my tests': page.body.tests.find(({ testId }) => testId === act.TEST_ID)?.status,
  };
}

const qbankTests: StatusProof = {
  normalized: (lab) =>
    storedIsCanonical(lab, 'qbankTests', ['pending', 'in_progress', 'completed', 'abandoned']),
  consistent: (lab) => {
    const after =
      (status: string, ...steps: readonly ((learner: Learner) => Promise<void>)[]) =>
      async () => {
        const learner = await act.practising(lab);
        for (const step of [act.makeTest, ...steps]) await step(learner);
        return agreed(await readTest(learner), status);
      };
    const answer = (learner: Learner) => act.answerQuestion('q1', 'right', learner);
    return all([
      after('pending'),
      after('in_progress', act.openTest),
      after('abandoned', act.openTest, act.submitTest),
      after('completed', answer, act.submitTest),
    ]);
  },
};

const PROOFS: Readonly<Record<string, StatusProof>> = {
  courses,
  enrollments,
  accessRequests,
  payments,
  qbankTests,
};

/**
 * Proves a table of section 8: consistency first, which leaves rows of every status behind. A table that is not
 * there yet has no proof.
 */
export async function proveStatuses(lab: Lab, table: string): Promise<Readonly<Record<string, Proof>>> {
  const proof = PROOFS[table];
  if (proof === undefined) return {};
  const consistent = await attempt(() => proof.consistent(lab));
  return { Consistent: consistent, Normalized: await attempt(() => proof.normalized(lab)) };
}
