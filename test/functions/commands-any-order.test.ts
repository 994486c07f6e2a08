import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CourseAccess, CourseStatus } from '../../shared/domain/status.ts';
import { publish, type Draft } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import type { Fault } from '../support/faults.ts';
import { signed, startStripe, stripeEvent, type TestStripe } from '../support/stripe.ts';
import { type HttpSchool, httpSchool, refusal } from './http-school.ts';

let engine: Database;
let stripe: TestStripe;
beforeAll(async () => {
  [engine, stripe] = await Promise.all([startDatabase(), startStripe()]);
});
afterAll(() => Promise.all([engine.stop(), stripe.stop()]));

// Names that every object has by birth are ids like any other.
const courseId = 'toString';
const itemId = 'valueOf';
const PAYMENTS = ['constructor', 'isPrototypeOf'] as const;
type PaymentName = (typeof PAYMENTS)[number];

const draft = (access: CourseAccess): Draft => ({
  title: 'Anatomy',
  access,
  ...(access === 'paid' && { price: { amount: 4900, currency: 'EUR' } }),
  outline: {
    chapters: [
      { chapterId: 'hasOwnProperty', title: 'One', items: [{ kind: 'reading', itemId, title: 'Text' }] },
    ],
  },
});

const EVENTS = {
  completed: 'checkout.session.completed',
  failed: 'checkout.session.async_payment_failed',
  refunded: 'charge.refunded',
} as const;
type Outcome = keyof typeof EVENTS;

type Command =
  | { readonly do: 'access'; readonly access: CourseAccess }
  | { readonly do: 'status'; readonly status: Exclude<CourseStatus, 'draft'> }
  | {
      readonly do:
        | 'ask'
        | 'take back'
        | 'approve'
        | 'reject'
        | 'enter'
        | 'let in'
        | 'leave'
        | 'remove'
        | 'waive'
        | 'stop waiving';
    }
  | { readonly do: 'buy'; readonly payment: PaymentName }
  | { readonly do: 'tell'; readonly payment: PaymentName; readonly outcome: Outcome };

const payment = fc.constantFrom(...PAYMENTS);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('access' as const),
      access: fc.constantFrom<CourseAccess[]>('open', 'request', 'paid', 'admin'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('status' as const),
      status: fc.constantFrom('published' as const, 'archived' as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'ask' as const,
        'take back' as const,
        'approve' as const,
        'reject' as const,
        'enter' as const,
        'let in' as const,
        'leave' as const,
        'remove' as const,
        'waive' as const,
        'stop waiving' as const,
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('buy' as const), payment }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('tell' as const),
      payment,
      outcome: fc.constantFrom<Outcome[]>('completed', 'failed', 'refunded'),
    }),
  },
);

let students = 0;

/** A school with one course, and what one student and the admins do to each other in it. */
async function classroom(access: CourseAccess) {
  const school = httpSchool(await engine.fresh(), stripe.options);
  students += 1;
  // The provider of the tests outlives the school.
  const userId = `__proto__`.replaceAll('_', '') + students;
  await publish(school.admin, courseId, draft(access));
  const student = school.student(userId);
  const own = { params: { courseId } };
  const theirs = { params: { userId, courseId } };
  const waived = { params: { userId, courseId, itemId } };
  const urls = { successUrl: 'https://school.test/', cancelUrl: 'https://school.test/' };

  async function tell(paymentId: PaymentName, outcome: Outcome): Promise<string> {
    const body = stripeEvent({
      type: EVENTS[outcome],
      paymentId,
      at: school.now,
      object: { metadata: { userId, paymentId, courseId } },
    });
    const { headers } = signed(body, school.now);
    const { status, json } = await school.send({ method: 'POST', path: '/webhooks/payments', body, headers });
    return status === 200 ? 'done' : ((json as { code?: string }).code ?? String(status));
  }

  const call = (it: Command): Promise<unknown> => {
    switch (it.do) {
      case 'access':
        return school.admin.call('put-course', { ...own, body: draft(it.access) });
      case 'status':
        return school.admin.call('set-course-status', { ...own, body: { status: it.status } });
      case 'ask':
        return student.call('request-access', { ...own, body: {} });
      case 'take back':
        return student.call('withdraw-request', own);
      case 'approve':
        return school.admin.call('approve-request', theirs);
      case 'reject':
        return school.admin.call('reject-request', { ...theirs, body: { reason: 'full' } });
      case 'enter':
        return student.call('enroll-directly', own);
      case 'let in':
        return school.admin.call('enroll-student', theirs);
      case 'leave':
        return student.call('unenroll', own);
      case 'remove':
        return school.admin.call('unenroll-student', theirs);
      case 'waive':
        return school.admin.call('waive-item', { ...waived, body: { reason: 'was ill' } });
      case 'stop waiving':
        return school.admin.call('withdraw-waiver', waived);
      case 'buy':
        return student.call('start-checkout', {
          params: { paymentId: it.payment },
          body: { courseId, ...urls },
        });
      case 'tell':
        throw new Error('The provider tells by its own way');
    }
  };
  return {
    school,
    student,
    /** The code that the command is refused with, or `done`. */
    run: async (it: Command): Promise<string> =>
      it.do === 'tell' ? tell(it.payment, it.outcome) : ((await refusal(call(it))) ?? 'done'),
  };
}

/** The school as the rules have it, written a second time without rows, versions or transactions. */
function createModel(access: CourseAccess) {
  const it = {
    access,
    published: true,
    place: 'never in' as 'never in' | 'in' | 'out',
    /** The payments that the place stands by; none where it was given. */
    paidBy: new Set<PaymentName>(),
    request: 'none' as 'none' | 'pending' | 'rejected',
    waiver: 'never' as 'never' | 'on' | 'off',
    payments: new Map<PaymentName, 'pending' | Outcome>(),
    told: {} as Record<string, number>,
  };
  const tell = (kind: string) => {
    it.told[kind] = (it.told[kind] ?? 0) + 1;
  };
  const letIn = (paidBy: readonly PaymentName[] = []) => {
    it.place = 'in';
    it.paidBy = new Set(paidBy);
    it.request = 'none';
  };
  const isIn = () => it.place === 'in';

  function enroll(kind: string | undefined): string {
    if (isIn()) return 'done';
    if (!it.published) return 'course_not_published';
    letIn();
    if (kind !== undefined) tell(kind);
    return 'done';
  }

  function leave(kind: string | undefined): string {
    if (it.place === 'never in') return 'not_enrolled';
    if (isIn() && kind !== undefined) tell(kind);
    it.place = 'out';
    return 'done';
  }

  function hear(name: PaymentName, outcome: Outcome): string {
    const status = it.payments.get(name);
    if (status === undefined) return 'payment_unknown';
    const counts = {
      failed: ['pending'],
      completed: ['pending', 'failed'],
      refunded: ['pending', 'failed', 'completed'],
    };
    if (!counts[outcome].includes(status)) return 'done';
    it.payments.set(name, outcome);
    tell(`payment_${outcome}`);
    if (outcome === 'completed') {
      if (!isIn()) letIn([name]);
      else if (it.paidBy.size > 0) it.paidBy.add(name);
    }
    if (outcome === 'refunded' && isIn() && it.paidBy.delete(name) && it.paidBy.size === 0) it.place = 'out';
    return 'done';
  }

  function run(given: Command): string {
    switch (given.do) {
      case 'access':
        it.access = given.access;
        return 'done';
      case 'status':
        it.published = given.status === 'published';
        return 'done';
      case 'ask':
        if (isIn()) return 'already_enrolled';
        if (it.request === 'pending') return 'done';
        if (!it.published) return 'course_not_published';
        if (it.access !== 'request') return 'course_closed';
        it.request = 'pending';
        return 'done';
      case 'take back':
        it.request = 'none';
        return 'done';
      case 'approve':
        if (it.request === 'none') return isIn() ? 'done' : 'request_unknown';
        if (it.request === 'rejected') return 'request_status_refused';
        return enroll('request_approved');
      case 'reject':
        if (it.request === 'none') return 'request_unknown';
        if (it.request === 'pending') tell('request_rejected');
        it.request = 'rejected';
        return 'done';
      case 'enter':
        if (!isIn() && it.published && it.access !== 'open') return 'course_closed';
        return enroll(undefined);
      case 'let in':
        return enroll('enrolled');
      case 'leave':
        return leave(undefined);
      case 'remove':
        return leave('unenrolled');
      case 'waive':
        if (!isIn()) return 'not_enrolled';
        if (it.waiver !== 'on') tell('item_waived');
        it.waiver = 'on';
        return 'done';
      case 'stop waiving':
        if (it.waiver === 'never') return 'waiver_unknown';
        if (it.waiver === 'on') tell('waiver_withdrawn');
        it.waiver = 'off';
        return 'done';
      case 'buy':
        if (it.payments.has(given.payment)) return 'done';
        if (!it.published) return 'course_not_published';
        if (it.access !== 'paid') return 'course_not_paid';
        if (isIn()) return 'already_enrolled';
        it.payments.set(given.payment, 'pending');
        return 'done';
      case 'tell':
        return hear(given.payment, given.outcome);
    }
  }
  return { it, run };
}

const OWN = [
  'enrollments',
  'studentProgress',
  'accessRequests',
  'payments',
  'waivers',
  'notifications',
  'students',
] as const;

async function rowsOf(school: HttpSchool) {
  const [enrollments, progress, requests, payments, waivers, notifications, students] = await Promise.all(
    OWN.map((table) => school.db.rows(table)),
  );
  return { enrollments, progress, requests, payments, waivers, notifications, students };
}
type Rows = Awaited<ReturnType<typeof rowsOf>>;

/** What is true of the rows at every moment. */
function expectInOrder({ enrollments, progress, requests, notifications }: Rows): void {
  expect(enrollments?.length).toBeLessThanOrEqual(1);
  expect(progress).toHaveLength(enrollments?.length ?? -1);
  const [enrollment] = enrollments ?? [];
  if (enrollment !== undefined && enrollment.status !== 'cancelled') expect(requests).toEqual([]);
  expect(progress?.[0]?.totalProgress).toEqual(enrollment?.progress);
  const news = notifications?.map(({ kind, causedBy, courseId: about }) => `${kind} ${causedBy} ${about}`);
  expect(new Set(news).size).toBe(news?.length);
}

/** Checks that the version of each row only grows, also of one that was deleted and came back. */
function createVersionCheck() {
  const seen = new Map<string, { version: number; there: boolean }>();
  return (rows: Rows): void => {
    const there = new Set<string>();
    for (const [table, list = []] of Object.entries(rows)) {
      for (const row of list) {
        const key = [table, row.userId, row.courseId, row.paymentId, row.waiver, row.notificationId].join(
          '#',
        );
        const version = Number(row.version);
        const before = seen.get(key);
        // A row that came back is newer than the deletion, which is one beyond the last version.
        const least = before === undefined ? 1 : before.there ? before.version : before.version + 2;
        expect(version, key).toBeGreaterThanOrEqual(least);
        seen.set(key, { version, there: true });
        there.add(key);
      }
    }
    for (const [key, { version }] of seen) {
      if (!there.has(key)) seen.set(key, { version, there: false });
    }
  };
}

const fault = fc.constantFrom<(Fault['kind'] | undefined)[]>(
  undefined,
  undefined,
  undefined,
  'lost',
  '500 after',
  '500 before',
  'throttled',
);
const step = fc.record({ command, fault });

/** Lets the first write of what comes next go wrong. */
function spoil({ db }: HttpSchool, kind: Fault['kind'] | undefined): void {
  db.faults.clear();
  let spoilt = kind === undefined;
  db.faults.plan(({ name }) => {
    if (spoilt || !/^(Put|Delete|TransactWrite)/.test(name)) return undefined;
    spoilt = true;
    return { kind } as Fault;
  });
}

const anyAccess = fc.constantFrom<CourseAccess[]>('request', 'paid', 'paid', 'open');

/** Both checkouts are open from the start: that one is paid does not close the other. */
const buying: readonly Command[] = PAYMENTS.map((name) => ({ do: 'buy', payment: name }));

describe('the commands about a student in a course', () => {
  it('have the outcome of the rules in any order, whatever goes wrong on the way', async () => {
    await fc.assert(
      fc.asyncProperty(anyAccess, fc.array(step, { minLength: 5, maxLength: 25 }), async (access, steps) => {
        const { school, run } = await classroom(access);
        const model = createModel(access);
        const checkVersions = createVersionCheck();
        const first = buying.map((it) => ({ command: it, fault: undefined }));
        for (const given of [...first, ...steps]) {
          school.pass(0.05);
          spoil(school, given.fault);
          const outcome = await run(given.command);
          school.db.faults.clear();
          expect([given.command, outcome]).toEqual([given.command, model.run(given.command)]);
          const rows = await rowsOf(school);
          expectInOrder(rows);
          checkVersions(rows);
          expect(standingOf(rows)).toEqual(expectedOf(model.it));
        }
      }),
      { numRuns: 25 },
    );
  });

  it('keep the rows in order where several are given at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyAccess,
        fc.array(fc.array(command, { minLength: 2, maxLength: 4 }), { minLength: 3, maxLength: 10 }),
        async (access, groups) => {
          const { school, run } = await classroom(access);
          const checkVersions = createVersionCheck();
          for (const group of [buying, ...groups]) {
            school.pass(0.05);
            const outcomes = await Promise.all(group.map(run));
            expect(outcomes.filter((outcome) => /^\d+$|busy/.test(outcome))).toEqual([]);
            const rows = await rowsOf(school);
            expectInOrder(rows);
            checkVersions(rows);
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

function standingOf({ enrollments, requests, payments, waivers, notifications }: Rows) {
  const told: Record<string, number> = {};
  for (const { kind } of notifications ?? []) told[String(kind)] = (told[String(kind)] ?? 0) + 1;
  return {
    place: enrollments?.map(({ status }) => status),
    requests: requests?.map(({ status }) => status),
    payments: Object.fromEntries((payments ?? []).map((row) => [row.paymentId, row.status])),
    waived: waivers?.map(({ waived }) => waived),
    told,
  };
}

function expectedOf({ place, request, payments, waiver, told }: ReturnType<typeof createModel>['it']) {
  return {
    place: place === 'never in' ? [] : [place === 'in' ? 'active' : 'cancelled'],
    requests: request === 'none' ? [] : [request],
    payments: Object.fromEntries(payments),
    waived: waiver === 'never' ? [] : [waiver === 'on'],
    told,
  };
}
