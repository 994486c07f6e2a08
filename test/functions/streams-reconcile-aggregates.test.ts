import { DeleteCommand, PutCommand, TransactWriteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { entriesOf, type LedgerEntry } from '../../shared/domain/contribution.ts';
import type { CourseId, UserId } from '../../shared/domain/ids.ts';
import { qbankEntriesOf } from '../../shared/domain/qbank-contribution.ts';
import { aggregateStages } from '../../shared/store/aggregate-job.ts';
import {
  COMPARE_SEGMENTS,
  CUT_SETTLES_SECONDS,
  TALLY_SEGMENTS,
} from '../../shared/store/reconcile-stages.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { JobKind } from '../../shared/store/jobs.ts';
import { CUT_KEY } from '../../shared/store/keys.ts';
import { applyEntries } from '../../shared/store/ledger.ts';
import * as build from '../domain/builders.ts';
import { completedTest, result } from '../domain/qbank-builders.ts';
import { type Database, startDatabase } from '../support/database.ts';
import type { Fault } from '../support/faults.ts';
import { type JobRunner, jobRunner } from './job-runner.ts';

let engine: Database;
let db: Database;
let jobs: JobRunner;
const SHARDS = 2;
const settling = { sleep: async () => {} };
const RUNS = 8;
const NOW = () => new Date('2026-11-22T10:00:00.000Z');

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  await begin();
});

async function begin() {
  db = await engine.fresh();
  const stages = aggregateStages(db.documents, db.tables, {
    shards: SHARDS,
    now: () => jobs.now,
    settling,
    rowsOfStep: 3,
  });
  const kinds: readonly JobKind[] = [stages.cut, stages.tally, stages.compare, stages.close];
  const toy: JobKind = (task) => {
    const kind = kinds[task.stage - 1];
    if (kind === undefined) throw new Error('no such stage');
    return kind(task);
  };
  jobs = jobRunner(db, { toy });
  for (const userId of USERS) {
    await db.plain.send(
      new PutCommand({ TableName: db.tables.students, Item: build.student({ userId: user(userId) }) }),
    );
  }
}

const USERS = ['u1', 'u2', 'u3', 'u4'];
const user = (userId: string) => build.id<UserId>(userId);

const start = (jobId: string, parameters: Record<string, boolean> = {}) =>
  jobs.start({
    jobId,
    parameters,
    later: [
      { segments: TALLY_SEGMENTS, afterSeconds: CUT_SETTLES_SECONDS },
      { segments: COMPARE_SEGMENTS },
      { segments: 1 },
    ],
  });

/** Runs a job to its end, over waits and failures. */
async function reconcile(jobId: string, parameters: Record<string, boolean> = {}) {
  await start(jobId, parameters);
  return finish(jobId);
}

async function finish(jobId: string) {
  for (let rounds = 0; rounds < 30; rounds += 1) {
    await jobs.flow();
    const job = await jobs.job(jobId);
    if (job.status !== 'running') return job;
    jobs.pass(3600);
    await jobs.wake();
  }
  throw new Error('The job never ends');
}

/** What one thing that people do says to the ledger; a version of a row says one thing only. */
function entriesIn(kind: string, userId: string, version: number): LedgerEntry[] {
  const over = { userId: user(userId), version };
  if (kind === 'enrollment') {
    const status = version % 3 === 0 ? 'cancelled' : 'active';
    return entriesOf('enrollments', build.enrollment({ ...over, status, progress: (version * 20) % 101 }));
  }
  if (kind === 'attempt') return entriesOf('quizAttempts', build.attempt('q', 1, (version * 7) % 100, over));
  if (kind === 'film') {
    return entriesOf('videoProgress', build.watched('film', [[0, version * 50]], over));
  }
  const results = ['x', 'y'].map((questionId) => result(questionId, { correct: version % 2 === 0 }));
  return qbankEntriesOf('qbankTests', completedTest(results, over));
}

const KINDS = ['enrollment', 'attempt', 'film', 'test'];

async function apply(entries: readonly LedgerEntry[], documents: Documents = db.plain, random = Math.random) {
  const options = { shards: SHARDS, now: NOW, settling, random };
  const { failure } = await applyEntries(documents, db.tables, entries, options);
  if (failure !== undefined) throw failure.error;
}

async function populate() {
  for (const shard of [0, 0.9]) {
    const of = USERS.filter((_, index) => index % 2 === (shard === 0 ? 0 : 1));
    const entries = of.flatMap((userId) => KINDS.flatMap((kind) => entriesIn(kind, userId, 1)));
    await apply(entries, db.plain, () => shard);
  }
}

type Figures = Record<string, Record<string, number>>;

function withoutZeros(sums: Figures): Figures {
  return Object.fromEntries(
    Object.entries(sums)
      .map(([name, sum]): [string, Record<string, number>] => [
        name,
        Object.fromEntries(Object.entries(sum).filter(([, value]) => value !== 0)),
      ])
      .filter(([, sum]) => Object.keys(sum).length > 0),
  );
}

const plus = (sums: Figures, aggregate: string, metric: string, value: number) => {
  const sum = (sums[aggregate] ??= {});
  sum[metric] = (sum[metric] ?? 0) + value;
};

async function ledgerSums(): Promise<Figures> {
  const sums: Figures = {};
  for (const { contribution } of await db.rows('ledger')) {
    for (const [aggregate, metrics] of Object.entries(contribution as Figures)) {
      for (const [metric, value] of Object.entries(metrics)) plus(sums, aggregate, metric, value);
    }
  }
  return withoutZeros(sums);
}

async function shardRows() {
  return [...(await db.rows('analytics')), ...(await db.rows('qbankQuestionStatistics'))];
}

async function shardSums(): Promise<Figures> {
  const sums: Figures = {};
  for (const { scope, part, version: _version, ...rest } of await shardRows()) {
    for (const [metric, value] of Object.entries(rest)) {
      if (typeof value === 'number')
        plus(sums, `${String(scope)}|${String(part).replace(/#\d+$/, '')}`, metric, value);
    }
  }
  return withoutZeros(sums);
}

const drifts = (counts: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(counts).filter(([name, count]) => !/checked|cuts/.test(name) && count > 0),
  );

describe('aggregates compared with their ledger', () => {
  it('are left alone where nothing is wrong, and each is counted once', async () => {
    await populate();
    const before = [await db.rows('ledger'), await shardRows()];
    const aggregates = Object.keys(await ledgerSums());
    const job = await reconcile('toy~1');
    expect(job).toMatchObject({ status: 'done', stage: 4, segmentsFailed: 0 });
    expect(drifts(job.counts)).toEqual({});
    expect((job.counts['analytics.checked'] ?? 0) + (job.counts['qbank.checked'] ?? 0)).toBe(
      aggregates.length,
    );
    expect(job.counts['qbank.checked']).toBe(
      aggregates.filter((name) => /^(bank|student)#|qbank-/.test(name)).length,
    );
    const ledger = (await db.rows('ledger')).filter(({ source }) => source !== CUT_KEY.source);
    expect([ledger, await shardRows()]).toEqual(before);
    expect(await db.rows('aggregateSnapshots')).toEqual([]);
  });

  it('are repaired where a shard is missing, wrong, orphaned or malformed, and then nothing is found', async () => {
    await populate();
    const { analytics, qbankQuestionStatistics: statistics } = db.tables;
    const key = (scope: string, part: string) => ({ scope, part });
    await db.plain.send(new DeleteCommand({ TableName: analytics, Key: key('course#c1', 'quiz#q#0') }));
    await db.plain.send(new DeleteCommand({ TableName: analytics, Key: key('course#c1', 'quiz#q#1') }));
    await db.plain.send(
      new UpdateCommand({
        TableName: analytics,
        Key: key('school', 'total#1'),
        UpdateExpression: 'SET enrollments = :many, passes = :half, attempts = :text REMOVE causedBy',
        ExpressionAttributeValues: { ':many': 77, ':half': 1.5, ':text': 'many' },
      }),
    );
    const ghost = { ...key('bank#c1', 'question#ghost#000001#0'), answers: 4, correct: 2, ...build.stamp };
    await db.plain.send(new PutCommand({ TableName: statistics, Item: ghost }));

    const dry = await reconcile('toy~dry', { repair: false });
    const expected = { 'analytics.missing': 1, 'analytics.wrong': 1, 'qbank.orphaned': 1 };
    expect(drifts(dry.counts)).toEqual(expected);
    expect(await shardSums()).not.toEqual(await ledgerSums());

    const job = await reconcile('toy~1');
    expect(drifts(job.counts)).toEqual({ ...expected, 'analytics.repaired': 2, 'qbank.repaired': 1 });
    expect(await shardSums()).toEqual(await ledgerSums());
    expect(job.examples).toContainEqual({
      flow: 'qbank',
      drift: 'orphaned',
      reason: 'unsourced',
      subject: 'aggregates#bank#c1|question#ghost#000001',
    });
    const [mended] = (await db.rows('analytics')).filter(
      ({ scope, part }) => scope === 'school' && part === 'total#1',
    );
    expect(mended).toMatchObject({ causedBy: 'request-1' });
    expect(mended).not.toHaveProperty('attempts');

    const before = await shardRows();
    expect(drifts((await reconcile('toy~2')).counts)).toEqual({});
    expect(await shardRows()).toEqual(before);
  });

  it('let go of what the ledger holds of people of whom there is nothing', async () => {
    await populate();
    const gone = entriesIn('attempt', 'nobody', 1);
    await apply(gone);
    const job = await reconcile('toy~1');
    // Two rows of the ledger, and the aggregates that they had come into.
    expect(drifts(job.counts)).toEqual({
      'analytics.orphaned': 2,
      'analytics.wrong': 5,
      'analytics.repaired': 7,
    });
    expect(await shardSums()).toEqual(await ledgerSums());
    expect((await ledgerSums())['course#c1|quiz#q']?.attempts).toBe(4);
    expect(drifts((await reconcile('toy~2')).counts)).toEqual({});
  });

  it('keep what a whole page of the ledger adds, of which one row is of somebody who cannot be read', async () => {
    await populate();
    await apply(entriesIn('attempt', 'nobody', 1));
    const bare = { userId: 'nobody', source: 'quizAttempts#nobody#c1#q#9' };
    await db.plain.send(new PutCommand({ TableName: db.tables.ledger, Item: bare }));
    const before = await shardSums();
    const job = await reconcile('toy~1');
    expect({ status: job.status, aside: job.aside, ...drifts(job.counts) }).toEqual({
      status: 'done',
      aside: 0,
    });
    expect(await shardSums()).toEqual(before);
  });

  it('have at the cut what somebody of whom there is nothing else takes back after it', async () => {
    await populate();
    const source = 'accessRequests#nobody#c1';
    const asked: LedgerEntry = {
      source,
      sourceVersion: 1,
      merge: 'replace',
      contribution: { 'school|total': { pendingRequests: 1 } },
      ...build.cause,
    };
    await apply([asked]);
    await start('toy~1');
    await jobs.flow();
    await apply([{ ...asked, sourceVersion: 2, contribution: {} }]);
    expect(drifts((await finish('toy~1')).counts)).toEqual({});
    expect((await shardSums())['school|total']?.pendingRequests).toBeUndefined();
    expect(await shardSums()).toEqual(await ledgerSums());
  });

  it('of an old school fail the job, which would throw away what was added up by hand', async () => {
    await populate();
    const byHand = { scope: 'school', part: 'month#2025-03#0', learners: 12 };
    await db.plain.send(new PutCommand({ TableName: db.tables.analytics, Item: byHand }));
    expect(await reconcile('toy~1')).toMatchObject({ status: 'failed' });
    expect(await shardRows()).toContainEqual(byHand);
  });

  it('are let be by a job that meets a newer cut than its own', async () => {
    await populate();
    await start('toy~1');
    await jobs.flow();
    await start('toy~2');
    await finish('toy~2');
    const job = await finish('toy~1');
    expect(job.counts.superseded).toBeGreaterThan(0);
    expect(drifts((await jobs.job('toy~2')).counts)).toEqual({});
    expect(drifts(job.counts)).toEqual({ superseded: job.counts.superseded });
  });
});

describe('traffic', () => {
  it('keeps nothing before the first cut and after a cut is closed', async () => {
    await populate();
    await reconcile('toy~1');
    db.faults.clear();
    await apply(entriesIn('enrollment', 'u1', 2), db.documents);
    expect(db.faults.requests.map(({ name }) => name)).toEqual(['BatchGetItem', 'TransactWriteItems']);
    expect((await db.rows('ledger')).filter(({ atCut }) => atCut !== undefined)).toEqual([]);
    expect(await db.rows('aggregateSnapshots')).toEqual([]);
  });

  it('keeps a copy of a shard once after a cut, also of more than fit one transaction', async () => {
    const results = (right: boolean) =>
      Array.from({ length: 80 }, (_, index) => result(`q${index}`, { correct: right }));
    const tested = (version: number) =>
      qbankEntriesOf(
        'qbankTests',
        completedTest(results(version % 2 === 0), { userId: user('u1'), version }),
      );
    await apply(tested(1), db.plain, () => 0);
    await start('toy~1');
    await jobs.flow();
    db.faults.clear();
    await apply(tested(2), db.documents, () => 0);
    expect(await db.rows('aggregateSnapshots')).toHaveLength(81);
    db.faults.clear();
    await apply(tested(3), db.documents, () => 0);
    expect(db.faults.requests.map(({ name }) => name)).toEqual(['BatchGetItem', 'TransactWriteItems']);
    expect(drifts((await finish('toy~1')).counts)).toEqual({});
  });

  /** A writer that has read what it decides on, and waits before its first write. */
  async function paused(entries: readonly LedgerEntry[], shard: number) {
    let go: () => void = () => undefined;
    let arrive: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const send = async (command: Parameters<Documents['send']>[0]) => {
      if (command instanceof TransactWriteCommand) {
        arrive();
        await gate;
      }
      return db.plain.send(command);
    };
    const done = apply(entries, { send } as unknown as Documents, () => shard);
    await Promise.race([arrived, done]);
    return { go, done };
  }

  it('that had read an older cut, open or closed, lies before the newer one or begins anew', async () => {
    await populate();
    for (const [before, jobId] of [
      [1, 'toy~1'],
      [2, 'toy~2'],
    ] as const) {
      const late = await paused(entriesIn('enrollment', 'u1', before + 1), 0);
      await start(jobId);
      await jobs.flow();
      // Shards that both move are after the cut now.
      await apply(entriesIn('enrollment', 'u2', before + 1), db.plain, () => 0);
      late.go();
      await late.done;
      expect(drifts((await finish(jobId)).counts)).toEqual({});
      expect(await shardSums()).toEqual(await ledgerSums());
    }
  });

  it('that makes new rows does not move the end of a page for whoever takes its step again', async () => {
    await populate();
    await start('toy~1');
    let denied = 0;
    db.faults.plan(async ({ name, input }) => {
      const row = input.Item as { cursor?: { step?: number } } | undefined;
      if (name !== 'PutItem' || input.TableName !== db.tables.jobs || row?.cursor?.step !== 1)
        return undefined;
      denied += 1;
      if (denied > 3) return undefined;
      // What was added up is written, and the cursor is not moved.
      for (const userId of USERS) {
        const courses = ['c2', 'c3', 'c4'].map((courseId) => build.id<CourseId>(`${courseId}-${denied}`));
        await apply(
          courses.flatMap((courseId) =>
            entriesOf('accessRequests', build.accessRequest({ userId: user(userId), courseId })),
          ),
        );
      }
      return { kind: 'denied' };
    });
    expect(drifts((await finish('toy~1')).counts)).toEqual({});
    expect(denied).toBeGreaterThan(3);
    expect(await shardSums()).toEqual(await ledgerSums());
  });

  it.each(['lost', '500 after', 'denied'] as const)(
    'sees an aggregate set right once, where a correction, or the move behind it, is a %s',
    async (kind) => {
      await populate();
      await inflict('shard changed');
      await start('toy~1');
      let corrections = 0;
      let failed = 0;
      db.faults.plan(({ name, input }) => {
        const items = (input.TransactItems ?? []) as { Update?: { ExpressionAttributeNames: object } }[];
        const correction = items.some(({ Update }) =>
          Object.values(Update?.ExpressionAttributeNames ?? {}).includes('corrected'),
        );
        if (correction) corrections += 1;
        const move = corrections > 0 && !correction && ['PutItem', 'TransactWriteItems'].includes(name);
        const hit = kind === 'denied' ? move : correction;
        if (!hit || failed > 0) return undefined;
        failed += 1;
        return { kind };
      });
      const { counts } = await finish('toy~1');
      expect([corrections, failed]).toEqual([1, 1]);
      expect(drifts(counts)).toEqual({ 'analytics.wrong': 1, 'analytics.repaired': 1 });
      expect(await shardSums()).toEqual(await ledgerSums());
    },
  );

  const move = fc.record({
    at: fc.integer({ min: 0, max: 220 }),
    kind: fc.constantFrom(...KINDS),
    userId: fc.constantFrom(...USERS),
    version: fc.integer({ min: 1, max: 9 }),
    shard: fc.constantFrom(0, 0.9),
    /** Writes when so many more requests of the job have been sent, or the longest life of a function is over. */
    late: fc.option(fc.integer({ min: 1, max: 40 }), { nil: 0, freq: 2 }),
  });
  const mishap = fc.record({
    at: fc.integer({ min: 0, max: 220 }),
    fault: fc.constantFrom<Fault>(
      { kind: 'lost' },
      { kind: '500 before' },
      { kind: '500 after' },
      { kind: 'throttled' },
      { kind: 'denied' },
    ),
  });
  const HARMS = ['none', 'shard changed', 'shard gone', 'ledger changed', 'ledger gone'] as const;

  async function inflict(harm: (typeof HARMS)[number]) {
    const { analytics, ledger } = db.tables;
    const [shard, row] = [
      { scope: 'course#c1', part: 'total#0' },
      { userId: 'u1', source: 'quizAttempts#u1#c1#q#1' },
    ];
    if (harm === 'shard gone') await db.plain.send(new DeleteCommand({ TableName: analytics, Key: shard }));
    if (harm === 'ledger gone') await db.plain.send(new DeleteCommand({ TableName: ledger, Key: row }));
    if (harm === 'shard changed') {
      const set = { UpdateExpression: 'SET attempts = :n', ExpressionAttributeValues: { ':n': 40 } };
      await db.plain.send(new UpdateCommand({ TableName: analytics, Key: shard, ...set }));
    }
    if (harm === 'ledger changed') {
      const to = { 'course#c1|total': { attempts: 5 }, 'course#c1|quiz#new': { attempts: 1 } };
      const set = { UpdateExpression: 'SET contribution = :to', ExpressionAttributeValues: { ':to': to } };
      await db.plain.send(new UpdateCommand({ TableName: ledger, Key: row, ...set }));
    }
  }

  /** Two jobs, one after the other, under traffic that meets them at every point, with what befalls them. */
  async function reconcileTwice(given: {
    readonly moves: readonly (typeof move extends fc.Arbitrary<infer Move> ? Move : never)[];
    readonly mishaps: readonly (typeof mishap extends fc.Arbitrary<infer Mishap> ? Mishap : never)[];
    readonly harm: (typeof HARMS)[number];
  }) {
    await begin();
    await populate();
    await inflict(given.harm);
    let sent = 0;
    let waiting: { readonly until: number; readonly go: () => void; readonly done: Promise<void> }[] = [];
    const release = async (until: number) => {
      const due = waiting.filter((each) => each.until <= until);
      waiting = waiting.filter((each) => each.until > until);
      for (const { go, done } of due) {
        go();
        await done;
      }
    };
    // One after the other: requests of the job come side by side.
    let before = Promise.resolve();
    db.faults.plan(async () => {
      const now = sent;
      sent += 1;
      before = before.then(async () => {
        for (const { kind, userId, version, shard, late } of given.moves.filter(({ at }) => at === now)) {
          const entries = entriesIn(kind, userId, version);
          if (late === 0) await apply(entries, db.plain, () => shard);
          else waiting.push({ until: now + late, ...(await paused(entries, shard)) });
        }
        await release(now);
      });
      await before;
      return given.mishaps.find(({ at }) => at === now)?.fault;
    });
    const counts = [];
    for (const jobId of ['toy~1', 'toy~2']) {
      await start(jobId);
      for (let rounds = 0; (await jobs.job(jobId)).status === 'running'; rounds += 1) {
        if (rounds > 30) throw new Error('The job never ends');
        await jobs.flow();
        if ((await jobs.job(jobId)).status !== 'running') break;
        // No function lives longer than what a stage waits.
        await release(Infinity);
        jobs.pass(3600);
        // The schedule comes again.
        await jobs.wake().catch(() => undefined);
      }
      const job = await jobs.job(jobId);
      expect(job).toMatchObject({ status: 'done', aside: 0 });
      counts.push(drifts(job.counts));
    }
    await release(Infinity);
    return counts;
  }

  it('never makes an aggregate look wrong, wherever it meets the job and whatever befalls that', async () => {
    const given = fc.record({
      moves: fc.array(move, { minLength: 5, maxLength: 40 }),
      mishaps: fc.array(mishap, { maxLength: 6 }),
      harm: fc.constant('none' as const),
    });
    await fc.assert(
      fc.asyncProperty(given, async (all) => {
        expect(await reconcileTwice(all)).toEqual([{}, {}]);
        expect(await shardSums()).toEqual(await ledgerSums());
        expect((await shardRows()).filter(({ corrected }) => corrected !== undefined)).toEqual([]);
      }),
      { numRuns: RUNS },
    );
  });

  it('does not keep what is wrong from being repaired once', async () => {
    const given = fc.record({
      moves: fc.array(move, { maxLength: 40 }),
      mishaps: fc.array(mishap, { maxLength: 6 }),
      harm: fc.constantFrom(...HARMS),
    });
    await fc.assert(
      fc.asyncProperty(given, async (all) => {
        const [, second] = await reconcileTwice(all);
        expect(second).toEqual({});
        expect(await shardSums()).toEqual(await ledgerSums());
      }),
      { numRuns: RUNS },
    );
  });
});
