import { BatchWriteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testMismatches } from '../../commands/consistency/naive-tests.ts';
import { readTables } from '../../commands/consistency/read-tables.ts';
import { type FlowName, scoreOf } from '../../shared/domain/sync-flow.ts';
import { TABLES, type Table } from '../../shared/store/keys.ts';
import { migrateJob } from '../../shared/store/migrate-job.ts';
import { MIGRATE, MIGRATE_STAGES } from '../../shared/store/migrate-stages.ts';
import { IN_STEP, type LegacySchool, legacySchool } from '../fixtures/legacy-school.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { legacyScore } from '../support/legacy-score.ts';
import { streamRecords } from '../support/streams.ts';
import { httpSchool } from '../functions/http-school.ts';
import { cause, type JobRunner, jobRunner } from '../functions/job-runner.ts';

let engine: Database;
let db: Database;
let jobs: JobRunner;

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(open);

async function open() {
  db = await engine.fresh();
  jobs = jobRunner(db, {
    [MIGRATE]: migrateJob(db.documents, db.tables, {
      now: () => jobs.now,
      settling: { sleep: async () => {} },
    }),
  });
}

async function fill(school: LegacySchool): Promise<void> {
  for (const [table, rows] of Object.entries(school)) {
    const name = db.tables[table as Table];
    for (let start = 0; start < rows.length; start += 25) {
      const puts = rows.slice(start, start + 25).map((Item) => ({ PutRequest: { Item } }));
      await db.plain.send(new BatchWriteCommand({ RequestItems: { [name]: puts } }));
    }
  }
}

/** Starts it and runs it to its end; gives its row. */
async function migrate({ dryRun = false, causedBy = 'migration-1' } = {}) {
  await start({ dryRun, causedBy });
  await jobs.flow();
  return jobs.job(jobId());
}

async function start({ dryRun = false, causedBy = 'migration-1' } = {}) {
  jobs.pass(1);
  const [first, ...later] = MIGRATE_STAGES;
  await jobs.start({
    jobId: jobId(),
    kind: MIGRATE,
    parameters: { repair: !dryRun },
    segments: Array.from({ length: first.segments }, () => ({})),
    later,
    cause: { ...cause, causedBy },
  });
}

/** One job for a moment. */
function jobId(): string {
  return `${MIGRATE}~${jobs.now.toISOString()}`;
}

const BOOKKEEPING: readonly Table[] = ['jobs', 'failures'];

/** All rows of the school, in an order of their own. */
async function everything(): Promise<Record<string, string[]>> {
  const kept: Record<string, string[]> = {};
  for (const table of TABLES) {
    if (BOOKKEEPING.includes(table)) continue;
    kept[table] = (await db.rows(table)).map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();
  }
  return kept;
}

async function whole(): Promise<Record<string, unknown>> {
  const rows: Record<string, unknown> = {};
  for (const table of TABLES) if (!BOOKKEEPING.includes(table)) rows[table] = await db.rows(table);
  return rows;
}

const WRITES = ['PutItem', 'TransactWriteItems', 'DeleteItem', 'UpdateItem', 'BatchWriteItem'];
/** Writes to the school itself: the job moves its own rows all the time. */
const writes = () =>
  db.faults.requests.filter(
    ({ name, input }) => WRITES.includes(name) && !JSON.stringify(input).includes(`"${db.tables.jobs}"`),
  );

const put = (table: Table, Item: Record<string, unknown>) =>
  db.plain.send(new PutCommand({ TableName: db.tables[table], Item }));

describe('a legacy school', () => {
  it('fits the schemas of today after the migration, and its question bank is in step', async () => {
    const school = legacySchool({ seed: 1, learners: 40 });
    await fill(school);
    const job = await migrate();
    expect(await db.rows('failures')).toEqual([]);
    expect(job).toMatchObject({ status: 'done', aside: 0 });
    for (const [table, rows] of Object.entries(school)) {
      expect(job.counts[`${table}.migrated`], table).toBeGreaterThanOrEqual(rows.length);
    }
    const tables = await readTables(db.plain, (name) => db.tables[name as Table]);
    expect(tables.enrollments).toHaveLength(school.enrollments?.length ?? 0);
    expect(testMismatches(tables)).toEqual([]);
  });

  it("is in step as far as the requirement's scores say", async () => {
    await fill(legacySchool({ seed: 7, learners: 150 }));
    await migrate();
    const flows = await legacyScore(db);
    const share = (...names: FlowName[]) => scoreOf(flows.filter(({ name }) => names.includes(name))) ?? -1;
    const near = (score: number, part: number) => {
      expect(Math.abs(score - 100 * part)).toBeLessThanOrEqual(1.5);
    };
    near(share('enrollment'), IN_STEP.enrollment);
    near(share('progress'), IN_STEP.progress);
    near(share('requests'), IN_STEP.requests);
    near(share('video'), IN_STEP.video);
    near(share('quiz'), IN_STEP.quiz);
    near(share('qbank'), IN_STEP.qbank);
    near(share('analytics', 'certificates', 'notifications'), IN_STEP.crossApp);
    near(scoreOf(flows) ?? -1, IN_STEP.overall);
  });

  it('is counted by a dry run, which writes nothing', async () => {
    const school = legacySchool({ seed: 2, learners: 15 });
    await fill(school);
    await put('enrollments', { userId: 'odd', courseId: 'anatomy', status: 'paused' });
    const before = await everything();
    db.faults.clear();
    const job = await migrate({ dryRun: true });
    expect(writes()).toEqual([]);
    expect(await everything()).toEqual(before);
    expect(await db.rows('failures')).toEqual([]);
    for (const [table, rows] of Object.entries(school)) {
      expect(job.counts[`${table}.migrated`], table).toBe(rows.length);
    }
    expect(job.counts['enrollments.aside']).toBe(1);
  });

  it('is written once: a second run writes nothing', async () => {
    const school = legacySchool({ seed: 3, learners: 15 });
    await fill(school);
    await migrate();
    const before = await whole();
    db.faults.clear();
    const job = await migrate({ causedBy: 'migration-2' });
    expect(writes()).toEqual([]);
    expect(await whole()).toEqual(before);
    expect(Object.keys(job.counts).filter((name) => !name.endsWith('.already'))).toEqual([]);
    expect(job.counts['enrollments.already']).toBe(school.enrollments?.length);
  });

  it('comes out the same wherever the job was cut off', async () => {
    const school = legacySchool({ seed: 4, learners: 4 });
    await fill(school);
    await migrate();
    const ends = await facts();
    const all = writes().length;
    expect(all).toBeGreaterThan(20);
    const step = Math.ceil(all / 8);
    for (let most = 0; most < all; most += step) {
      await open();
      await fill(school);
      await start();
      let done = 0;
      db.faults.plan(({ name }) => {
        if (done >= most) return { kind: 'denied' };
        if (WRITES.includes(name)) done += 1;
        return undefined;
      });
      await jobs.run({ Records: streamRecords(await jobs.untold()) });
      db.faults.clear();
      jobs.pass(3600);
      await jobs.wake();
      await jobs.flow();
      await migrate({ causedBy: 'migration-2' });
      expect(await facts(), `${most} of ${all}`).toEqual(ends);
      expect(testMismatches(await readTables(db.plain, (name) => db.tables[name as Table]))).toEqual([]);
    }
  });

  /** Questions are numbered in the order in which they are met: who comes first is chance. */
  const CHANCE = ['updatedAt', 'causedBy', 'ordinal', 'seen', 'solved'];

  /** What rows say, without when and by which run it was written. */
  async function facts() {
    const rows = await whole();
    return JSON.parse(
      JSON.stringify(rows, (name, value: unknown) => (CHANCE.includes(name) ? undefined : value)),
    ) as unknown;
  }
});

describe('the migration', () => {
  const ann = { userId: 'ann', courseId: 'c' };
  const course = {
    courseId: 'c',
    part: 'course',
    title: 'C',
    status: 'Active',
    chapters: [
      { id: 'one', title: 'One' },
      { id: 'two', title: 'Two', video: { id: 'film', duration: 100 } },
    ],
  };

  it('sets aside what it cannot read, counts it, and brings the rest', async () => {
    await put('courses', course);
    await put('enrollments', { ...ann, status: 'paused' });
    await put('studentProgress', { ...ann, completedChapters: ['one'], lastUpdated: '2025-03-01T10:00:00Z' });
    await put('quizAttempts', { userId: 'ann', attempt: 'c#quiz#first', score: 3 });
    await put('enrollments', { userId: 'ben', courseId: 'c', status: 'active' });
    const job = await migrate();
    expect(job).toMatchObject({ status: 'done', aside: 2 });
    expect(job.counts).toMatchObject({
      'enrollments.aside': 1,
      'enrollments.migrated': 1,
      'studentProgress.migrated': 1,
      'quizAttempts.aside': 1,
    });
    expect((await db.rows('failures')).map(({ reason }) => reason)).toEqual(
      expect.arrayContaining([expect.stringContaining('status'), expect.stringContaining('attempt')]),
    );
    expect((await db.rows('enrollments')).find(({ userId }) => userId === 'ann')).toEqual({
      ...ann,
      status: 'paused',
    });
    expect(await db.rows('chapterCompletions')).toHaveLength(1);
  });

  it('decides again where a row has changed since it was read', async () => {
    await put('courses', course);
    await put('enrollments', { ...ann, status: 'active', note: 'old' });
    let late = true;
    db.faults.plan(async ({ name, input }) => {
      if (!late || !WRITES.includes(name) || !JSON.stringify(input).includes(db.tables.enrollments))
        return undefined;
      late = false;
      await put('enrollments', { ...ann, status: 'cancelled', note: 'new' });
      return undefined;
    });
    await migrate();
    expect(late).toBe(false);
    expect(await db.rows('enrollments')).toMatchObject([{ status: 'cancelled', note: 'new', version: 1 }]);
  });

  it('lets who is migrated study on while it runs', async () => {
    await put('courses', course);
    await put('enrollments', { ...ann, status: 'active' });
    await put('studentProgress', { ...ann, completedChapters: ['one'], lastUpdated: 1_740_000_000 });
    await put('quizAttempts', { userId: 'ann', attempt: 'c#quiz#0001', score: 70 });
    const student = httpSchool(db).student('ann');
    let studied = false;
    db.faults.plan(async ({ name, input }) => {
      if (studied || name !== 'PutItem' || input.TableName !== db.tables.quizAttempts) return undefined;
      studied = true;
      await student.call('complete-chapter', { params: { courseId: 'c', chapterId: 'two' } });
      return undefined;
    });
    const job = await migrate();
    expect(studied).toBe(true);
    expect(job).toMatchObject({ status: 'done', aside: 0 });
    const before = await whole();
    expect(before.chapterCompletions).toHaveLength(2);
    await migrate({ causedBy: 'migration-2' });
    expect(await whole()).toEqual(before);
  });

  it('leaves alone what is of today already, also beside what is not', async () => {
    await put('courses', course);
    await put('enrollments', { ...ann, status: 'active' });
    const chapter = {
      userId: 'ann',
      completion: 'c#one',
      courseId: 'c',
      chapterId: 'one',
      completedAt: '2026-01-01T00:00:00.000Z',
      version: 4,
      updatedAt: '2026-01-01T00:00:00.000Z',
      ...cause,
    };
    await put('chapterCompletions', chapter);
    await put('studentProgress', {
      ...ann,
      completedChapters: new Set(['one', 'two']),
      lastUpdated: 1_740_000_000,
    });
    await migrate();
    expect(await db.rows('chapterCompletions')).toEqual(
      expect.arrayContaining([chapter, expect.objectContaining({ chapterId: 'two', version: 1 })]),
    );
    const [progress] = await db.rows('studentProgress');
    expect(progress?.completedChapters).toMatchObject({ one: { version: 4 }, two: { version: 1 } });
  });

  it('keeps a video that was ticked off as watched, whole', async () => {
    await put('courses', course);
    await put('enrollments', { ...ann, status: 'active' });
    await put('videoProgress', { userId: 'ann', video: 'c#film', watchedSeconds: 12, note: 'kept' });
    await put('studentProgress', {
      ...ann,
      completedChapters: [],
      watchedVideos: ['film', 'gone'],
      lastUpdated: 1,
    });
    await migrate();
    expect(await db.rows('videoProgress')).toMatchObject([{ intervals: [[0, 100]], note: 'kept' }]);
    expect(await db.rows('studentProgress')).toMatchObject([
      { watchedVideos: { film: { seconds: 100, completed: true } }, unknownVideos: ['gone'] },
    ]);
  });

  it('makes a row for a student who has none', async () => {
    await put('courses', course);
    await put('enrollments', { ...ann, status: 'active', enrollmentDate: '2025-01-02T03:04:05Z' });
    await put('students', { userId: 'eve', name: 'Eve', createdAt: '2025-01-01' });
    await migrate();
    expect(
      (await db.rows('students')).sort((one, other) => (String(one.userId) < String(other.userId) ? -1 : 1)),
    ).toMatchObject([
      { userId: 'ann', joinedAt: '2025-01-02T03:04:05.000Z' },
      { userId: 'eve', nameKey: 'eve', newcomerSince: '2025-01-01' },
    ]);
  });

  it('spells the status of a course of today anew', async () => {
    await put('courses', course);
    await migrate();
    const [row] = (await db.rows('courses')).filter(({ part }) => part === 'course');
    expect(row).toMatchObject({ status: 'published', outlineVersion: 1 });
    await put('courses', { ...row, status: 'Published' });
    await migrate({ causedBy: 'migration-2' });
    expect((await db.rows('courses')).find(({ part }) => part === 'course')).toMatchObject({
      status: 'published',
      version: 2,
    });
  });
});
