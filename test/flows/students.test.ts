import { expect, it } from 'vitest';
import { schoolAt } from '../../commands/school.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { describeSchool, type TestSchool } from '../support/school.ts';

async function everyone(school: TestSchool, search?: string) {
  const admin = await school.admin();
  const { body } = await admin.call('get-admin-students', {
    query: { limit: 100, ...(search && { search }) },
  });
  expect(body.cursor).toBeUndefined();
  return body.students;
}

describeSchool('Students', (school) => {
  it('are listed from the sign-up on, and once they are enrolled with their enrollments', async () => {
    await school().signUp('nora', { name: 'Nora Åberg', email: 'nora@school.example' });
    const person = { userId: 'nora', name: 'Nora Åberg', email: 'nora@school.example' };
    const known = (await everyone(school())).filter((each) => each.userId === 'nora');
    expect(known).toEqual([{ ...person, joinedAt: expect.any(String), enrollments: [] }]);

    const admin = await school().admin();
    await publish(admin, 'listed', threeChapters());
    await admin.call('enroll-student', { params: { userId: 'nora', courseId: 'listed' } });
    const enrolled = (await everyone(school())).filter((each) => each.userId === 'nora');
    expect(enrolled).toMatchObject([{ ...person, enrollments: [{ courseId: 'listed', status: 'active' }] }]);
  });

  it('sign up once, in whichever way and however often', async () => {
    const remote = await schoolAt(school().url);
    await remote.signUp('rita', { name: 'Rita', email: 'rita@school.example' });
    await Promise.all(['Rita', 'Other'].map((name) => school().signUp('rita', { name })));
    const found = await everyone(school(), 'rita');
    expect(found).toMatchObject([{ userId: 'rita', name: 'Rita' }]);
    expect(await everyone(school(), 'other')).toEqual([]);
  });

  it('are found by the name that they give themselves, and by no former one', async () => {
    await school().signUp('olga', { name: 'Olga Ivanova', email: 'oi@school.example' });
    const olga = await school().student('olga');
    await olga.call('put-student-profile', { body: { name: 'Élodie Martin' } });
    expect(await everyone(school(), 'elodie m')).toMatchObject([{ userId: 'olga', name: 'Élodie Martin' }]);
    expect(await everyone(school(), 'olga')).toEqual([]);
    expect(await everyone(school(), 'OI@')).toMatchObject([{ userId: 'olga' }]);
    const { body } = await olga.call('get-student-profile');
    expect(body).toMatchObject({ name: 'Élodie Martin', email: 'oi@school.example', version: 2 });
  });

  it('who were never signed up get a row by the first enrollment, which a sign-up completes', async () => {
    const admin = await school().admin();
    await publish(admin, 'early', threeChapters());
    const early = await school().student('early-bird');
    await early.call('enroll-directly', { params: { courseId: 'early' } });
    await school().signUp('early-bird', { name: 'Early Bird', email: 'early@school.example' });
    const { body } = await early.call('get-student-profile');
    expect(body).toMatchObject({ name: 'Early Bird', version: 2 });
    const known = (await everyone(school())).filter((each) => each.userId === 'early-bird');
    expect(known).toMatchObject([{ enrollments: [{ courseId: 'early' }] }]);
  });

  it('read what an admin did to them, one by one or all at once', async () => {
    const admin = await school().admin();
    const [first, second] = ['told-one', 'told-two'];
    for (const courseId of [first, second]) await publish(admin, courseId, threeChapters());
    const reader = await school().student('reader');
    for (const courseId of [first, second]) {
      await admin.call('enroll-student', { params: { userId: 'reader', courseId } });
    }
    await admin.call('unenroll-student', { params: { userId: 'reader', courseId: second } });

    const { body } = await reader.call('get-notifications');
    expect(body.unread).toBe(3);
    expect(body.notifications.map(({ kind, courseId }) => [kind, courseId])).toEqual([
      ['unenrolled', second],
      ['enrolled', second],
      ['enrolled', first],
    ]);
    const [newest, , oldest] = body.notifications.map((each) => each.notificationId);
    await reader.call('read-notification', { params: { notificationId: oldest ?? '' } });
    expect((await reader.call('get-student-profile')).body.unreadNotifications).toBe(2);
    const read = await reader.call('read-notifications', { body: { upTo: newest ?? '' } });
    expect(read.body).toEqual({ unread: 0 });
    expect((await reader.call('get-notifications')).body.notifications.every((each) => each.read)).toBe(true);

    const { body: whole } = await admin.call('get-admin-student', { params: { userId: 'reader' } });
    expect(whole.enrollments.map(({ courseId, status }) => [courseId, status])).toEqual([
      [first, 'active'],
      [second, 'cancelled'],
    ]);
    expect(whole.progress).toHaveLength(2);
  });
});
