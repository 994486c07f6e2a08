import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CoursePreview } from '../../shared/contracts/course-preview.ts';
import { rightAnswers, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { deliver, streamRecords } from '../support/streams.ts';
import { COURSE, type CourseRunner, courseRunner, variant } from './course-runner.ts';
import { enrollmentRow, progressRow, putRows } from './http-rows.ts';
import { refusal, sent, written } from './http-school.ts';

let engine: Database;
let db: Database;
let course: CourseRunner;
const params = { courseId: COURSE };

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
  course = courseRunner(db);
});

const preview = async (): Promise<CoursePreview> =>
  (await course.school.admin.call('preview-course', { params })).body;
const publish = () =>
  course.school.admin.call('set-course-status', { params, body: { status: 'published' } });
const jobIds = async () => [...new Set((await db.rows('jobs')).map((row) => String(row.jobId)))].sort();
const nobody = { learners: 0, rises: 0, falls: 0, completes: 0, uncompletes: 0, aside: 0 };

/** Learners of whom every fourth has read the first chapter, every fourth all of them, and every fourth has left. */
async function fill(learners: number) {
  await course.publish(variant({}));
  const completedAt = '2026-11-22T10:00:00.000Z';
  const done = { read: { version: 1, completedAt }, watch: { version: 1, completedAt } };
  const quizAttempts = { quiz: { '1': { version: 1, score: 100 } } };
  const rows = Array.from({ length: learners }, (_, index) => {
    const userId = `u${String(index).padStart(4, '0')}`;
    const own = { ruleVersion: 2, answeredQuestions: '' };
    if (index % 4 === 1) {
      const totalProgress = 33;
      return {
        enrollment: enrollmentRow(userId, COURSE, { progress: totalProgress }),
        progress: progressRow(userId, COURSE, {
          ...own,
          totalProgress,
          completedItems: 1,
          completedChapters: { read: done.read },
        }),
      };
    }
    if (index % 4 === 2) {
      const completed = { totalProgress: 100, completedItems: 3, completedAt };
      return {
        enrollment: enrollmentRow(userId, COURSE, { progress: 100, status: 'completed', completedAt }),
        progress: progressRow(userId, COURSE, {
          ...own,
          ...completed,
          completedChapters: done,
          quizAttempts,
        }),
      };
    }
    const status = index % 4 === 3 ? ('cancelled' as const) : ('active' as const);
    return {
      enrollment: enrollmentRow(userId, COURSE, { status }),
      progress: progressRow(userId, COURSE, own),
    };
  });
  await putRows(
    db,
    'enrollments',
    rows.map(({ enrollment }) => enrollment),
  );
  await putRows(
    db,
    'studentProgress',
    rows.map(({ progress }) => progress),
  );
}

describe('the preview of a small course', () => {
  it('tells who rises, falls, completes and stops being complete, and changes nothing', async () => {
    await course.publish(variant({ more: 1 }));
    const people = ['idle', 'almost', 'done', 'gone'];
    for (const userId of people) {
      await course.school.student(userId).call('enroll-directly', { params });
    }
    for (const userId of ['almost', 'done', 'gone']) {
      const { call } = course.school.student(userId);
      for (const chapterId of ['read', 'watch', ...(userId === 'done' ? ['more0'] : [])]) {
        await call('complete-chapter', { params: { ...params, chapterId } });
      }
      await call('submit-quiz-attempt', {
        params: { ...params, quizId: 'quiz', attemptId: 'first' },
        body: rightAnswers,
      });
    }
    await course.learn();
    await course.school.student('gone').call('unenroll', { params });

    expect(await preview()).toMatchObject({ ...nobody, learners: 3 });
    await course.put(variant({}));
    const before = await written(db);
    const shorter = await preview();
    expect(await written(db)).toEqual(before);
    expect(shorter).toEqual({
      courseId: COURSE,
      version: 3,
      status: 'done',
      asOf: course.school.now.toISOString(),
      ...nobody,
      learners: 3,
      rises: 1,
      completes: 1,
    });
    await course.put(variant({ more: 2 }));
    const longer = await preview();
    expect(longer).toMatchObject({ learners: 3, rises: 0, falls: 2, completes: 0, uncompletes: 1 });
    expect(await jobIds()).toEqual([]);
  });

  it('is what publishing then does', async () => {
    await fill(100);
    await course.put(variant({ quiz: false, more: 1 }));
    const before = await written(db);
    const told = await preview();
    expect(await written(db)).toEqual(before);
    expect(told).toMatchObject({ learners: 75, rises: 0, falls: 25, uncompletes: 25 });
    await publish();
    await course.settle();
    const { counts } = await course.jobs.job('recalculate-course~c~2');
    expect(counts).toMatchObject({ falls: 25, uncompletes: 25 });
    expect(counts).not.toHaveProperty('rises');
  });

  it('measures videos of another length anew', async () => {
    await course.publish(variant({ film: 20 }));
    await course.school.student('ann').call('enroll-directly', { params });
    await course.school
      .student('ann')
      .call('record-video-beat', { params: { ...params, videoId: 'film' }, body: { intervals: [[10, 20]] } });
    await course.learn();
    await course.put(variant({ film: 10 }));
    expect(await preview()).toMatchObject({ learners: 1, falls: 1 });
  });

  it('says how many learners could not be read', async () => {
    await fill(8);
    const broken = { ...progressRow('u0000', COURSE), totalProgress: 'much' };
    await db.plain.send(new PutCommand({ TableName: db.tables.studentProgress, Item: broken }));
    await course.put(variant({ more: 1 }));
    expect(await preview()).toMatchObject({ learners: 5, falls: 4, aside: 1 });
  });

  it('takes at most fifteen requests', async () => {
    await fill(199);
    await course.put(variant({ film: 20, more: 1 }));
    db.faults.clear();
    expect(await preview()).toMatchObject({ status: 'done', learners: 150 });
    expect(sent(db).length).toBeLessThanOrEqual(15);
  });

  it('is refused where there is no such course, or nothing to publish', async () => {
    expect(await refusal(preview())).toBe('course_unknown');
    await course.put(threeChapters({ outline: { chapters: [] } }));
    expect(await refusal(preview())).toBe('course_empty');
    await course.put(variant({}));
    expect(await preview()).toMatchObject(nobody);
  });
});

describe('the preview of a large course', () => {
  beforeEach(async () => {
    await fill(400);
    await course.put(variant({ quiz: false, more: 1 }));
  });
  const jobId = 'preview-course~c~3~2026-11-22T10';
  const all = { learners: 300, rises: 0, falls: 100, completes: 0, uncompletes: 100, aside: 0 };

  it('is counted by a job, which whoever asks next finds', async () => {
    const [first, second] = await Promise.all([preview(), preview()]);
    for (const each of [first, second]) expect(each).toMatchObject({ jobId, status: 'running', ...nobody });
    expect(await jobIds()).toEqual([jobId]);
    const [job, ...segments] = await course.jobs.untold();
    await deliver(course.jobs.run, streamRecords([job, ...segments.slice(0, 2)].flatMap((it) => it ?? [])));
    const half = await preview();
    expect(half.status).toBe('running');
    expect(half.learners).toBeGreaterThan(0);
    expect(half.learners).toBeLessThan(300);
    await deliver(course.jobs.run, streamRecords(segments));
    await course.jobs.flow();
    course.pass(60);
    const told = await preview();
    expect(told).toMatchObject({ jobId, status: 'done', asOf: '2026-11-22T10:00:00.000Z', ...all });
    expect(await jobIds()).toEqual([jobId]);
  });

  it('takes at most six requests, however large the course is', async () => {
    db.faults.clear();
    await preview();
    expect(sent(db).length).toBeLessThanOrEqual(6);
    await course.jobs.flow();
    db.faults.clear();
    await preview();
    expect(sent(db).length).toBeLessThanOrEqual(6);
  });

  it('is what publishing then does', async () => {
    await preview();
    await course.jobs.flow();
    const { rises, falls, completes, uncompletes } = await preview();
    await publish();
    await course.settle();
    const { counts } = await course.jobs.job('recalculate-course~c~2');
    expect({ rises: 0, completes: 0, ...counts }).toMatchObject({ rises, falls, completes, uncompletes });
  });

  it('writes nothing but its own rows, and sets aside whom it cannot read', async () => {
    const broken = { ...progressRow('u0000', COURSE), totalProgress: 'much' };
    await db.plain.send(new PutCommand({ TableName: db.tables.studentProgress, Item: broken }));
    const before = [await db.rows('studentProgress'), await db.rows('enrollments'), await db.rows('courses')];
    await preview();
    await course.jobs.flow();
    expect([
      await db.rows('studentProgress'),
      await db.rows('enrollments'),
      await db.rows('courses'),
    ]).toEqual(before);
    expect(await preview()).toMatchObject({ ...all, learners: 299, aside: 1 });
  });

  it('is another one once the draft has changed, and the older one ends', async () => {
    await preview();
    await course.put(variant({ quiz: false }));
    const next = await preview();
    expect(next).toMatchObject({ jobId: 'preview-course~c~4~2026-11-22T10', version: 4 });
    await course.jobs.flow();
    expect(await preview()).toMatchObject({ status: 'done', learners: 300, rises: 100, falls: 0 });
    expect(await course.jobs.job(jobId)).toMatchObject({ status: 'done', done: 0 });
  });

  it('is counted anew after an hour', async () => {
    await preview();
    course.pass(3600);
    expect(await preview()).toMatchObject({ jobId: 'preview-course~c~3~2026-11-22T11' });
  });

  it('ends right where it is cut off again and again', async () => {
    await preview();
    let killed = 0;
    for (let records = await course.jobs.untold(); records.length > 0;) {
      let done = 0;
      db.faults.plan(() => {
        done += 1;
        return killed < 10 && done > 2 + killed ? { kind: 'denied' } : undefined;
      });
      const { batchItemFailures } = await course.jobs.run({ Records: streamRecords(records) });
      db.faults.plan(() => undefined);
      if (batchItemFailures.length > 0) killed += 1;
      const more = await course.jobs.untold();
      records = batchItemFailures.length > 0 ? [...records, ...more] : more;
    }
    expect(killed).toBeGreaterThan(4);
    course.pass(3600 - 1);
    await course.jobs.wake();
    await course.jobs.flow();
    const { counts, status } = await course.jobs.job(jobId);
    expect({ status, ...counts }).toEqual({ status: 'done', learners: 300, falls: 100, uncompletes: 100 });
  });
});

describe('a course that measures many videos anew', () => {
  it('is counted by steps of fewer learners', async () => {
    await course.publish(variant({}));
    await putRows(
      db,
      'enrollments',
      Array.from({ length: 60 }, (_, index) => enrollmentRow(`u${index}`, COURSE)),
    );
    const chapters = ['one', 'two'].map((chapterId) => ({
      chapterId,
      title: chapterId,
      items: Array.from({ length: 99 }, (_, index) => ({
        kind: 'video' as const,
        itemId: `${chapterId}${index}`,
        title: 'Film',
        durationSeconds: 10,
      })),
    }));
    await course.put(threeChapters({ outline: { chapters } }));
    expect(await preview()).toMatchObject({ status: 'running' });
    await course.jobs.flow();
    expect(await preview()).toMatchObject({ status: 'done', learners: 60 });
    const steps = (await course.jobs.segments((await jobIds())[0])).map(({ version }) => version - 1);
    // Five learners a step: a thousand rows at worst.
    for (const count of steps) expect(count).toBeGreaterThanOrEqual(2);
  });
});
