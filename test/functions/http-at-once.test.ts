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

/** Of each way in. */
const CALLERS = 50;
const WAYS = ['request', 'direct', 'admin', 'payment'] as const;
/** What ann is told of getting in, apart from the payment: who lets herself in knows. */
const TOLD: Readonly<Record<string, readonly string[]>> = {
  request: ['request_approved'],
  admin: ['enrolled'],
};

const course = { params: { courseId: 'wanted' } };

/**
 * A school where ann is at the checkout of a course that everybody may enter meanwhile; and waits to be let in, where
 * she asked.
 */
async function crowdedSchool(asked: boolean): Promise<HttpSchool> {
  const school = httpSchool(await engine.fresh(), stripe.options);
  const ann = school.student('ann');
  await publish(school.admin, 'wanted', threeChapters({ access: 'request' }));
  if (asked) await ann.call('request-access', { ...course, body: {} });
  const sold = threeChapters({ access: 'paid', price: { amount: 4900, currency: 'EUR' } });
  await school.admin.call('put-course', { ...course, body: sold });
  await ann.call('start-checkout', {
    params: { paymentId: 'p1' },
    body: { courseId: 'wanted', successUrl: 'https://school.test/', cancelUrl: 'https://school.test/' },
  });
  await school.admin.call('put-course', { ...course, body: threeChapters() });
  return school;
}

/** What each way in is answered: the enrollment, or whether the provider's event counted. */
function waysInto(school: HttpSchool): Readonly<Record<(typeof WAYS)[number], () => Promise<unknown>>> {
  const [ann, admin] = [school.student('ann'), school.admin];
  const student = { params: { ...course.params, userId: 'ann' } };
  const metadata = { userId: 'ann', paymentId: 'p1', courseId: 'wanted' };
  const event = stripeEvent({ type: 'checkout.session.completed', at: school.now, object: { metadata } });
  const { body, headers } = signed(event, school.now);
  const webhook = { method: 'POST', path: '/webhooks/payments', body, headers: { ...headers } };
  return {
    request: async () => (await admin.call('approve-request', student)).body,
    direct: async () => (await ann.call('enroll-directly', course)).body,
    admin: async () => (await admin.call('enroll-student', student)).body,
    payment: async () => (await school.send(webhook)).json,
  };
}

/** How the transactions of many come together, from now on. */
type Crowd = (school: HttpSchool, callers: number) => void;

/** They meet on their items, as on AWS. */
const conflicting: Crowd = ({ db }) => {
  const conflicts = createConflicts();
  db.faults.plan(({ name, input }: Request) => {
    if (!name.startsWith('Transact')) return undefined;
    const write = conflicts.meet(itemsOf(input), name === 'TransactWriteItems');
    return write === undefined ? undefined : { kind: 'conflict', write };
  });
};

/** All have read before anybody writes, so that all but one decided on what is no longer there. */
const stale: Crowd = ({ db }, callers) => {
  let [reading, release] = [callers, () => {}];
  const allHaveRead = new Promise<void>((resolve) => {
    release = resolve;
  });
  db.faults.plan(async ({ name }: Request) => {
    if (name === 'TransactGetItems' && (reading -= 1) === 0) release();
    if (name === 'TransactWriteItems') await allHaveRead;
    return undefined;
  });
};

/** The items of one student in one course differ by their tables. */
function itemsOf({ TransactItems }: Request['input']): string[] {
  const items = TransactItems as Readonly<Record<string, { readonly TableName: string }>>[];
  return items.flatMap((item) => Object.values(item).map(({ TableName }) => TableName));
}

describe('Two hundred who let one student in, all in flight at once', () => {
  const crowds = Object.entries({ conflicting, stale });
  const cases = WAYS.flatMap((first) => crowds.map(([name, crowd]) => ({ first, name, crowd })));
  it.each(cases)('leave one of each row, and none comes back: $name, $first first', ({ first, crowd }) =>
    letInAtOnce([first, ...WAYS.filter((way) => way !== first)], crowd),
  );

  // With a request to delete, a transaction would fail at that.
  it('leave one of each row also where nobody asked', () =>
    letInAtOnce(['direct', 'admin', 'payment'], stale));
});

async function letInAtOnce(order: readonly (typeof WAYS)[number][], crowd: Crowd): Promise<void> {
  const school = await crowdedSchool(order.includes('request'));
  const ways = waysInto(school);
  crowd(school, order.length * CALLERS);

  const replies = await Promise.all(
    order.flatMap((way) => Array.from({ length: CALLERS }, async () => ({ way, reply: await ways[way]() }))),
  );

  const [enrollment, ...others] = replies.flatMap(({ way, reply }) => (way === 'payment' ? [] : [reply]));
  for (const other of others) expect(other).toEqual(enrollment);
  const applied = replies.flatMap(({ way, reply }) => (way === 'payment' ? [JSON.stringify(reply)] : []));
  expect(applied.sort()).toEqual([
    ...Array<string>(CALLERS - 1).fill('{"received":true,"applied":false}'),
    '{"received":true,"applied":true}',
  ]);
  const [{ source } = {}, ...more] = await school.db.rows('enrollments');
  expect(more).toEqual([]);
  expect(enrollment).toMatchObject({ status: 'active', source, version: 1 });
  expect(await school.db.rows('studentProgress')).toMatchObject([{ totalProgress: 0, version: 1 }]);
  expect(await school.db.rows('payments')).toMatchObject([{ status: 'completed', version: 3 }]);
  expect(await school.db.rows('accessRequests')).toEqual([]);
  const told = (await school.db.rows('notifications')).map(({ kind }) => String(kind));
  expect(told.sort()).toEqual([...(TOLD[String(source)] ?? []), 'payment_completed'].sort());
}
