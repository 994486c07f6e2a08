import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConflicts } from '../support/conflicts.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import type { Request } from '../support/faults.ts';
import { signed, startStripe, stripeEvent, type TestStripe } from '../support/stripe.ts';
import { type HttpSchool, httpSchool } from './http-school.ts';

let engine: Database;
let stripe: TestStripe;
beforeAll(async () => {
  [engine, stripe] = await Promise.all([startDatabase(), startStripe()]);
});
afterAll(() => Promise.all([engine.stop(), stripe.stop()]));

const WAYS = ['request', 'direct', 'admin', 'payment'] as const;
const course = { params: { courseId: 'wanted' } };

/** A school where ann waits to be let in and is at the checkout of a course that everybody may enter meanwhile. */
async function crowdedSchool(): Promise<HttpSchool> {
  const school = httpSchool(await engine.fresh(), stripe.options);
  const ann = school.student('ann');
  await publish(school.admin, 'wanted', threeChapters({ access: 'request' }));
  await ann.call('request-access', { ...course, body: {} });
  const sold = threeChapters({ access: 'paid', price: { amount: 4900, currency: 'EUR' } });
  await school.admin.call('put-course', { ...course, body: sold });
  await ann.call('start-checkout', {
    params: { paymentId: 'p1' },
    body: { courseId: 'wanted', successUrl: 'https://school.test/', cancelUrl: 'https://school.test/' },
  });
  await school.admin.call('put-course', { ...course, body: threeChapters() });
  return school;
}

/** The status of the reply to each way in. */
function waysInto(school: HttpSchool): Readonly<Record<(typeof WAYS)[number], () => Promise<number>>> {
  const [ann, admin] = [school.student('ann'), school.admin];
  const student = { params: { ...course.params, userId: 'ann' } };
  const metadata = { userId: 'ann', paymentId: 'p1', courseId: 'wanted' };
  const event = stripeEvent({ type: 'checkout.session.completed', at: school.now, object: { metadata } });
  const { body, headers } = signed(event, school.now);
  const webhook = { method: 'POST', path: '/webhooks/payments', body, headers: { ...headers } };
  return {
    request: async () => (await admin.call('approve-request', student)).status,
    direct: async () => (await ann.call('enroll-directly', course)).status,
    admin: async () => (await admin.call('enroll-student', student)).status,
    payment: async () => (await school.send(webhook)).status,
  };
}

/** Where a request meets others, as on AWS. */
function crowd({ db }: HttpSchool): { readonly count: number } {
  const conflicts = createConflicts();
  db.faults.plan(({ name, input }: Request) => {
    if (!name.startsWith('Transact')) return undefined;
    const write = conflicts.meet(itemsOf(input), name === 'TransactWriteItems');
    return write === undefined ? undefined : { kind: 'conflict', write };
  });
  return conflicts;
}

/** The items of one student in one course differ by their tables. */
function itemsOf({ TransactItems }: Request['input']): string[] {
  const items = TransactItems as Readonly<Record<string, { readonly TableName: string }>>[];
  return items.flatMap((item) => Object.values(item).map(({ TableName }) => TableName));
}

describe('Two hundred who let one student in, all in flight at once', () => {
  it.each(WAYS)('leave one of each row, and nobody has to come back, with "%s" first', async (first) => {
    const school = await crowdedSchool();
    const ways = waysInto(school);
    const conflicts = crowd(school);
    const order = [first, ...WAYS.filter((way) => way !== first)];

    const statuses = await Promise.all(order.flatMap((way) => Array.from({ length: 50 }, () => ways[way]())));

    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(conflicts.count).toBeGreaterThan(50);
    expect(await school.db.rows('enrollments')).toMatchObject([{ status: 'active', version: 1 }]);
    expect(await school.db.rows('studentProgress')).toMatchObject([{ totalProgress: 0, version: 1 }]);
    expect(await school.db.rows('payments')).toMatchObject([{ status: 'completed', version: 3 }]);
    expect(await school.db.rows('accessRequests')).toEqual([]);
    const kinds = (await school.db.rows('notifications')).map(({ kind }) => String(kind));
    expect(kinds.filter((kind) => kind === 'payment_completed')).toHaveLength(1);
    expect(kinds.filter((kind) => kind !== 'payment_completed').length).toBeLessThanOrEqual(1);
  });
});
