import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import {
  checkoutIdIn,
  signed,
  startStripe,
  stripeEvent,
  type StripeDelivery,
  type StripeEventInput,
  type TestStripe,
} from '../support/stripe.ts';
import { putRows, walk } from './http-rows.ts';
import { failFirst, type HttpSchool, httpSchool, refusal, sent } from './http-school.ts';

let engine: Database;
let stripe: TestStripe;
let school: HttpSchool;
beforeAll(async () => {
  [engine, stripe] = await Promise.all([startDatabase(), startStripe()]);
});
afterAll(() => Promise.all([engine.stop(), stripe.stop()]));
beforeEach(async () => {
  school = httpSchool(await engine.fresh(), stripe.options);
  stripe.clear();
  await publish(school.admin, 'paid', sold());
  school.db.faults.clear();
});

const sold = (title = 'Anatomy', price = { amount: 4900, currency: 'EUR' }) =>
  threeChapters({ title, access: 'paid', price });
const urls = { successUrl: 'https://school.test/thanks', cancelUrl: 'https://school.test/back' };

/** Each test its own student: the provider of the tests outlives them. */
let students = 0;
let ann = '';
beforeEach(() => {
  students += 1;
  ann = `ann-${students}`;
});

const pay = (paymentId = 'p1', courseId = 'paid') =>
  school.student(ann).call('start-checkout', { params: { paymentId }, body: { courseId, ...urls } });

describe('starting a checkout', () => {
  it('keeps the payment before the provider hears of it, then says where to pay', async () => {
    const { body } = await pay();

    expect(body).toEqual({
      paymentId: 'p1',
      courseId: 'paid',
      amount: 4900,
      currency: 'EUR',
      status: 'pending',
      checkoutUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/cs_local_[0-9a-f]{32}$/),
      createdAt: '2026-11-22T10:00:00.000Z',
      version: 2,
    });
    expect(sent(school.db)).toEqual(['TransactGetItems', 'PutItem', 'GetItem', 'PutItem']);
    expect(stripe.idempotencyKeys).toEqual([`${ann}#p1`]);
    const metadata = { userId: ann, paymentId: 'p1', courseId: 'paid' };
    expect(stripe.checkout(checkoutIdIn(body.checkoutUrl))).toMatchObject({
      title: 'Anatomy',
      amount: 4900,
      currency: 'eur',
      metadata,
      chargeMetadata: metadata,
      ...urls,
    });
  });

  it('asks for the same again with one request, and not the provider', async () => {
    const first = await pay();
    school.db.faults.clear();
    stripe.clear();
    expect((await pay()).body).toEqual(first.body);
    expect(sent(school.db)).toEqual(['TransactGetItems']);
    expect(stripe.idempotencyKeys).toEqual([]);
  });

  it('opens one checkout where the same is asked twice at once', async () => {
    const [one, other] = await Promise.all([pay(), pay()]);
    expect(one.body.checkoutUrl).toBe(other.body.checkoutUrl);
    expect(await school.db.rows('payments')).toMatchObject([{ version: 2 }]);
  });

  it.each([1, 2])('goes on after a cut at its write %i, before or after it was done', async (nth) => {
    for (const kind of ['500 before', '500 after', 'lost', 'throttled'] as const) {
      const paymentId = `${kind.replace(' ', '-')}-${nth}`;
      school.db.faults.clear();
      school.db.faults.plan(({ name, count }) =>
        name === 'PutItem' && count === nth ? { kind } : undefined,
      );
      const { body } = await pay(paymentId);
      expect(body).toMatchObject({ status: 'pending', version: 2 });
      school.db.faults.clear();
      expect((await pay(paymentId)).body).toEqual(body);
    }
  });

  it('hears of a provider that does not answer, and goes on later with the same checkout', async () => {
    stripe.failNext('lost', 'lost', 'lost');
    expect(await refusal(pay())).toBe('provider_unavailable');
    expect(await school.db.rows('payments')).toMatchObject([{ status: 'pending', version: 1 }]);
    stripe.clear();
    // What the provider is asked is what it was asked: the course's change is of the next payment.
    await school.admin.call('put-course', {
      params: { courseId: 'paid' },
      body: sold('Anatomy II', { amount: 9900, currency: 'EUR' }),
    });

    const { body } = await pay();

    expect(body.amount).toBe(4900);
    expect(stripe.checkout(checkoutIdIn(body.checkoutUrl))).toMatchObject({ title: 'Anatomy', amount: 4900 });
  });

  it('tries once more by itself where the provider is briefly unavailable', async () => {
    stripe.failNext('unavailable');
    expect((await pay()).body.status).toBe('pending');
    expect(stripe.idempotencyKeys).toEqual([`${ann}#p1`, `${ann}#p1`]);
  });

  it('does not tell a student to try again what the provider refuses for good', async () => {
    stripe.failNext('refused');
    expect(await refusal(pay())).toBe('500');
  });

  it('counts krónur as the provider does, and as the law does in the payment', async () => {
    await publish(school.admin, 'island', sold('Saga', { amount: 5000, currency: 'ISK' }));
    const { body } = await pay('p1', 'island');
    expect(body).toMatchObject({ amount: 5000, currency: 'ISK' });
    expect(stripe.checkout(checkoutIdIn(body.checkoutUrl))).toMatchObject({
      amount: 500_000,
      currency: 'isk',
    });
    const object = {
      amount_total: 500_000,
      currency: 'isk',
      metadata: { userId: ann, paymentId: 'p1', courseId: 'island' },
    };
    expect(await told('checkout.session.completed', { object })).toEqual([200, 'applied']);
  });

  it('is refused, with nothing written or asked, where there is nothing to buy', async () => {
    await school.admin.call('put-course', { params: { courseId: 'draft' }, body: sold() });
    await publish(school.admin, 'open', threeChapters());
    await school.admin.call('enroll-student', { params: { userId: ann, courseId: 'paid' } });
    expect(await refusal(pay('p1', 'nowhere'))).toBe('course_unknown');
    expect(await refusal(pay('p1', 'draft'))).toBe('course_not_published');
    expect(await refusal(pay('p1', 'open'))).toBe('course_not_paid');
    expect(await refusal(pay('p1', 'paid'))).toBe('already_enrolled');
    expect(await school.db.rows('payments')).toEqual([]);
    expect(stripe.idempotencyKeys).toEqual([]);
  });

  it('is refused under the id of a payment for another course', async () => {
    await publish(school.admin, 'other', sold());
    await pay();
    expect(await refusal(pay('p1', 'other'))).toBe('payment_conflict');
    expect((await pay('p2', 'other')).body.courseId).toBe('other');
  });

  it.each(['javascript:alert(1)', 'school.test', ''])(
    'takes no address such as %j to lead back to',
    async (url) => {
      const body = { courseId: 'paid', ...urls, successUrl: url };
      const call = school.student(ann).call('start-checkout', { params: { paymentId: 'p1' }, body });
      expect(await refusal(call)).toBe('invalid_request');
    },
  );

  it('replies with what became of the payment once it is no longer pending', async () => {
    await pay();
    await told('checkout.session.completed');
    const { body } = await pay();
    expect(body).toMatchObject({ status: 'completed', completedAt: '2026-11-22T10:00:00.000Z', version: 3 });
    expect(body).not.toHaveProperty('checkoutUrl');
  });
});

async function deliver({ body, headers }: StripeDelivery, isBase64Encoded = false) {
  const { status, json } = await school.send({
    method: 'POST',
    path: '/webhooks/payments',
    body: isBase64Encoded ? Buffer.from(body).toString('base64') : body,
    isBase64Encoded,
    headers,
  });
  const { applied, code } = json as { applied?: boolean; code?: string };
  return [status, applied === undefined ? code : applied ? 'applied' : 'nothing'];
}

function event(type: string, over: Partial<StripeEventInput> = {}): string {
  const { paymentId = 'p1', object } = over;
  const metadata = { userId: ann, paymentId, courseId: 'paid' };
  return stripeEvent({ type, at: school.now, ...over, object: { metadata, ...object } });
}

/** Delivers an event, signed at its time, and gives the status and what came of it. */
const told = (type: string, over: Partial<StripeEventInput> = {}) =>
  deliver(signed(event(type, over), school.now));

const completed = 'checkout.session.completed';
const failed = 'checkout.session.async_payment_failed';
const refunded = 'charge.refunded';

/** Everything that payments write, by table. */
async function standing() {
  const [payments, enrollments, notifications, progress, requests] = await Promise.all([
    school.db.rows('payments'),
    school.db.rows('enrollments'),
    school.db.rows('notifications'),
    school.db.rows('studentProgress'),
    school.db.rows('accessRequests'),
  ]);
  return {
    payments: payments.map((row) => row.status),
    enrollments: enrollments.map((row) => row.status),
    told: notifications.map((row) => row.kind).sort(),
    progress: progress.length,
    requests: requests.length,
  };
}

describe("a provider's event", () => {
  beforeEach(async () => {
    await pay();
    school.db.faults.clear();
  });

  it('completed enrolls in the transaction that completes the payment, all by its id', async () => {
    const at = new Date(school.now);
    school.pass(90);
    expect(
      await deliver(
        signed(
          stripeEvent({
            type: completed,
            at,
            object: { metadata: { userId: ann, paymentId: 'p1', courseId: 'paid' } },
          }),
          school.now,
        ),
      ),
    ).toEqual([200, 'applied']);

    expect(sent(school.db)).toEqual(['TransactGetItems', 'BatchGetItem', 'TransactWriteItems']);
    const rows = await Promise.all(
      (['payments', 'enrollments', 'studentProgress', 'students', 'notifications'] as const).map(
        async (table) => (await school.db.rows(table))[0],
      ),
    );
    expect(new Set(rows.map((row) => row?.causedBy))).toEqual(new Set([`evt_${completed}_p1`]));
    const [payment, enrollment, , , notification] = rows;
    expect(payment).toMatchObject({
      status: 'completed',
      completedAt: at.toISOString(),
      completedBy: `evt_${completed}_p1`,
    });
    expect(enrollment).toMatchObject({ status: 'active', source: 'payment', paymentId: 'p1' });
    expect(notification).toMatchObject({
      notificationId: `${school.now.toISOString()}.payment_completed.paid.p1.3`,
      details: { title: 'Anatomy', amount: 4900, currency: 'EUR' },
    });
  });

  it('is read to the byte from a body in base64 too', async () => {
    const title = event(completed, { object: { note: 'Anatomía, 解剖学 ❤' } });
    expect(await deliver(signed(title, school.now), true)).toEqual([200, 'applied']);
  });

  it('that comes again changes nothing, and says so', async () => {
    await told(completed);
    const before = await standing();
    school.db.faults.clear();
    expect(await told(completed)).toEqual([200, 'nothing']);
    expect(sent(school.db)).toEqual(['TransactGetItems']);
    expect(await standing()).toEqual(before);
  });

  it('that comes fifty times at once enrolls once and tells once', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => told(completed)));
    expect(results.filter(([status]) => status === 503)).toEqual([]);
    expect(results.filter(([, outcome]) => outcome === 'applied')).toHaveLength(1);
    expect(await standing()).toEqual({
      payments: ['completed'],
      enrollments: ['active'],
      told: ['payment_completed'],
      progress: 1,
      requests: 0,
    });
  });

  it.each<[string[], string, string[], string[]]>([
    [[failed, completed], 'completed', ['active'], ['payment_completed', 'payment_failed']],
    [
      ['checkout.session.expired', 'checkout.session.async_payment_succeeded'],
      'completed',
      ['active'],
      ['payment_completed', 'payment_failed'],
    ],
    [[completed, failed], 'completed', ['active'], ['payment_completed']],
    [[refunded, completed], 'refunded', [], ['payment_refunded']],
    [
      [completed, refunded, completed, refunded],
      'refunded',
      ['cancelled'],
      ['payment_completed', 'payment_refunded'],
    ],
  ])('may come in any order: %j', async (types, payment, enrollments, kinds) => {
    for (const type of types) {
      school.pass(1);
      expect((await told(type))[0]).toBe(200);
    }
    expect(await standing()).toMatchObject({ payments: [payment], enrollments, told: kinds });
  });

  it('refunded leaves the enrollment of who was let in by an admin', async () => {
    await school.admin.call('enroll-student', { params: { userId: ann, courseId: 'paid' } });
    await told(completed);
    await told(refunded);
    expect(await standing()).toMatchObject({ payments: ['refunded'], enrollments: ['active'] });
  });

  it('refunded leaves in who has paid for the course twice, until both payments are given back', async () => {
    await pay('p2');
    for (const paymentId of ['p1', 'p2']) await told(completed, { paymentId });
    await told(refunded, { paymentId: 'p1' });
    expect(await standing()).toMatchObject({ enrollments: ['active'] });
    await told(refunded, { paymentId: 'p2' });
    expect(await standing()).toMatchObject({ enrollments: ['cancelled'] });
  });

  it('refunded ends nothing of what was bought again after it was given back', async () => {
    await told(completed);
    await told(refunded);
    await pay('p2');
    await told(completed, { paymentId: 'p2' });
    expect(await told(refunded)).toEqual([200, 'nothing']);
    expect(await standing()).toMatchObject({ enrollments: ['active'] });
  });

  it('that comes late is unread, also to who has read everything since it happened', async () => {
    const late = event(completed);
    school.pass(60);
    await school.admin.call('enroll-student', { params: { userId: ann, courseId: 'paid' } });
    const student = school.student(ann);
    const [newest] = (await student.call('get-notifications')).body.notifications;
    await student.call('read-notifications', { body: { upTo: newest?.notificationId ?? '' } });
    school.pass(60);
    await deliver(signed(late, school.now));
    const { body } = await student.call('get-notifications');
    expect(body.unread).toBe(1);
    expect(body.notifications[0]).toMatchObject({ kind: 'payment_completed', read: false });
  });

  it('completed ends the request for access that still waits', async () => {
    const request = { status: 'pending', requestedAt: '2026-11-22T09:00:00.000Z', version: 7 };
    const stamp = { updatedAt: request.requestedAt, causedBy: 'test', causedAt: request.requestedAt };
    await putRows(school.db, 'accessRequests', [{ userId: ann, courseId: 'paid', ...request, ...stamp }]);
    await told(completed);
    expect(await standing()).toMatchObject({ enrollments: ['active'], requests: 0 });
  });

  it.each(['lost', '500 after', '500 before', 'throttled'] as const)(
    'settles once when its transaction meets: %s',
    async (kind) => {
      failFirst(school.db, 'TransactWriteItems', { kind });
      expect((await told(completed))[0]).toBe(200);
      expect(await standing()).toMatchObject({
        payments: ['completed'],
        enrollments: ['active'],
        told: ['payment_completed'],
      });
    },
  );

  it('writes nothing at all while its transaction fails, and all of it later', async () => {
    school.db.faults.plan(({ name }) =>
      name === 'TransactWriteItems' ? { kind: 'conflict', write: 3 } : undefined,
    );
    expect(await told(completed)).toEqual([503, 'busy']);
    school.db.faults.clear();
    expect(await standing()).toEqual({
      payments: ['pending'],
      enrollments: [],
      told: [],
      progress: 0,
      requests: 0,
    });
    expect(await told(completed)).toEqual([200, 'applied']);
  });

  it.each<[string, () => StripeDelivery]>([
    ['without a signature', () => ({ body: event(completed), headers: {} })],
    ['with an empty one', () => ({ body: event(completed), headers: { 'stripe-signature': '' } })],
    [
      'with one that is none',
      () => ({ body: event(completed), headers: { 'stripe-signature': 't=1,v1=00' } }),
    ],
    ['signed by somebody else', () => signed(event(completed), school.now, 'whsec_other')],
    [
      'signed over five minutes ago',
      () => signed(event(completed), new Date(school.now.getTime() - 301_000)),
    ],
    [
      'changed after it was signed',
      () => ({
        ...signed(event(completed), school.now),
        body: event(completed, { object: { amount_total: 1 } }),
      }),
    ],
    [
      'with a space more than was signed',
      () => {
        const it = signed(event(completed), school.now);
        return { ...it, body: `${it.body} ` };
      },
    ],
    ['that is not even JSON, and not signed', () => ({ body: '{"id":', headers: {} })],
    ['without a body', () => ({ body: '', headers: signed('x', school.now).headers })],
  ])('%s is refused before anything of it is read', async (_rule, delivery) => {
    expect(await deliver(delivery())).toEqual([400, 'signature_invalid']);
    expect(sent(school.db)).toEqual([]);
    expect(await standing()).toMatchObject({ payments: ['pending'], enrollments: [] });
  });

  it('signed up to five minutes ago is taken', async () => {
    expect(await deliver(signed(event(completed), new Date(school.now.getTime() - 299_000)))).toEqual([
      200,
      'applied',
    ]);
  });

  it('says nothing in a refusal of what was sent', async () => {
    const { json } = await school.send({
      method: 'POST',
      path: '/webhooks/payments',
      body: event(completed),
      headers: { 'stripe-signature': 't=12345,v1=abcdef' },
    });
    expect(JSON.stringify(json)).not.toMatch(/abcdef|12345|whsec|evt_/);
  });

  it('that is too large, or signed but no JSON, is refused as such', async () => {
    expect(await deliver(signed('x'.repeat(300_000), school.now))).toEqual([413, 'body_too_large']);
    expect(await deliver(signed('{"id":', school.now))).toEqual([400, 'invalid_request']);
  });

  it.each<[string, string, Partial<StripeEventInput>]>([
    ['of a kind that does not matter here', 'customer.created', { object: { amount_total: 'none' } }],
    ['of what somebody else sells on the account', completed, { object: { metadata: {} } }],
    ['of an object without metadata', completed, { object: { metadata: null } }],
    ['of a session whose money is still to come', completed, { object: { payment_status: 'unpaid' } }],
    ['of a part of the money given back', refunded, { object: { refunded: false } }],
  ])('%s is received, and changes nothing', async (_rule, type, over) => {
    expect(await told(type, over)).toEqual([200, 'nothing']);
    expect(sent(school.db)).toEqual([]);
  });

  it.each<[string, Partial<StripeEventInput>, number, string]>([
    ['of another amount', { object: { amount_total: 1 } }, 409, 'payment_mismatch'],
    ['of another currency', { object: { currency: 'usd' } }, 409, 'payment_mismatch'],
    ['of a payment that nobody started', { paymentId: 'p9' }, 404, 'payment_unknown'],
  ])('%s is refused, so that the provider keeps it', async (_rule, over, status, code) => {
    expect(await told(completed, over)).toEqual([status, code]);
    expect(await standing()).toMatchObject({ payments: ['pending'], enrollments: [], told: [] });
  });

  it('of another course is refused', async () => {
    const metadata = { userId: ann, paymentId: 'p1', courseId: 'elsewhere' };
    expect(await told(completed, { object: { metadata } })).toEqual([409, 'payment_mismatch']);
  });

  it('of ours in a shape that nobody knows is no refusal, but a fault that is logged', async () => {
    expect((await told(completed, { object: { amount_total: null } }))[0]).toBe(500);
  });
});

describe('my payments', () => {
  it('are listed page by page, and only mine', async () => {
    for (const paymentId of ['p1', 'p2', 'p3', 'p4', 'p5']) await pay(paymentId);
    const student = school.student(ann);
    const pages = await walk(school.db, (cursor) =>
      student.call('get-payments', { query: { limit: 2, ...cursor } }),
    );
    expect(pages.flatMap(({ payments }) => payments.map(({ paymentId }) => paymentId))).toEqual([
      'p1',
      'p2',
      'p3',
      'p4',
      'p5',
    ]);
    expect((await school.student('somebody-else').call('get-payments')).body.payments).toEqual([]);
  });
});
