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
});
