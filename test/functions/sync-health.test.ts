import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { measureHealth } from '../../functions/scheduled/measure-health.ts';
import { aggregateAnalytics } from '../../functions/streams/aggregate-analytics.ts';
import { notifySubscribers } from '../../functions/streams/notify-subscribers.ts';
import { projectProgress } from '../../functions/streams/project-progress.ts';
import { reactToProgress } from '../../functions/streams/react-to-progress.ts';
import { HealthRow } from '../../shared/contracts/health-rows.ts';
import type { AdminChange } from '../../shared/contracts/publish.ts';
import { HEALTH_METRICS } from '../../shared/contracts/sync-health.ts';
import { CODE_BYTES } from '../../shared/domain/certificate.ts';
import { startJob } from '../../shared/domain/job.ts';
import { FLOWS, type FlowName } from '../../shared/domain/sync-flow.ts';
import { type MetricReport, silentLog } from '../../shared/runtime/logger.ts';
import { keepFailure } from '../../shared/store/failures.ts';
import { jobPut } from '../../shared/store/jobs.ts';
import { createLagMeter, type LagMeter } from '../../shared/store/lag-meter.ts';
import { commit } from '../../shared/store/transact.ts';
import * as build from '../domain/builders.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { lagMeter } from '../support/lag.ts';
import { attemptRow, completionRow, videoRow } from '../support/rows.ts';
import { deliver, streamRecords } from '../support/streams.ts';
import { type HttpSchool, httpSchool, refusal, sent } from './http-school.ts';

let engine: Database;
let db: Database;
let school: HttpSchool;
let now: Date;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
  school = httpSchool(db);
  now = new Date('2026-11-22T10:30:00.000Z');
});

const pass = (seconds: number) => {
  now = new Date(now.getTime() + seconds * 1000);
};
const ago = (milliseconds: number) => new Date(now.getTime() - milliseconds).toISOString();
const meter = (container: string) => lagMeter(db, () => now, container);
const derived = (flow: FlowName, ...arrived: number[]): Parameters<LagMeter['keep']>[0] => ({
  stage: 'derived',
  arrived: arrived.map((milliseconds) => ({ flow, milliseconds })),
  again: [],
});

/** Runs the schedule; gives what it told CloudWatch. */
async function measure(): Promise<MetricReport[]> {
  const reports: MetricReport[] = [];
  const { documents, tables } = db;
  const logger = { ...silentLog, metrics: (_: string, report: MetricReport) => void reports.push(report) };
  await measureHealth({ documents, tables, namespace: 'Lockstep', clock: () => now, logger })();
  return reports;
}

const health = async () => (await school.admin.call('get-sync-health')).body;
const flow = async (name: FlowName) => (await health()).flows.find((each) => each.name === name);
const raw = async () => (await db.rows('measurements')).filter(({ part }) => String(part).includes('#'));

describe('A container', () => {
  it('writes at most once a second, whatever it measures, and loses nothing of it', async () => {
    const lag = meter('project-progress#1');
    for (let batch = 0; batch < 40; batch += 1) {
      await lag.keep(derived('video', 10));
      pass(0.1);
    }
    expect(sent(db).filter((name) => name === 'PutItem')).toHaveLength(4);
    pass(1);
    await lag.keep(derived('video', 10));
    expect(await raw()).toMatchObject([{ lags: { 'video.derived': { events: 41, inTime: 41 } } }]);
  });

  it('says the same twice where a reply was lost, and is not held up by what it cannot say', async () => {
    const lost: unknown[] = [];
    const { documents, tables } = db;
    const options = {
      container: 'c#1',
      clock: () => now,
      onFailure: (error: unknown) => void lost.push(error),
    };
    const lag = createLagMeter(documents, tables, options);
    db.faults.plan(({ count }) =>
      count === 1 ? { kind: 'lost' } : count === 2 ? { kind: 'throttled' } : undefined,
    );
    for (let batch = 0; batch < 3; batch += 1) {
      await lag.keep(derived('video', 10));
      pass(1);
    }
    expect(lost).toHaveLength(2);
    expect(await raw()).toMatchObject([{ lags: { 'video.derived': { events: 3 } } }]);
  });

  it('takes what it had not said into the next minute, and never counts it in both', async () => {
    const lag = meter('c#1');
    await lag.keep(derived('quiz', 10));
    pass(0.5);
    await lag.keep(derived('quiz', 20));
    pass(60);
    await lag.keep(derived('quiz', 30));
    await measure();
    expect((await raw()).map(({ slot, lags }) => [slot, lags]).sort()).toMatchObject([
      ['2026-11-22T10:30', { 'quiz.derived': { events: 1 } }],
      ['2026-11-22T10:31', { 'quiz.derived': { events: 2 } }],
    ]);
    expect((await flow('quiz'))?.derived.minutes.events).toBe(3);
  });

  it('tells how old the oldest change of its last batch was, not of its worst', async () => {
    const lag = meter('c#1');
    await lag.keep({ stage: 'derived', arrived: [], again: [{ flow: 'quiz', milliseconds: 9000 }] });
    pass(2);
    await lag.keep(derived('quiz', 40));
    await measure();
    expect((await flow('quiz'))?.waiting).toEqual({ retrying: 1, oldest: 40 });
  });
});

describe('measure-health', () => {
  it('joins what all containers measured, however often it runs', async () => {
    await Promise.all(
      Array.from({ length: 9 }, (_, index) => meter(`c#${index}`).keep(derived('progress', 100, 200, 900))),
    );
    for (let run = 0; run < 3; run += 1) {
      await measure();
      expect((await flow('progress'))?.derived).toMatchObject({
        minutes: { events: 27 },
        day: { events: 27 },
      });
      pass(20);
    }
    const { minutes } = (await flow('progress'))!.derived;
    expect(Math.abs(minutes.p50! - 200)).toBeLessThan(20);
    expect(Math.abs(minutes.p99! - 900)).toBeLessThan(90);
  });

  it('forgets after a quarter of an hour what was lately, and after a day what was in it', async () => {
    await meter('c#1').keep(derived('video', 100));
    await measure();
    pass(14 * 60);
    await measure();
    expect((await flow('video'))?.derived).toMatchObject({ minutes: { events: 1 }, day: { events: 1 } });
    pass(60);
    await measure();
    expect((await flow('video'))?.derived).toMatchObject({
      minutes: { events: 0, p50: null },
      day: { events: 1 },
    });
    pass(22 * 3600);
    await measure();
    expect((await flow('video'))?.derived.day.events).toBe(1);
    pass(2 * 3600);
    await measure();
    expect((await flow('video'))?.derived.day.events).toBe(0);
  });

  it('makes up for runs that were missed', async () => {
    await meter('c#1').keep(derived('video', 100));
    pass(10 * 60);
    await measure();
    expect((await flow('video'))?.derived).toMatchObject({ minutes: { events: 1 }, day: { events: 1 } });
  });

  it('asks as little of a large school as of a small one', async () => {
    await measure();
    pass(60);
    db.faults.clear();
    await measure();
    const small = sent(db).length;
    const { documents, tables } = db;
    for (let index = 0; index < 60; index += 1) {
      await meter(`c#${index}`).keep(derived(FLOWS[index % FLOWS.length]!, 100 * index));
      const record = { table: tables.videoProgress, eventId: `e${index}`, raw: {} };
      await keepFailure(documents, tables, { consumer: 'project-progress', record, reason: 'none' }, now);
    }
    pass(60);
    db.faults.clear();
    await measure();
    expect(sent(db)).toHaveLength(small);
    expect(small).toBeLessThan(16);
    db.faults.clear();
    expect(await flow('video')).toMatchObject({ setAside: 60 });
    expect(sent(db)).toEqual(['GetItem']);
  });

  it('tells CloudWatch the figures that admins read', async () => {
    await meter('c#1').keep(derived('quiz', 100, 2000));
    const reports = await measure();
    const quiz = reports.find(({ dimensions }) => dimensions.Flow === 'quiz');
    const { derived: lag, score } = (await flow('quiz'))!;
    expect(quiz).toMatchObject({ namespace: 'Lockstep', at: now });
    expect(Object.keys(quiz?.metrics ?? {})).toEqual(HEALTH_METRICS);
    expect(quiz?.metrics).toMatchObject({
      DerivedP50: ['Milliseconds', lag.minutes.p50],
      DerivedP99: ['Milliseconds', lag.minutes.p99],
      PublishedP50: ['Milliseconds', null],
      Events: ['Count', 2],
      Score: ['Percent', 50],
    });
    expect(score).toBe(50);
    const all = reports.find(({ dimensions }) => dimensions.Flow === 'all');
    expect(all?.metrics).toEqual({ Score: ['Percent', (await health()).score], SetAside: ['Count', 0] });
    expect(reports).toHaveLength(FLOWS.length + 1);
  });

  /** A job with what it counted. */
  async function job(kind: string, number: number, over: object) {
    const at = ago(1000 * (100 - number));
    const { job: started } = startJob({
      jobId: `${kind}~${number}`,
      kind,
      parameters: {},
      segments: [{}],
      requestedBy: 'the-admin',
      now: at,
      cause: build.cause,
    });
    await commit(db.plain, [jobPut(db.tables, undefined, { ...started, endedAt: at, ...over })]);
    return at;
  }

  it('has the drift of the newest reconciliation or migration that came to its end, and none before there was one', async () => {
    await measure();
    expect((await flow('video'))?.drift).toBeNull();
    await job('reconcile', 1, { status: 'done', counts: { 'video.checked': 9, 'video.wrong': 9 } });
    const at = await job('reconcile', 2, {
      status: 'done',
      counts: { 'video.checked': 10, 'video.missing': 1, 'video.wrong': 2, 'video.repaired': 2 },
    });
    await job('reconcile', 3, { status: 'stopped', counts: { 'video.checked': 5 } });
    await job('recalculate-course', 4, { status: 'done', counts: { 'video.checked': 5 } });
    await measure();
    const drift = { checked: 10, missing: 1, wrong: 2, orphaned: 0, repaired: 2, at };
    expect(await flow('video')).toMatchObject({ drift, score: 90 });
    expect((await health()).scores).toContainEqual({ name: 'Video Progress', score: 90 });

    const migrated = await job('migrate', 5, {
      status: 'done',
      parameters: { repair: true },
      counts: { 'video.checked': 10 },
      aside: 10,
    });
    await job('migrate', 6, { status: 'done', parameters: { repair: false }, counts: {} });
    await measure();
    const all = { checked: 10, missing: 0, wrong: 0, orphaned: 0, repaired: 0, at: migrated };
    expect(await flow('video')).toMatchObject({ drift: all, score: 50 });

    // So many jobs later that the list does not reach back to it.
    for (let number = 10; number < 111; number += 1) await job('recalculate-course', number, {});
    await measure();
    expect((await flow('video'))?.drift).toEqual(all);
  });
});

describe('Who measures', () => {
  const beat = (over: object = {}) => videoRow(build.watched('film', [[0, 5]], over));

  /** A learner whom facts can be projected for. */
  async function learner() {
    const outline = build.outline({ basics: [build.video('film'), build.quiz('q')] });
    const rows = {
      courses: [build.course(), build.outlineRow(outline, { part: 'outline#000001' })],
      enrollments: [build.enrollment()],
      studentProgress: [build.progress()],
    } as const;
    for (const [table, items] of Object.entries(rows)) {
      for (const item of items) {
        await db.plain.send(
          new PutCommand({ TableName: db.tables[table as keyof typeof rows], Item: { ...item } }),
        );
      }
    }
  }
  const projection = () => {
    const { documents, tables } = db;
    const settling = { sleep: async () => {} };
    const lag = meter('project-progress#1');
    return projectProgress({ documents, tables, logger: silentLog, clock: () => now, settling, lag });
  };

  it('counts a fact in the flow of what the learner did, from when its row was written', async () => {
    await learner();
    const { videoProgress, quizAttempts, chapterCompletions } = db.tables;
    const old = { causedAt: ago(5 * 3_600_000) };
    await deliver(
      projection(),
      streamRecords([
        { table: videoProgress, after: beat({ updatedAt: ago(400), ...old }) },
        { table: quizAttempts, after: attemptRow(build.attempt('q', 1, 90, { updatedAt: ago(800) })) },
        {
          table: chapterCompletions,
          after: completionRow(build.completion('basics', { updatedAt: ago(90) })),
        },
      ]),
    );
    await measure();
    for (const [name, milliseconds] of [
      ['video', 400],
      ['quiz', 800],
      ['progress', 90],
    ] as const) {
      const { minutes } = (await flow(name))!.derived;
      expect(minutes.events).toBe(1);
      expect(Math.abs(minutes.p50! - milliseconds) / milliseconds).toBeLessThan(0.1);
    }
  });

  it('counts what failed as coming again, and as arrived once it has', async () => {
    await learner();
    const run = projection();
    const records = streamRecords([{ table: db.tables.videoProgress, after: beat({ updatedAt: ago(100) }) }]);
    db.faults.plan(({ name }) => (name === 'BatchGetItem' ? { kind: 'denied' } : undefined));
    await run({ Records: records }).catch(() => undefined);
    db.faults.plan(() => undefined);
    await measure();
    expect(await flow('video')).toMatchObject({
      waiting: { retrying: 1, oldest: 100 },
      derived: { minutes: { events: 0 } },
    });
    pass(3);
    await deliver(run, records);
    await measure();
    expect(await flow('video')).toMatchObject({ derived: { minutes: { events: 1 } } });
    expect((await flow('video'))?.waiting.oldest).toBe(3100);
  });

  it('counts what it sets aside neither as arrived nor as coming again', async () => {
    const record = { table: db.tables.videoProgress, after: { userId: 'u1', updatedAt: ago(100) } };
    await deliver(projection(), streamRecords([record]));
    expect(await raw()).toEqual([]);
    await measure();
    expect(await flow('video')).toMatchObject({ setAside: 1, waiting: { retrying: 0 } });
    expect(await health()).toMatchObject({ setAside: { waiting: 1, more: false } });
  });

  it('counts a certificate with its news once it is written, and what called for nothing not at all', async () => {
    await learner();
    const { documents, tables } = db;
    const given = {
      documents,
      tables,
      logger: silentLog,
      clock: () => now,
      lag: meter('react-to-progress#1'),
    };
    const run = reactToProgress({ ...given, random: () => new Uint8Array(CODE_BYTES) });
    const row = (over: object) => ({
      table: tables.studentProgress,
      after: build.progress({ updatedAt: ago(300), ...over }),
    });
    const completed = row({ totalProgress: 100, completedAt: ago(300), version: 7 });
    for (let delivery = 0; delivery < 2; delivery += 1) {
      await deliver(run, streamRecords([row({ version: 6 }), completed]));
      pass(2);
    }
    await measure();
    for (const name of ['certificates', 'notifications'] as const) {
      expect((await flow(name))?.derived.minutes.events).toBe(1);
    }
  });

  it('counts what moves the figures of the admins in the flow that it came by', async () => {
    const { documents, tables } = db;
    const given = { documents, tables, shards: 1, logger: silentLog, clock: () => now, lag: meter('a#1') };
    const updatedAt = ago(200);
    await deliver(
      aggregateAnalytics(given),
      streamRecords([
        { table: tables.enrollments, after: build.enrollment({ updatedAt }) },
        { table: tables.accessRequests, after: build.accessRequest({ updatedAt }) },
        { table: tables.chapterCompletions, after: completionRow(build.completion('basics', { updatedAt })) },
        // Who was let in has no request any more: nothing says when it went.
        { table: tables.accessRequests, before: build.accessRequest({ updatedAt }) },
      ]),
    );
    await measure();
    for (const name of ['enrollment', 'requests', 'analytics'] as const) {
      expect((await flow(name))?.derived.minutes.events).toBe(1);
    }
  });

  /** What admins are told of records, and whether they are reached. */
  async function notify(records: Parameters<typeof streamRecords>[0], reachable = true) {
    const admins: AdminChange[] = [];
    const { documents, tables } = db;
    const publisher = {
      student: async () => reachable,
      admin: async (change: AdminChange) => admins.push(change) > 0 && reachable,
    };
    const lag = meter(`notify-subscribers#${Math.abs(now.getTime())}`);
    const given = { documents, tables, publisher, logger: silentLog, clock: () => now, lag };
    await deliver(notifySubscribers(given), streamRecords(records));
    return admins;
  }

  it('counts a learner told of progress from what the learner did, and not where nobody was reached', async () => {
    const before = build.progress();
    const after = build.progress({
      quizAttempts: { q: {} },
      totalProgress: 50,
      version: 2,
      causedAt: ago(600),
      updatedAt: ago(100),
    });
    const record = { table: db.tables.studentProgress, before, after };
    await notify([record], false);
    await measure();
    expect((await flow('quiz'))?.published.minutes.events).toBe(0);
    await notify([record]);
    await measure();
    const { minutes } = (await flow('quiz'))!.published;
    expect(minutes.events).toBe(1);
    expect(Math.abs(minutes.p50! - 600)).toBeLessThan(60);
  });

  it('takes neither a repaired row nor a course that changed for hours on the way', async () => {
    const repaired = build.progress({
      totalProgress: 50,
      version: 2,
      causedAt: ago(5 * 3_600_000),
      updatedAt: ago(100),
    });
    const recalculated = { ...repaired, userId: 'u2', outlineVersion: 9, causedAt: ago(60_000) };
    await notify([
      { table: db.tables.studentProgress, before: build.progress(), after: repaired },
      {
        table: db.tables.studentProgress,
        before: { ...build.progress(), userId: 'u2' },
        after: recalculated,
      },
    ]);
    await measure();
    const { minutes } = (await flow('progress'))!.published;
    expect(minutes.events).toBe(1);
    expect(Math.abs(minutes.p99! - 100)).toBeLessThan(10);
  });

  it('tells the admins of new figures, once, and of nothing that nobody would see', async () => {
    const row = async () => HealthRow.parse((await db.rows('health'))[0]);
    await meter('c#1').keep(derived('quiz', 100));
    await measure();
    const first = await row();
    const told = await notify([{ table: db.tables.health, after: first }]);
    expect(told).toMatchObject([{ views: ['AdminDashboard'], rows: [{ table: 'health', key: 'school' }] }]);
    expect(told[0]?.rows[0]?.values).toMatchObject({
      score: 100,
      'quiz.score': 100,
      'quiz.derived.p50': (await flow('quiz'))?.derived.minutes.p50,
    });

    pass(60);
    await measure();
    const second = await row();
    expect(second.version).toBe(first.version + 1);
    expect(await notify([{ table: db.tables.health, before: first, after: second }])).toEqual([]);
  });
});

describe('GET /admin/sync-health', () => {
  it('has every flow, with nothing where nothing was measured yet', async () => {
    const body = await health();
    expect(body).toMatchObject({ measuredAt: null, score: null, setAside: { waiting: 0, more: false } });
    expect(body.flows.map(({ name }) => name)).toEqual(FLOWS);
    expect(body.scores.map(({ score }) => score)).toEqual(body.scores.map(() => null));
  });

  it('says when it was measured', async () => {
    await measure();
    expect((await health()).measuredAt).toBe(now.toISOString());
  });

  it('is for admins', async () => {
    expect(await refusal(school.student('ann').call('get-sync-health'))).toBe('forbidden');
  });

  /** What is told of the last minutes at `now`. */
  const history = async (minutes: number) => {
    school.now = now;
    return (await school.admin.call('get-sync-health', { query: { minutes } })).body.history;
  };

  it('tells of no minutes where nobody asks for them, and of none before something was measured', async () => {
    expect(await history(60)).toEqual([]);
    await measure();
    expect(await health()).not.toHaveProperty('history');
  });

  it('tells how each of the last minutes was, oldest first, with the scores of that time', async () => {
    await meter('c#1').keep(derived('video', 100, 100));
    await measure();
    pass(60);
    await meter('c#1').keep(derived('video', 3000, 3000));
    await meter('c#2').keep({ ...derived('quiz', 50), stage: 'published' });
    await measure();

    const [before, after, ...others] = (await history(60))?.slice(-2) ?? [];
    expect(others).toEqual([]);
    expect(before).toMatchObject({
      at: '2026-11-22T10:30:00.000Z',
      score: 100,
      flows: [{ name: 'video', derived: { events: 2 }, published: { events: 0, p50: null } }],
    });
    expect(Math.abs((before?.flows[0]?.derived.p50 ?? 0) - 100)).toBeLessThan(10);
    const { score, scores } = await health();
    expect(after).toMatchObject({ at: '2026-11-22T10:31:00.000Z', score, scores });
    expect(after?.flows.map(({ name }) => name)).toEqual(['video', 'quiz']);
    expect(Math.abs((after?.flows[0]?.derived.p99 ?? 0) - 3000)).toBeLessThan(300);
    expect(score).toBeLessThan(100);
  });

  it('has a minute once, whatever was measured again in it, and none that is older than asked for', async () => {
    for (let run = 0; run < 6; run += 1) {
      await measure();
      pass(30);
    }
    pass(-30);
    const minutes = async (asked: number) => (await history(asked))?.map(({ at }) => at.slice(11, 16));
    expect(await minutes(2)).toEqual(['10:31', '10:32']);
    expect((await minutes(180))?.slice(-3)).toEqual(['10:30', '10:31', '10:32']);
    expect(new Set(await minutes(180)).size).toBe((await minutes(180))?.length);
  });

  it('asks as little for many minutes of many flows as for one of none', async () => {
    await measure();
    const asked = async (minutes: number) => {
      db.faults.clear();
      await history(minutes);
      return sent(db).sort();
    };
    expect(await asked(1)).toEqual(['GetItem', 'Query', 'Query']);
    for (const minute of Array.from({ length: 12 }, (_, index) => index)) {
      const arrived = Array.from({ length: 40 }, (_, index) => 1.16 ** index + minute);
      await Promise.all(FLOWS.map((name) => meter(`c#${name}`).keep(derived(name, ...arrived))));
      await measure();
      pass(60);
    }
    pass(-60);
    expect(await asked(60)).toEqual(['GetItem', 'Query', 'Query']);
    expect(await history(60)).toHaveLength(26);
  });

  it('refuses more minutes than are kept', async () => {
    expect(await refusal(school.admin.call('get-sync-health', { query: { minutes: 181 } }))).toBe(
      'invalid_request',
    );
    expect(await refusal(school.admin.call('get-sync-health', { query: { minutes: 0 } }))).toBe(
      'invalid_request',
    );
  });
});
