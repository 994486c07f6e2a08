import { expect, it } from 'vitest';
import { publish, threeChapters } from '../support/courses.ts';
import { expectInStep } from '../support/consistency.ts';
import { describeSchool } from '../support/school.ts';

describeSchool('Enrollment', (school) => {
  it('keeps what was done when a student leaves and comes back', async () => {
    const admin = await school().admin();
    const student = await school().student('returner');
    const params = { courseId: 'return' };
    await publish(admin, 'return', threeChapters());
    await student.call('enroll-directly', { params });
    await student.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
    await school().quiet();

    const left = await student.call('unenroll', { params });
    expect(left.body).toMatchObject({ status: 'cancelled', progress: 33 });
    await expect(
      student.call('complete-chapter', { params: { ...params, chapterId: 'watch' } }),
    ).rejects.toMatchObject({ status: 409, problem: { code: 'not_enrolled' } });

    const back = await admin.call('enroll-student', { params: { ...params, userId: 'returner' } });
    expect(back.body).toMatchObject({ status: 'active', source: 'admin', progress: 33 });
    await expectInStep(school());
    const { body } = await admin.call('get-admin-analytics', { query: params });
    expect(body.totals).toMatchObject({ enrollments: 1, bySource: { admin: 1, direct: 0 }, learners: 1 });
  });

  it('gives a command that is sent twice the effect of once, also when the opposite came between', async () => {
    const admin = await school().admin();
    const student = await school().student('twice');
    const params = { courseId: 'twice' };
    await publish(admin, 'twice', threeChapters());
    const first = await student.call('enroll-directly', { params, idempotencyKey: 'enroll-1' });
    const again = await student.call('enroll-directly', { params, idempotencyKey: 'enroll-1' });
    expect(again.body).toEqual(first.body);

    await student.call('unenroll', { params, idempotencyKey: 'leave-1' });
    await student.call('enroll-directly', { params, idempotencyKey: 'enroll-1' });
    await school().quiet();
    const { body } = await student.call('get-student-dashboard');
    expect(body.enrollments[0]?.status).toBe('cancelled');
    await student.call('enroll-directly', { params, idempotencyKey: 'enroll-2' });
    await expectInStep(school());
    const { body: analytics } = await admin.call('get-admin-analytics', { query: params });
    expect(analytics.totals).toMatchObject({ enrollments: 1, byStatus: { active: 1, cancelled: 0 } });
  });

  it('leaves one enrollment of many that are made at once', async () => {
    const admin = await school().admin();
    const student = await school().student('crowd');
    const params = { courseId: 'crowd' };
    await publish(admin, 'crowd', threeChapters());
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0
          ? student.call('enroll-directly', { params })
          : admin.call('enroll-student', { params: { ...params, userId: 'crowd' } }),
      ),
    );
    expect(new Set(replies.map((reply) => reply.body.enrolledAt)).size).toBe(1);
    await expectInStep(school());
    const { body } = await admin.call('get-admin-analytics', { query: params });
    expect(body.totals).toMatchObject({ enrollments: 1, learners: 1, byStatus: { active: 1 } });
  });
});
