import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StudentProgressRow } from '../../shared/contracts/rows.ts';
import { enrollmentKey, progressKey } from '../../shared/store/keys.ts';
import { id } from '../domain/builders.ts';
import { rightAnswers } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import type { Request } from '../support/faults.ts';
import { deliver, streamRecords } from '../support/streams.ts';
import { COURSE, type CourseRunner, courseRunner, variant } from './course-runner.ts';
import { enrollmentRow, progressRow } from './http-rows.ts';
import { holdNext } from './http-school.ts';

let engine: Database;
let db: Database;
let course: CourseRunner;
const params = { courseId: COURSE };

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(open);

async function open() {
  db = await engine.fresh();
  course = courseRunner(db);
}

const jobId = (outlineVersion: number) => `recalculate-course~c~${outlineVersion}`;
const jobIds = async () => [...new Set((await db.rows('jobs')).map((row) => row.jobId))].sort();

function client(userId: string) {
  return course.school.student(userId);
}
const enroll = (userId: string) => client(userId).call('enroll-directly', { params });
const read = (userId: string, chapterId = 'read') =>
  client(userId).call('complete-chapter', { params: { ...params, chapterId } });
const watch = (userId: string, from: number, to: number) =>
  client(userId).call('record-video-beat', {
    params: { ...params, videoId: 'film' },
    body: { intervals: [[from, to]] },
  });
const answer = (userId: string) =>
  client(userId).call('submit-quiz-attempt', {
    params: { ...params, quizId: 'quiz', attemptId: 'first' },
    body: rightAnswers,
  });

async function progressOf(userId: string) {
  const Key = progressKey(id(userId), id(COURSE));
  const { Item } = await db.plain.send(
    new GetCommand({ TableName: db.tables.studentProgress, Key, ConsistentRead: true }),
  );
  return StudentProgressRow.parse(Item);
}
async function enrollmentOf(userId: string) {
  const Key = enrollmentKey(id(userId), id(COURSE));
  return (
    await db.plain.send(new GetCommand({ TableName: db.tables.enrollments, Key, ConsistentRead: true }))
  ).Item;
}

const writes = () => db.faults.requests.filter(({ name }) => /Write|Put/.test(name));
const writesOf = (table: string) =>
  writes().filter(({ input }) => JSON.stringify(input).includes(`"${table}"`));

describe('publishing a course that has changed', () => {
  it('brings everybody to the new outline: who is in it, who completed it, and who left', async () => {
    await course.publish(variant({}));
    for (const userId of ['new', 'half', 'done', 'gone']) await enroll(userId);
    await read('half');
    await read('gone');
    for (const chapterId of ['read', 'watch']) await read('done', chapterId);
    await answer('done');
    await course.learn();
    await client('gone').call('unenroll', { params });
    const { completedAt } = await progressOf('done');
    expect(await progressOf('done')).toMatchObject({ totalProgress: 100 });

    await course.publish(variant({ more: 1 }));
    await course.jobs.flow();
    expect(await progressOf('done')).toMatchObject({
      totalProgress: 75,
      outlineVersion: 2,
      completedAt,
      lowered: { outlineVersion: 2, from: 100, to: 75 },
    });
    expect(await enrollmentOf('done')).toMatchObject({ progress: 75, status: 'completed', completedAt });
    expect(await enrollmentOf('half')).toMatchObject({ progress: 25, status: 'active' });
    expect(await progressOf('gone')).toMatchObject({ totalProgress: 25, outlineVersion: 2 });
    expect(await progressOf('gone')).not.toHaveProperty('lowered');
    expect(await enrollmentOf('gone')).toMatchObject({ progress: 25, status: 'cancelled' });
    expect(await progressOf('new')).toMatchObject({ totalProgress: 0, outlineVersion: 2 });
    expect(await course.mismatches()).toEqual([]);

    await course.settle();
    expect(await course.jobs.job(jobId(2))).toMatchObject({
      kind: 'recalculate-course',
      parameters: { courseId: COURSE, outlineVersion: 2 },
      requestedBy: 'the-admin',
      status: 'done',
      aside: 0,
      counts: { changed: 4, untouched: 4, falls: 2, uncompletes: 1 },
    });
  });

  it('completes the course for who has done all that is left of it, by the cause of the publishing', async () => {
    await course.publish(variant({ more: 1 }));
    await enroll('ann');
    for (const chapterId of ['read', 'watch']) await read('ann', chapterId);
    await answer('ann');
    await course.learn();
    course.pass(60);
    await course.publish(variant({}));
    await course.jobs.flow();
    const [outline] = (await db.rows('courses')).filter(({ part }) => part === 'outline#000002');
    expect(await enrollmentOf('ann')).toMatchObject({
      status: 'completed',
      progress: 100,
      completedAt: outline?.causedAt,
      causedBy: outline?.causedBy,
    });
    await course.settle();
    const { counts } = await course.jobs.job(jobId(2));
    expect(counts).toEqual({ changed: 1, untouched: 1, rises: 1, completes: 1 });
  });

  it('starts nothing where the outline is in force already, or the first and nobody is in the course', async () => {
    await course.publish(variant({}));
    await enroll('ann');
    await course.publish(variant({}));
    await course.school.admin.call('set-course-status', { params, body: { status: 'archived' } });
    await course.publish(variant({}));
    expect(await jobIds()).toEqual([]);
    await course.publish(variant({ more: 1 }));
    await course.publish(variant({ more: 1 }));
    expect(await jobIds()).toEqual([jobId(2)]);
  });

  it('starts one job where it is sent by several at once', async () => {
    await course.publish(variant({}));
    await course.put(variant({ more: 1 }));
    const body = { status: 'published' };
    await Promise.all([1, 2, 3].map(() => course.school.admin.call('set-course-status', { params, body })));
    expect(await jobIds()).toEqual([jobId(2)]);
  });

  it('counts what was done before there were outlines from the first one on', async () => {
    await course.put(variant({}));
    const row = enrollmentRow('old', COURSE, { progress: null });
    const facts = { completedChapters: { read: { version: 1, completedAt: '2026-01-01T00:00:00.000Z' } } };
    const known = progressRow('old', COURSE, { ...facts, totalProgress: null, outlineVersion: 0 });
    await db.plain.send(new PutCommand({ TableName: db.tables.enrollments, Item: row }));
    await db.plain.send(new PutCommand({ TableName: db.tables.studentProgress, Item: known }));
    await course.school.admin.call('set-course-status', { params, body: { status: 'published' } });
    await course.settle();
    expect(await enrollmentOf('old')).toMatchObject({ progress: 33 });
  });

  it('measures videos of another length anew from what was played', async () => {
    await course.publish(variant({ film: 20 }));
    for (const userId of ['start', 'end', 'all']) await enroll(userId);
    await watch('start', 0, 10);
    await watch('end', 10, 20);
    await watch('all', 0, 12);
    course.pass(60);
    await watch('all', 12, 20);
    await course.learn();
    await course.publish(variant({ film: 10 }));
    await course.settle();
    expect(await Promise.all(['start', 'end', 'all'].map((who) => progressOf(who)))).toMatchObject([
      { totalProgress: 33, watchedVideos: { film: { seconds: 10 } } },
      { totalProgress: 0, watchedVideos: { film: { seconds: 0 } } },
      { totalProgress: 33, watchedVideos: { film: { seconds: 10 } } },
    ]);
    expect(await course.mismatches()).toEqual([]);
    await course.publish(variant({ film: 0 }));
    await course.settle();
    await course.publish(variant({ film: 20 }));
    await course.settle();
    expect(await progressOf('all')).toMatchObject({ watchedVideos: { film: { seconds: 20 } } });
    expect(await course.mismatches()).toEqual([]);
  });

  it('writes a learner once, and the second time nothing', async () => {
    await course.publish(variant({}));
    for (let index = 0; index < 10; index += 1) await enroll(`u${index}`);
    await read('u1');
    await course.learn();
    await course.publish(variant({ more: 1 }));
    db.faults.clear();
    await course.jobs.flow();
    expect(writesOf(db.tables.studentProgress)).toHaveLength(10);
    // Nobody's percentage moves but u1's.
    expect(writesOf(db.tables.enrollments)).toHaveLength(1);
    db.faults.clear();
    await course.settle();
    expect(writesOf(db.tables.studentProgress)).toEqual([]);
    expect(writesOf(db.tables.enrollments)).toEqual([]);
    expect(await course.jobs.job(jobId(2))).toMatchObject({ status: 'done', done: 20 });
  });

  it('makes the progress row of a learner who has lost it anew, from everything that the learner did', async () => {
    await course.publish(variant({}));
    await enroll('ada');
    await read('ada');
    await watch('ada', 0, 5);
    await course.learn();
    const { totalProgress, version } = await progressOf('ada');
    expect(totalProgress).toBeGreaterThan(0);
    const Key = progressKey(id('ada'), id(COURSE));
    await db.plain.send(new DeleteCommand({ TableName: db.tables.studentProgress, Key }));
    await course.publish(variant({ more: 1 }));
    await course.settle();
    const after = await progressOf('ada');
    expect(after.totalProgress).toBeGreaterThan(0);
    expect(after.version).toBeGreaterThan(version);
    expect(await enrollmentOf('ada')).toMatchObject({ progress: after.totalProgress });
    expect(await course.mismatches()).toEqual([]);
  });

  it('passes over a learner whose rows cannot be read, and keeps whom', async () => {
    await course.publish(variant({}));
    for (const userId of ['u1', 'u2', 'u3']) await enroll(userId);
    const broken = { ...(await progressOf('u2')), totalProgress: 'much' };
    await db.plain.send(new PutCommand({ TableName: db.tables.studentProgress, Item: broken }));
    await course.publish(variant({ more: 1 }));
    await course.settle();
    expect(await course.jobs.job(jobId(2))).toMatchObject({ status: 'done', done: 4, aside: 2 });
    expect((await db.rows('failures')).map(({ failureId }) => failureId)).toEqual([
      `${db.tables.jobs}#${jobId(2)}#u2#run-jobs`,
    ]);
    expect(await progressOf('u3')).toMatchObject({ outlineVersion: 2 });
  });
});

describe('nobody is missed', () => {
  it('who gets in by a command that had read the course before', async () => {
    await course.publish(variant({}));
    await enroll('early');
    const held = holdNext(db, 'TransactWriteItems');
    const late = enroll('late');
    await held.reached;
    await course.publish(variant({ more: 1 }));
    await course.jobs.flow();
    held.release();
    await late;
    expect(await progressOf('late')).toMatchObject({ outlineVersion: 1 });
    await course.settle();
    expect(await progressOf('late')).toMatchObject({ outlineVersion: 2 });
    expect(await course.mismatches()).toEqual([]);
  });

  it('who comes back by such a command is enrolled by the new outline at once', async () => {
    await course.publish(variant({}));
    await enroll('ann');
    await client('ann').call('unenroll', { params });
    const held = holdNext(db, 'TransactWriteItems');
    const back = enroll('ann');
    await held.reached;
    await course.publish(variant({ more: 1 }));
    await course.jobs.flow();
    held.release();
    await back;
    expect(await progressOf('ann')).toMatchObject({ outlineVersion: 2 });
    expect(await enrollmentOf('ann')).toMatchObject({ status: 'active' });
  });

  it('whose fact was decided on before is not brought back to the old outline', async () => {
    await course.publish(variant({ film: 20 }));
    await enroll('ann');
    await watch('ann', 10, 20);
    const held = holdNext(db, 'TransactWriteItems');
    // The projection has read the course as it was.
    const learning = course.learn();
    await held.reached;
    await course.publish(variant({ film: 10 }));
    await course.jobs.flow();
    held.release();
    await learning;
    await course.settle();
    expect(await progressOf('ann')).toMatchObject({
      outlineVersion: 2,
      watchedVideos: { film: { seconds: 0 } },
    });
    expect(await course.mismatches()).toEqual([]);
  });

  it('who is not in the index yet when the first pass comes by', async () => {
    await course.publish(variant({}));
    await enroll('ann');
    await enroll('bob');
    const Key = enrollmentKey(id('bob'), id(COURSE));
    const { Item } = await db.plain.send(new GetCommand({ TableName: db.tables.enrollments, Key }));
    await course.publish(variant({ more: 1 }));
    // As the index shows it for now.
    const TableName = db.tables.enrollments;
    await db.plain.send(new DeleteCommand({ TableName, Key }));
    await course.jobs.flow();
    await db.plain.send(new PutCommand({ TableName, Item: Item ?? {} }));
    expect(await progressOf('bob')).toMatchObject({ outlineVersion: 1 });
    await course.settle();
    expect(await progressOf('bob')).toMatchObject({ outlineVersion: 2 });
  });

  it('and the second pass waits until nothing decided before can be on its way', async () => {
    await course.publish(variant({}));
    await enroll('ann');
    await course.publish(variant({ more: 1 }));
    await course.jobs.flow();
    course.pass(2 * 28 + 60);
    expect(await course.jobs.wake()).toEqual({ woken: 0 });
    course.pass(60);
    expect(await course.jobs.wake()).toEqual({ woken: 4 });
  });
});

describe('several outlines in a row', () => {
  it('end at the newest, which the older job goes by as well', async () => {
    await course.publish(variant({}));
    for (let index = 0; index < 8; index += 1) await enroll(`u${index}`);
    await read('u1');
    await course.learn();
    await course.publish(variant({ more: 1 }));
    await course.publish(variant({ more: 2 }));
    await course.settle();
    expect(await progressOf('u1')).toMatchObject({ totalProgress: 20, outlineVersion: 3 });
    const [outline] = (await db.rows('courses')).filter(({ part }) => part === 'outline#000003');
    expect(await progressOf('u1')).toMatchObject({ causedBy: outline?.causedBy });
    // Each was written by one of the jobs, whichever came first.
    const jobs = [await course.jobs.job(jobId(2)), await course.jobs.job(jobId(3))];
    expect(jobs.map(({ status }) => status)).toEqual(['done', 'done']);
    expect(jobs.reduce((sum, { counts }) => sum + (counts.changed ?? 0), 0)).toBe(8);
  });

  const step = fc.oneof(
    fc.record({
      kind: fc.constant('publish' as const),
      film: fc.constantFrom(0, 5, 10, 20),
      quiz: fc.boolean(),
      more: fc.nat(2),
    }),
    fc.record({ kind: fc.constantFrom('learn', 'step', 'second pass'), who: fc.nat(3) }),
    fc.record({
      kind: fc.constantFrom('enroll', 'leave', 'read', 'watch', 'answer'),
      who: fc.nat(3),
      from: fc.nat(15),
    }),
  );

  it('leave what the facts amount to, and what was earned, whatever happens in between', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await open();
        await course.publish(variant({}));
        const earned = new Map<string, unknown>();
        for (const it of steps) {
          course.pass(20);
          const who = 'who' in it ? `u${it.who}` : '';
          const from = 'from' in it ? it.from : 0;
          // What the outline of the day refuses is not done.
          const attempted = async (call: Promise<unknown>) => call.catch(() => undefined);
          if (it.kind === 'publish') await course.publish(variant({ ...it }));
          if (it.kind === 'learn') await course.learn();
          if (it.kind === 'step') {
            await deliver(course.jobs.run, streamRecords((await course.jobs.untold()).reverse()));
          }
          if (it.kind === 'second pass') {
            course.pass(120);
            await course.jobs.wake();
          }
          if (it.kind === 'enroll') await attempted(enroll(who));
          if (it.kind === 'leave') await attempted(client(who).call('unenroll', { params }));
          if (it.kind === 'read') await attempted(read(who));
          if (it.kind === 'watch') await attempted(watch(who, from, from + 5));
          if (it.kind === 'answer') await attempted(answer(who));
          for (const row of await db.rows('enrollments')) {
            if (row.completedAt === undefined) continue;
            const since = earned.get(String(row.userId)) ?? row.completedAt;
            earned.set(String(row.userId), since);
            expect(row.completedAt).toBe(since);
          }
        }
        await course.settle();
        expect(await course.mismatches()).toEqual([]);
        const before = [await db.rows('studentProgress'), await db.rows('enrollments')];
        await course.settle();
        expect([await db.rows('studentProgress'), await db.rows('enrollments')]).toEqual(before);
        for (const job of await db.rows('jobs')) expect(job.status).toBe('done');
      }),
      { numRuns: 20 },
    );
  });
});

describe('a recalculation that is cut off', () => {
  it('ten times while learners study ends right for every one of them', async () => {
    await course.publish(variant({ film: 20 }));
    // More than ten rounds can be through with, whomever they meet: at most 3 by the job and 6 by learning in each.
    const people = Array.from({ length: 100 }, (_, index) => `u${String(index).padStart(3, '0')}`);
    for (const userId of people) await enroll(userId);
    const third = (rest: number) => people.filter((_, index) => index % 3 === rest);
    for (const userId of third(0)) await watch(userId, 8, 18);
    for (const userId of third(1)) await read(userId);
    await course.learn();
    await course.publish(variant({ film: 10, more: 1 }));

    const studying = [...people];
    let killed = 0;
    for (let records = await course.jobs.untold(); records.length > 0;) {
      let done = 0;
      db.faults.plan(({ name }: Request) => {
        if (killed < 10 && done >= 3) return { kind: 'denied' };
        if (/Write|Put/.test(name)) done += 1;
        return undefined;
      });
      const { batchItemFailures } = await course.jobs.run({ Records: streamRecords(records) });
      db.faults.plan(() => undefined);
      if (batchItemFailures.length > 0) killed += 1;
      for (const userId of studying.splice(0, 6)) {
        await read(userId, userId < 'u030' ? 'read' : 'more0');
        await watch(userId, 0, 4);
      }
      await course.learn();
      const more = await course.jobs.untold();
      // The stream delivers again what was in flight.
      records = batchItemFailures.length > 0 ? [...records, ...more] : more;
    }
    expect(killed).toBe(10);
    await course.settle();
    expect(await course.mismatches()).toEqual([]);
    expect((await db.rows('studentProgress')).map(({ outlineVersion }) => outlineVersion)).toEqual(
      people.map(() => 2),
    );
    expect(await course.jobs.job(jobId(2))).toMatchObject({ status: 'done', done: 200, aside: 0 });
  });

  it.each(['lost', '500 after', '500 before'] as const)(
    'ends right where every other reply to a write is a %s',
    async (kind) => {
      await course.publish(variant({}));
      for (let index = 0; index < 12; index += 1) await enroll(`u${index}`);
      for (let index = 0; index < 6; index += 1) await read(`u${index}`);
      await course.learn();
      await course.publish(variant({ more: 1 }));
      let count = 0;
      db.faults.plan(({ name }) => {
        if (!/Write|Put/.test(name)) return undefined;
        count += 1;
        return count % 2 === 1 ? { kind } : undefined;
      });
      await course.settle();
      expect(await course.mismatches()).toEqual([]);
      expect(await course.jobs.job(jobId(2))).toMatchObject({ status: 'done', done: 24 });
    },
  );
});
