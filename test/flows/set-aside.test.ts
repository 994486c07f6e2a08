import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { publish, threeChapters } from '../support/courses.ts';
import { expectInStep } from '../support/consistency.ts';
import { useSchool } from '../support/school.ts';

describe('A malformed row in a stream', () => {
  const school = useSchool();

  it('is set aside with its content and reason and holds nobody up', async () => {
    const { documents } = school();
    const admin = await school().admin();
    const student = await school().student('patient');
    const params = { courseId: 'poison' };
    await publish(admin, 'poison', threeChapters());
    await student.call('enroll-directly', { params });
    await documents.send(
      new PutCommand({
        TableName: 'chapterCompletions',
        Item: {
          userId: 'patient',
          completion: 'poison#watch',
          courseId: 'poison',
          chapterId: 'watch',
          version: 'one',
        },
      }),
    );
    await student.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
    await school().quiet();

    const { body: listed } = await admin.call('get-failures');
    expect(listed.failures).toHaveLength(2);
    const { Items = [] } = await documents.send(new ScanCommand({ TableName: 'failures' }));
    expect(Items.map((row) => row.consumer).sort()).toEqual(['aggregate-analytics', 'project-progress']);
    for (const row of Items) {
      expect(row).toMatchObject({ table: 'chapterCompletions', reason: expect.stringContaining('version') });
      expect(row.record).toContain('poison#watch');
    }
    const { body } = await student.call('get-student-dashboard');
    expect(body.enrollments[0]?.progress).toBe(33);
    await documents.send(
      new PutCommand({
        TableName: 'chapterCompletions',
        Item: {
          userId: 'patient',
          completion: 'poison#watch',
          courseId: 'poison',
          chapterId: 'watch',
          completedAt: '2026-01-01T00:00:00.000Z',
          version: 1,
          updatedAt: '2026-01-01T00:00:00.000Z',
          causedBy: 'repair',
          causedAt: '2026-01-01T00:00:00.000Z',
        },
      }),
    );
    await expectInStep(school());
  });

  it('is redriven once it is mended, and every derived row is in step', async () => {
    const { documents } = school();
    const admin = await school().admin();
    const student = await school().student('late');
    const params = { courseId: 'mended' };
    await publish(admin, 'mended', threeChapters());
    // Nobody is enrolled: neither the projection nor a later delivery can do anything with the fact.
    const row = {
      userId: 'late',
      completion: 'mended#watch',
      courseId: 'mended',
      chapterId: 'watch',
      completedAt: '2026-01-01T00:00:00.000Z',
      version: 1,
      updatedAt: '2026-01-01T00:00:00.000Z',
      causedBy: 'import',
      causedAt: '2026-01-01T00:00:00.000Z',
    };
    await documents.send(new PutCommand({ TableName: 'chapterCompletions', Item: row }));
    await school().quiet();
    const query = { consumer: 'project-progress' };
    const waiting = (await admin.call('get-failures', { query })).body.failures.filter(
      ({ reason }) => reason === 'the learner of the fact was never enrolled',
    );
    expect(waiting).toHaveLength(1);

    await student.call('enroll-directly', { params });
    await school().quiet();
    expect((await student.call('get-student-dashboard')).body.enrollments[0]?.progress).toBe(0);
    const told = { userId: 'late', ...params };
    expect((await admin.call('explain-progress', { params: told })).body).toMatchObject({
      inStep: false,
      computed: { totalProgress: 33 },
      stored: { totalProgress: 0 },
    });
    const failureId = waiting[0]?.failureId ?? '';
    for (let time = 0; time < 2; time += 1) {
      const { body } = await admin.call('redrive-failure', { params: { failureId } });
      expect(body.status).toBe('redriven');
      await school().quiet();
    }
    expect((await admin.call('explain-progress', { params: told })).body).toMatchObject({
      inStep: true,
      stored: { totalProgress: 33 },
    });
    expect((await student.call('get-student-dashboard')).body.enrollments[0]?.progress).toBe(33);
    await expectInStep(school());
  });
});
