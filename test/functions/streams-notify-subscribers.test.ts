import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { notifySubscribers } from '../../functions/streams/notify-subscribers.ts';
import type { AdminChange, StudentChange } from '../../shared/contracts/publish.ts';
import type { UserId } from '../../shared/domain/ids.ts';
import { moveSegment, startJob, wakeSegment } from '../../shared/domain/job.ts';
import { eventsOf } from '../../shared/runtime/change-events.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import type { Publisher } from '../../shared/runtime/publisher.ts';
import * as build from '../domain/builders.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { deliver, type RecordInput, streamRecords } from '../support/streams.ts';

let db: Database;
const NOW = new Date('2026-11-22T11:00:00.000Z');

beforeAll(async () => {
  db = await startDatabase();
});
afterAll(() => db.stop());

const user = (userId: string) => build.id<UserId>(userId);

/** What was published for a batch of records. */
async function published(inputs: readonly RecordInput[], reachable = true, secondsEach = 0) {
  const students: StudentChange[] = [];
  const admins: AdminChange[] = [];
  const publisher: Publisher = {
    student: async (change) => students.push(change) > 0 && reachable,
    admin: async (change) => admins.push(change) > 0 && reachable,
  };
  const { documents, tables } = db;
  const clock = () => new Date(NOW.getTime() + students.length * secondsEach * 1000);
  const run = notifySubscribers({ documents, tables, publisher, logger: silentLog, clock });
  const calls = await deliver(run, streamRecords(inputs));
  return { students, admins, calls };
}

function enrollments(before: object | undefined, after: object): RecordInput {
  return { table: db.tables.enrollments, ...(before !== undefined && { before }), after };
}

describe('notify-subscribers', () => {
  it('tells the student and the admins of a new enrollment, once each', async () => {
    const { students, admins } = await published([
      enrollments(undefined, build.enrollment()),
      { table: db.tables.studentProgress, after: build.progress() },
    ]);
    expect(students).toHaveLength(1);
    expect(students[0]).toMatchObject({ userId: 'u1', at: NOW.toISOString(), eventId: 'event-0' });
    expect(students[0]?.rows.map(({ table, key, version }) => [table, key, version])).toEqual([
      ['enrollments', 'u1#c1', 1],
    ]);
    expect(students[0]?.views).toContain('StudentProgress');
    expect(admins.map(({ views }) => views)).toEqual([['AdminStudents']]);
  });

  it('gives up what is left of a batch while the GraphQL API hangs, so that the stream goes on', async () => {
    const learners = Array.from({ length: 40 }, (_, index) =>
      enrollments(undefined, build.enrollment({ userId: user(`u${index}`) })),
    );
    const { students, calls } = await published(learners, false, 2);
    expect(students.length).toBeLessThan(20);
    expect(calls).toBe(1);
  });

  it('tells a student of progress from studentProgress alone, for every view that shows it', async () => {
    const fromEnrollments = await published([
      enrollments(build.enrollment(), build.enrollment({ progress: 40, version: 2 })),
    ]);
    expect(fromEnrollments.students).toEqual([]);
    expect(fromEnrollments.admins).toHaveLength(1);
    const fromProgress = await published([
      {
        table: db.tables.studentProgress,
        before: build.progress(),
        after: build.progress({ totalProgress: 40, version: 2 }),
      },
    ]);
    expect(fromProgress.students.map(({ views }) => [...views].sort())).toEqual([
      ['StudentCourseDetail', 'StudentCourses', 'StudentDashboard', 'StudentProgress'],
    ]);
    expect(fromProgress.admins).toEqual([]);
  });

  it.each([
    ['nothing of a first row that only came with the enrollment', {}, 0],
    ['of a first row that says how far somebody is', { totalProgress: 12 }, 1],
    ['of a first row with an item that is complete', { completedItems: 1 }, 1],
  ])('tells a student %s', async (_rule, change, events) => {
    const after = build.progress({ totalProgress: 0, completedItems: 0, version: 1, ...change });
    const { students } = await published([{ table: db.tables.studentProgress, after }]);
    expect(students).toHaveLength(events);
  });

  it('tells a student of a status that changed', async () => {
    const { students } = await published([
      enrollments(
        build.enrollment(),
        build.enrollment({ status: 'cancelled', cancelledAt: build.START, version: 2 }),
      ),
    ]);
    expect(students[0]?.rows[0]?.values).toMatchObject({ status: 'cancelled' });
  });

  it('says nothing of what nobody sees', async () => {
    const before = build.progress({
      watchedVideos: { film: { version: 1, seconds: 3, percent: 1, completed: false } },
    });
    const after = {
      ...before,
      watchedVideos: { film: { version: 2, seconds: 4, percent: 1, completed: false } },
      version: 2,
    };
    const table = db.tables.studentProgress;
    const draft = build.outlineRow(build.outline({}));
    const { students, admins } = await published([
      { table, before, after },
      { table: db.tables.courses, after: draft },
    ]);
    expect([students, admins]).toEqual([[], []]);
  });

  it('sends one event to each learner and one to the admins for a whole batch', async () => {
    const { students, admins } = await published(
      Array.from({ length: 30 }, (_, index) => {
        const over = { userId: user(`u${index % 3}`) };
        const version = 1 + Math.floor(index / 3);
        const state = (at: number) =>
          build.enrollment({ ...over, version: at, source: at % 2 ? 'admin' : 'direct' });
        return enrollments(version === 1 ? undefined : state(version - 1), state(version));
      }),
    );
    expect(students.map(({ userId, rows }) => [userId, rows.length, rows[0]?.version])).toEqual([
      ['u0', 1, 10],
      ['u1', 1, 10],
      ['u2', 1, 10],
    ]);
    expect(admins.map(({ rows }) => rows.length)).toEqual([3]);
  });

  it('says nothing when a batch brings a row back to where it was', async () => {
    const there = build.enrollment({ progress: 10 });
    const back = build.enrollment({ version: 3, progress: 10 });
    const { admins } = await published([
      enrollments(there, build.enrollment({ version: 2, progress: 20 })),
      enrollments(build.enrollment({ version: 2, progress: 20 }), back),
    ]);
    expect(admins).toEqual([]);
  });

  it('tells the admins of aggregates and of courses, and no student', async () => {
    const shard = { scope: 'school', part: 'total#1', enrollments: 4, ...build.stamp };
    const { students, admins } = await published([
      { table: db.tables.analytics, before: shard, after: { ...shard, enrollments: 5, version: 2 } },
    ]);
    expect(admins).toHaveLength(1);
    expect([...(admins[0]?.views ?? [])].sort()).toEqual(['AdminAnalytics', 'AdminDashboard']);
    expect(admins[0]?.rows[0]?.values).toEqual({ enrollments: 5 });
    const renamed = { before: build.course(), after: build.course({ title: 'Another', version: 2 }) };
    const ofCourses = await published([{ table: db.tables.courses, ...renamed }]);
    expect(ofCourses.admins).toHaveLength(1);
    expect([...students, ...ofCourses.students]).toEqual([]);
  });

  it('tells the admins how far jobs have come, and not that a segment was woken', async () => {
    const { jobs } = db.tables;
    const { job, segments } = startJob({
      jobId: 'void-question~c1~q1~2',
      kind: 'void-question',
      parameters: {},
      segments: [{ notBefore: build.START }],
      requestedBy: 'the-admin',
      now: build.START,
      cause: build.cause,
    });
    const [segment] = segments;
    if (segment === undefined) throw new Error('no segment');
    const woken = wakeSegment(segment, job, build.START)?.segment;
    const silent = await published([{ table: jobs, before: segment, after: woken ?? {} }]);
    expect([silent.students, silent.admins]).toEqual([[], []]);
    const step = { cursor: undefined, done: 3, aside: 0, counts: { changed: 2 } };
    const moved = moveSegment(segment, job, step, build.START);
    const { students, admins } = await published([
      { table: jobs, before: segment, after: moved.segment },
      { table: jobs, before: job, after: moved.job ?? {} },
    ]);
    expect(students).toEqual([]);
    expect(admins.map(({ views }) => views)).toEqual([['AdminDashboard']]);
    expect(admins[0]?.rows).toMatchObject([
      { key: 'void-question~c1~q1~2#segment#000', version: 2, values: { status: 'done', done: 3 } },
      {
        key: 'void-question~c1~q1~2#job',
        version: 2,
        values: { status: 'done', segments: 1, stage: 1, segmentsDone: 1, done: 3, 'counts.changed': 2 },
      },
    ]);
  });

  it('passes a batch whose events cannot be published', async () => {
    const { calls, students } = await published([enrollments(undefined, build.enrollment())], false);
    expect([calls, students.length]).toEqual([1, 1]);
  });

  it('tells a row in full when its old image cannot be read, and sets aside one whose new image cannot', async () => {
    const broken = { ...build.enrollment(), status: 'asleep' };
    const { students } = await published([
      enrollments(broken, build.enrollment({ version: 2 })),
      enrollments(undefined, { ...broken, userId: user('u9') }),
    ]);
    expect(students.map(({ userId }) => userId)).toEqual(['u1']);
    expect((await db.rows('failures')).map((row) => row.consumer)).toEqual(['notify-subscribers']);
  });

  it('splits what would be too large for one event, and leaves the values out of a row that is', () => {
    const row = (key: string, text: string) => ({
      eventId: key,
      views: ['AdminStudents' as const],
      row: { table: 'enrollments', key, version: 1, removed: false, ...build.cause, values: { text } },
    });
    const events = eventsOf(
      [row('a', 'x'.repeat(600)), row('b', 'y'.repeat(600)), row('c', 'z'.repeat(5_000))],
      1_000,
    );
    expect(
      events.map(({ rows }) => rows.map(({ key, values }) => [key, Object.keys(values).length])),
    ).toEqual([
      [['a', 1]],
      [
        ['b', 1],
        ['c', 0],
      ],
    ]);
  });
});
