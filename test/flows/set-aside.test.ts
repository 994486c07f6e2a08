import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
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

describe('A malformed row whose mending no stream tells of', () => {
  const school = useSchool({
    intercept: () => (records) => records.filter(({ dynamodb }) => !isTheMending(dynamodb.NewImage)),
  });

  it('is redriven, and every derived row follows', async () => {
    const { documents } = school();
    const admin = await school().admin();
    const student = await school().student('ida');
    const params = { courseId: 'mended' };
    await publish(admin, 'mended', threeChapters());
    await student.call('enroll-directly', { params });
    const key = { userId: 'ida', completion: 'mended#watch' };
    const put = (rest: Record<string, unknown>) =>
      documents.send(
        new PutCommand({ TableName: 'chapterCompletions', Item: { ...key, courseId: 'mended', ...rest } }),
      );
    await put({ chapterId: 'watch', version: 1, completedAt: 'on Monday' });
    await school().quiet();

    const early = (await admin.call('redrive-failures')).body;
    expect(early.left.map(({ consumer, code }) => [consumer, code]).sort()).toEqual([
      ['aggregate-analytics', 'row_malformed'],
      ['project-progress', 'row_malformed'],
    ]);
    const at = '2026-01-01T00:00:00.000Z';
    const stamp = { version: 2, updatedAt: at, causedBy: 'unheard', causedAt: at };
    await put({ chapterId: 'watch', completedAt: at, ...stamp });
    await school().quiet();
    expect((await student.call('get-student-dashboard')).body.enrollments[0]?.progress).toBe(0);

    const { body } = await admin.call('redrive-failures');
    expect(body).toMatchObject({ redriven: [{}, {}], left: [] });
    await expectInStep(school());
    expect((await student.call('get-student-dashboard')).body.enrollments[0]?.progress).toBe(33);
  });
});

/** Redriven, the row has the same cause and the next version. */
function isTheMending(image: Readonly<Record<string, unknown>> = {}): boolean {
  return isDeepStrictEqual([image.causedBy, image.version], [{ S: 'unheard' }, { N: '2' }]);
}

describe('A record that a consumer gives up', () => {
  const left: (string | undefined)[] = [];
  const school = useSchool({
    onStreamEvent: (_, event) => {
      if (event.kind === 'set-aside') left.push(event.file);
    },
  });

  it('becomes a failure with its content and reason, and is redriven once the cause is mended', async () => {
    const { gate, schedules, failureFolder } = school().stack;
    const admin = await school().admin();
    const student = await school().student('gus');
    const params = { courseId: 'given-up' };
    await publish(admin, 'given-up', threeChapters());
    await student.call('enroll-directly', { params });
    await school().quiet();
    gate.faults.inject({
      match: { function: 'lockstep-project-progress', operation: 'BatchGetItem' },
      fault: { kind: '500-before' },
      times: Infinity,
    });
    for (const chapterId of ['read', 'watch']) {
      await student.call('complete-chapter', { params: { ...params, chapterId } });
    }
    await school().stack.quiet();
    expect(left).toEqual([expect.stringContaining(failureFolder), expect.stringContaining(failureFolder)]);

    expect(await schedules.fireNow('lockstep-collect-failures')).toMatchObject({ ok: true });
    expect(left.filter((file) => existsSync(file ?? ''))).toEqual([]);
    const { failures } = (await admin.call('get-failures')).body;
    expect(failures).toMatchObject(
      ['read', 'watch'].map(() => ({
        table: 'chapterCompletions',
        consumer: 'project-progress',
        reason: 'gave up after 9 tries: RetryAttemptsExhausted',
      })),
    );
    const { failureId = '' } = failures[0] ?? {};
    const { body: whole } = await admin.call('get-failure', { params: { failureId } });
    expect(whole.record).toMatchObject({ dynamodb: { NewImage: { courseId: { S: 'given-up' } } } });
    expect((await student.call('get-student-dashboard')).body.enrollments[0]?.progress).toBe(0);

    gate.faults.clear();
    const { body } = await admin.call('redrive-failures');
    expect(body).toMatchObject({ redriven: [{}, {}], left: [] });
    await expectInStep(school());
    expect((await student.call('get-student-dashboard')).body.enrollments[0]?.progress).toBe(66);
    expect(await schedules.fireNow('lockstep-collect-failures')).toMatchObject({ payload: { objects: 0 } });
    // Each of nine tries takes three seconds, in which the consumer itself tries ten times.
  });
});
