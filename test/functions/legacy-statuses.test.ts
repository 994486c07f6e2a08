import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Draft, publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { signed, startStripe, stripeEvent, type TestStripe } from '../support/stripe.ts';
import { type HttpSchool, httpSchool, refusal } from './http-school.ts';

let engine: Database;
let stripe: TestStripe;
let school: HttpSchool;
beforeAll(async () => {
  [engine, stripe] = await Promise.all([startDatabase(), startStripe()]);
});
afterAll(() => Promise.all([engine.stop(), stripe.stop()]));
beforeEach(async () => {
  school = httpSchool(await engine.fresh(), stripe.options);
});

let students = 0;
const ofC = { params: { courseId: 'c' } };

/** A published course whose row an older program wrote. */
async function spelled(status: string, change: Partial<Draft>): Promise<string> {
  await publish(school.admin, 'c', threeChapters(change));
  await school.db.plain.send(
    new UpdateCommand({
      TableName: school.db.tables.courses,
      Key: { courseId: 'c', part: 'course' },
      UpdateExpression: 'SET #status = :status',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':status': status },
    }),
  );
  students += 1;
  return `legacy-${students}`;
}

describe.each(['Published', 'active', 'Active'])('a course that is %s', (status) => {
  it('lets in who enrolls, and an admin waive there', async () => {
    const ann = await spelled(status, {});
    await school.student(ann).call('enroll-directly', ofC);
    await school.admin.call('waive-item', {
      params: { userId: ann, courseId: 'c', itemId: 'text' },
      body: { reason: 'was ill' },
    });
    await school.student(ann).call('complete-chapter', { params: { courseId: 'c', chapterId: 'read' } });
    expect(await school.db.rows('waivers')).toHaveLength(1);
  });

  it('can be asked for, and an admin can approve and enroll', async () => {
    const ann = await spelled(status, { access: 'request' });
    await school.student(ann).call('request-access', { ...ofC, body: {} });
    const { body } = await school.admin.call('approve-request', { params: { userId: ann, courseId: 'c' } });
    expect(body.status).toBe('active');
    await school.admin.call('enroll-student', { params: { userId: 'ben', courseId: 'c' } });
  });

  it('can be bought', async () => {
    const ann = await spelled(status, { access: 'paid', price: { amount: 4900, currency: 'EUR' } });
    await school.student(ann).call('start-checkout', {
      params: { paymentId: 'p1' },
      body: { courseId: 'c', successUrl: 'https://school.test', cancelUrl: 'https://school.test' },
    });
    const { body, headers } = signed(
      stripeEvent({
        type: 'checkout.session.completed',
        at: school.now,
        object: { metadata: { userId: ann, paymentId: 'p1', courseId: 'c' } },
      }),
      school.now,
    );
    const reply = await school.send({ method: 'POST', path: '/webhooks/payments', body, headers });
    expect(reply.json).toEqual({ received: true, applied: true });
  });

  it('is shown as published, and can be archived and published again', async () => {
    const ann = await spelled(status, {});
    const [courses, detail, dashboard] = await Promise.all([
      school.student(ann).call('get-student-courses'),
      school.student(ann).call('get-student-course-detail', ofC),
      school.admin.call('get-admin-dashboard'),
    ]);
    expect(courses.body.courses).toMatchObject([{ courseId: 'c' }]);
    expect(detail.body.status).toBe('published');
    expect(dashboard.body.courses).toMatchObject([{ courseId: 'c', status: 'published' }]);
    for (const next of ['archived', 'published'] as const) {
      const { body } = await school.admin.call('set-course-status', { ...ofC, body: { status: next } });
      expect(body.status).toBe(next);
    }
    expect(await refusal(school.student(ann).call('enroll-directly', ofC))).toBeUndefined();
  });
});
