import { expect, it } from 'vitest';
import { schoolAt } from '../../commands/school.ts';
import type { ApiClient } from '../../shared/client/api.ts';
import { expectInStep } from '../support/consistency.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { describeSchool, type TestSchool } from '../support/school.ts';
import { checkoutIdIn, stripeEvent, type StripeEventInput } from '../support/stripe.ts';

const sold = threeChapters({ access: 'paid', price: { amount: 4900, currency: 'EUR' } });
const urls = { successUrl: 'https://school.test/thanks', cancelUrl: 'https://school.test/back' };

describeSchool('Payments', (school) => {
  let buyers = 0;

  /** A student at the checkout of a course that is sold. */
  async function buyer() {
    buyers += 1;
    const [userId, courseId] = [`buyer-${buyers}`, `sold-${buyers}`];
    await publish(await school().admin(), courseId, sold);
    const student = await school().student(userId);
    const params = { paymentId: 'p1' };
    const { body } = await student.call('start-checkout', { params, body: { courseId, ...urls } });
    return { userId, courseId, student, checkoutId: checkoutIdIn(body.checkoutUrl) };
  }

  it('let in who has paid: every view shows it', async () => {
    const { courseId, student, checkoutId } = await buyer();
    expect((await standingOf(student)).enrollments).toEqual([]);

    expect(await school().payments.complete(checkoutId)).toMatchObject({ ok: true, attempts: 1 });

    await expectInStep(school());
    const { enrollments, payments, told } = await standingOf(student);
    expect(enrollments).toMatchObject([{ courseId, status: 'active', source: 'payment', progress: 0 }]);
    expect(payments).toMatchObject([{ status: 'completed', amount: 4900, currency: 'EUR' }]);
    expect(payments[0]).not.toHaveProperty('checkoutUrl');
    expect(told).toEqual(['payment_completed']);
    const admin = await school().admin();
    const { body } = await admin.call('get-admin-analytics', { query: { courseId } });
    expect(body.totals).toMatchObject({ enrollments: 1, bySource: { payment: 1 } });
  });

  it('are told of twice, late and in any order, and count once', async () => {
    const { userId, courseId, student, checkoutId } = await buyer();
    const late = new Date(Date.now() - 240_000);
    const metadata = { userId, paymentId: 'p1', courseId };
    const failed = { type: 'checkout.session.async_payment_failed', at: late, object: { metadata } };
    expect(await deliver(school(), failed)).toEqual([200, true]);
    await school().payments.complete(checkoutId);
    expect(JSON.parse((await school().payments.complete(checkoutId)).reply)).toEqual({
      received: true,
      applied: false,
    });
    expect(await deliver(school(), { ...failed, id: 'evt_again' })).toEqual([200, false]);

    await expectInStep(school());
    const { enrollments, payments, told } = await standingOf(student);
    expect(enrollments).toMatchObject([{ status: 'active', version: 1 }]);
    expect(payments).toMatchObject([{ status: 'completed' }]);
    expect(told).toEqual(['payment_completed', 'payment_failed']);
  });

  it('that are told of fifty times at once enroll once and tell once', async () => {
    const { student, checkoutId } = await buyer();
    const results = await Promise.all(
      Array.from({ length: 50 }, () => school().payments.complete(checkoutId)),
    );
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results.filter(({ reply }) => JSON.parse(reply).applied === true)).toHaveLength(1);
    await expectInStep(school());
    const { enrollments, payments, told } = await standingOf(student);
    expect(enrollments).toMatchObject([{ status: 'active', version: 1 }]);
    expect(payments).toMatchObject([{ status: 'completed', version: 3 }]);
    expect(told).toEqual(['payment_completed']);
  });

  it('given back end the enrollment that they bought, and no other', async () => {
    const bought = await buyer();
    const given = await buyer();
    const admin = await school().admin();
    await admin.call('enroll-student', { params: { userId: given.userId, courseId: given.courseId } });
    for (const { checkoutId } of [bought, given]) {
      await school().payments.complete(checkoutId);
      expect(await school().payments.refund(checkoutId)).toMatchObject({ ok: true });
    }
    await expectInStep(school());
    expect(await standingOf(bought.student)).toMatchObject({
      enrollments: [{ status: 'cancelled' }],
      payments: [{ status: 'refunded' }],
      told: ['payment_refunded', 'payment_completed'],
    });
    expect(await standingOf(given.student)).toMatchObject({
      enrollments: [{ status: 'active', source: 'admin' }],
      payments: [{ status: 'refunded' }],
    });
  });

  it('that somebody forges, sends late or changes are refused, and change nothing', async () => {
    const { userId, courseId, student } = await buyer();
    const object = { metadata: { userId, paymentId: 'p1', courseId } };
    const event = { type: 'checkout.session.completed', at: new Date(), object };
    const forged = { 'stripe-signature': `t=${Math.floor(Date.now() / 1000)},v1=${'0'.repeat(64)}` };
    expect(await deliver(school(), event, { headers: forged })).toEqual([400, 'signature_invalid']);
    expect(await deliver(school(), event, { headers: {} })).toEqual([400, 'signature_invalid']);
    const stale = new Date(Date.now() - 360_000);
    expect(await deliver(school(), event, { signedAt: stale })).toEqual([400, 'signature_invalid']);
    const cheaper = { ...event, object: { ...object, amount_total: 1 } };
    expect(await deliver(school(), cheaper)).toEqual([409, 'payment_mismatch']);
    expect(await standingOf(student)).toMatchObject({ enrollments: [], payments: [{ status: 'pending' }] });
  });

  it('are made at the address of a running school too', async () => {
    const { student, checkoutId } = await buyer();
    const { payments } = await schoolAt(school().url);
    expect(await payments.fail(checkoutId)).toMatchObject({ ok: true, status: 200 });
    await expect(payments.complete(checkoutId)).rejects.toThrow('409');
    expect(await payments.sign('x', new Date(0))).toBe(await school().payments.sign('x', new Date(0)));
    expect(await standingOf(student)).toMatchObject({ enrollments: [], payments: [{ status: 'failed' }] });
  });
});

/** What a student sees of all that payments change; the newest notification first. */
async function standingOf(student: ApiClient) {
  const [dashboard, payments, notifications] = await Promise.all([
    student.call('get-student-dashboard'),
    student.call('get-payments'),
    student.call('get-notifications'),
  ]);
  return {
    enrollments: dashboard.body.enrollments,
    payments: payments.body.payments,
    told: notifications.body.notifications.map(({ kind }) => kind),
  };
}

async function deliver(
  { url, payments }: TestSchool,
  event: StripeEventInput,
  how: { readonly headers?: Record<string, string>; readonly signedAt?: Date } = {},
) {
  const body = stripeEvent(event);
  const headers = how.headers ?? { 'stripe-signature': await payments.sign(body, how.signedAt) };
  const response = await fetch(`${url}/webhooks/payments`, { method: 'POST', headers, body });
  const { applied, code } = (await response.json()) as { applied?: boolean; code?: string };
  return [response.status, applied ?? code];
}
