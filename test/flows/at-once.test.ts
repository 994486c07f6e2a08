import { isDeepStrictEqual } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { rowsOf } from '../../commands/matrix/student-rows.ts';
import { ApiError, type ApiClient } from '../../shared/client/api.ts';
import type { EnrollmentSource } from '../../shared/domain/status.ts';
import { conflictsAtGate } from '../support/conflicts.ts';
import { expectInStep } from '../support/consistency.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { describeSchool, type TestSchool } from '../support/school.ts';
import { checkoutIdIn } from '../support/stripe.ts';

/** Of each of the four ways into a course. */
const CALLERS = 50;

/** A caller that is told to come back comes back; nobody should have to so often. */
const MOST_TRIES = 10;

const SOURCES = ['request', 'direct', 'admin', 'payment'] as const;

/** What the student is told, by what let them in: of the payment always, and of getting in where somebody else did it. */
const TOLD: Readonly<Record<EnrollmentSource, readonly string[]>> = {
  request: ['payment_completed', 'request_approved'],
  admin: ['enrolled', 'payment_completed'],
  direct: ['payment_completed'],
  payment: ['payment_completed'],
};

const APPLIED = { received: true, applied: true };

/** What a caller is told in the end: of the enrollment, or the provider whether its event counted. */
interface Answer {
  readonly reply: unknown;
  readonly tries: number;
}

interface Way {
  readonly source: EnrollmentSource;
  readonly call: () => Promise<Answer>;
}

const FUNCTIONS: Readonly<Record<EnrollmentSource, string>> = {
  request: 'lockstep-approve-request',
  direct: 'lockstep-enroll-directly',
  admin: 'lockstep-enroll-student',
  payment: 'lockstep-receive-payment-event',
};

/** Of each function. */
const ENVIRONMENTS = 8;

describeSchool(
  'Two hundred who let one student into one course at once',
  (school) => {
    // Otherwise whoever comes first is done before the environments of the others have started.
    beforeAll(async () => {
      const params = { userId: 'rehearsing', courseId: 'rehearsal' };
      const ways = await allWaysInto(school(), await school().admin(), params);
      await Promise.all(ways.flatMap((way) => callAtOnce(way, ENVIRONMENTS)));
    });

    it.each(SOURCES)(
      'leave one enrollment, progress, payment and notification of it and no request, with "%s" ahead',
      async (ahead) => {
        const admin = await school().admin();
        const params = { userId: `wanted-${ahead}`, courseId: `crowded-${ahead}` };
        const ways = await allWaysInto(school(), admin, params);

        const crowd = startCrowd(school(), ahead);
        const answers = await Promise.all(ways.flatMap((way) => callAtOnce(way, CALLERS))).finally(
          crowd.stop,
        );
        expect(crowd.conflicts()).toBeGreaterThan(0);
        expect(answers.filter(({ tries }) => tries > 1).length).toBeLessThan(CALLERS);

        await expectInStep(school());
        const rows = await rowsOf({ school: school() }, params);
        expect(rows).toMatchObject({
          students: [{ version: 1 }],
          enrollments: [{ status: 'active', progress: 0, version: 1 }],
          studentProgress: [{ totalProgress: 0, version: 1 }],
          // Started, at the checkout, paid.
          payments: [{ status: 'completed', version: 3 }],
          accessRequests: [],
        });
        const [enrollment, ...others] = answers.filter(({ way }) => way.source !== 'payment');
        const { source } = z.object({ source: z.enum(SOURCES) }).parse(enrollment?.reply);
        expect(enrollment?.reply).toMatchObject({ status: 'active', progress: 0, version: 1 });
        for (const { reply } of others) expect(reply).toEqual(enrollment?.reply);
        expect(rows.enrollments).toMatchObject([{ source }]);
        expect(rows.notifications?.map(({ kind }) => kind).sort()).toEqual(TOLD[source]);
        expect(answers.filter(({ reply }) => isDeepStrictEqual(reply, APPLIED))).toHaveLength(1);

        const { body } = await admin.call('get-admin-analytics', { query: { courseId: params.courseId } });
        expect(body.totals).toMatchObject({
          enrollments: 1,
          learners: 1,
          bySource: { [source]: 1 },
          pendingRequests: 0,
          payments: { completed: 1, refunded: 0, revenue: { EUR: 4900 } },
        });
      },
    );
  },
  { maxConcurrency: ENVIRONMENTS },
);

/**
 * Makes it as crowded as on AWS: transactions meet, and those of all functions but one come so late that what they
 * were decided on is no longer there.
 */
function startCrowd({ stack }: TestSchool, ahead: EnrollmentSource) {
  const conflicts = conflictsAtGate(stack.gate);
  const late = SOURCES.filter((source) => source !== ahead).map((source) =>
    stack.gate.faults.inject({
      match: { function: FUNCTIONS[source], operation: 'TransactWriteItems' },
      fault: { kind: 'delay', milliseconds: 200 },
      times: ENVIRONMENTS,
    }),
  );
  return {
    conflicts: () => conflicts.count,
    stop: () => {
      conflicts.stop();
      for (const delay of late) delay.remove();
    },
  };
}

/** A student who waits to be let in and has a checkout open, of a course that everybody may enter meanwhile. */
async function allWaysInto(
  school: TestSchool,
  admin: ApiClient,
  params: { readonly userId: string; readonly courseId: string },
): Promise<readonly Way[]> {
  const { userId, courseId } = params;
  const student = await school.student(userId);
  const course = { params: { courseId } };
  await publish(admin, courseId, threeChapters({ access: 'request' }));
  await student.call('request-access', { ...course, body: {} });
  const sold = threeChapters({ access: 'paid', price: { amount: 4900, currency: 'EUR' } });
  await admin.call('put-course', { ...course, body: sold });
  const urls = { successUrl: 'https://school.test/thanks', cancelUrl: 'https://school.test/back' };
  const { body: payment } = await student.call('start-checkout', {
    params: { paymentId: 'p1' },
    body: { courseId, ...urls },
  });
  const checkoutId = checkoutIdIn(payment.checkoutUrl);
  await admin.call('put-course', { ...course, body: threeChapters() });
  await school.quiet();
  const asking = (call: () => Promise<{ readonly body: unknown }>) => () => untilNotBusy(call);
  return [
    { source: 'request', call: asking(() => admin.call('approve-request', { params })) },
    { source: 'direct', call: asking(() => student.call('enroll-directly', course)) },
    { source: 'admin', call: asking(() => admin.call('enroll-student', { params })) },
    { source: 'payment', call: () => tellOfPayment(school, checkoutId) },
  ];
}

function callAtOnce(way: Way, callers: number): Promise<Answer & { readonly way: Way }>[] {
  return Array.from({ length: callers }, async () => ({ way, ...(await way.call()) }));
}

async function untilNotBusy(call: () => Promise<{ readonly body: unknown }>): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return { reply: (await call()).body, tries };
    } catch (error) {
      const isBusy = error instanceof ApiError && error.problem.code === 'busy';
      if (!isBusy || tries === MOST_TRIES) throw error;
    }
  }
}

/** The provider comes back by itself where it is not heard. */
async function tellOfPayment({ payments }: TestSchool, checkoutId: string): Promise<Answer> {
  const { ok, reply, attempts } = await payments.complete(checkoutId);
  if (!ok) throw new Error(`The provider was never heard: ${reply}`);
  return { reply: JSON.parse(reply), tries: attempts };
}
