import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aggregateAnalytics } from '../../functions/streams/aggregate-analytics.ts';
import { entriesOf, type LedgerEntry } from '../../shared/domain/contribution.ts';
import { applyToLedger } from '../../shared/domain/ledger.ts';
import type { ItemId, UserId } from '../../shared/domain/ids.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import { applyEntries } from '../../shared/store/ledger.ts';
import type { LagMeter } from '../../shared/store/lag-meter.ts';
import * as build from '../domain/builders.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { itIsMetered } from '../support/engines.ts';
import { lagMeter } from '../support/lag.ts';
import type { Fault } from '../support/faults.ts';
import { attemptRow, completionRow, videoRow } from '../support/rows.ts';
import { deliver, type RecordInput, streamRecords } from '../support/streams.ts';

let engine: Database;
let db: Database;
const NOW = () => new Date('2026-11-22T11:00:00.000Z');
const SHARDS = 3;
const settling = { sleep: async () => {} };

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
});

const user = (userId: string) => build.id<UserId>(userId);

function handler(lag?: LagMeter) {
  const { documents, tables } = db;
  const given = { documents, tables, shards: SHARDS, logger: silentLog, clock: NOW, settling };
  return aggregateAnalytics({ ...given, ...(lag !== undefined && { lag }) });
}

type Sums = Record<string, Record<string, number>>;

/** The aggregates as views read them: the sum of their shards, without zeros. */
async function aggregates(database = db): Promise<Sums> {
  const sums: Sums = {};
  for (const { scope, part, version: _version, ...rest } of await database.rows('analytics')) {
    const aggregate = `${String(scope)}|${String(part).replace(/#\d+$/, '')}`;
    for (const [metric, value] of Object.entries(rest)) {
      if (typeof value !== 'number') continue;
      const sum = (sums[aggregate] ??= {});
      sum[metric] = (sum[metric] ?? 0) + value;
    }
  }
  return withoutZeros(sums);
}

function withoutZeros(sums: Sums): Sums {
  const kept = Object.entries(sums).map(([aggregate, metrics]) => [
    aggregate,
    Object.fromEntries(Object.entries(metrics).filter(([, value]) => value !== 0)),
  ]);
  return Object.fromEntries(kept.filter(([, metrics]) => Object.keys(metrics ?? {}).length > 0));
}

function expected(entries: readonly LedgerEntry[]): Sums {
  return applyToLedger([], entries).deltas;
}

function enrollmentRecords(count: number, over: Parameters<typeof build.enrollment>[0] = {}): RecordInput[] {
  return Array.from({ length: count }, (_, index) => ({
    table: db.tables.enrollments,
    after: build.enrollment({ userId: user(`u${index}`), ...over }),
  }));
}

describe('aggregate-analytics', () => {
  it('adds what rows contribute, and the same again adds nothing', async () => {
    const records = streamRecords(enrollmentRecords(3));
    await deliver(handler(), records);
    const once = await aggregates();
    expect(once['course#c1|total']).toMatchObject({ enrollments: 3, 'status.active': 3, learners: 3 });
    db.faults.clear();
    await deliver(handler(), records);
    expect(await aggregates()).toEqual(once);
    expect(db.faults.writeUnits()).toBe(0);
  });

  it('takes back what an older version contributed, whichever comes first', async () => {
    const [before, after] = [build.enrollment(), build.enrollment({ status: 'cancelled', version: 2 })];
    const { enrollments: table } = db.tables;
    const run = handler();
    await deliver(run, streamRecords([{ table, after }]));
    await deliver(run, streamRecords([{ table, after: before }]));
    expect(await aggregates()).toEqual(expected(entriesOf('enrollments', after)));
  });

  it('keeps the ledger rows of a user together, so that one Query reads them', async () => {
    const { quizAttempts: table, ledger } = db.tables;
    const of = (userId: string) => attemptRow(build.attempt('q', 1, 51.25, { userId: user(userId) }));
    await deliver(handler(), streamRecords(['u1', 'u2'].map((userId) => ({ table, after: of(userId) }))));
    const { Items } = await db.plain.send(
      new QueryCommand({
        TableName: ledger,
        KeyConditionExpression: 'userId = :user',
        ExpressionAttributeValues: { ':user': 'u1' },
      }),
    );
    expect(Items?.map(({ source }) => source)).toEqual(['active#u1#2026-11-22', 'quizAttempts#u1#c1#q#1']);
  });

  it('takes back everything of a removed row', async () => {
    const { students: table } = db.tables;
    await deliver(handler(), streamRecords([{ table, after: build.student() }]));
    await deliver(handler(), streamRecords([{ table, before: build.student() }]));
    expect(await aggregates()).toEqual({});
  });

  it('sets aside the record of a source whose ledger row is malformed, and applies all others', async () => {
    await db.plain.send(
      new PutCommand({
        TableName: db.tables.ledger,
        Item: { userId: 'u7', source: 'enrollments#u7#c1', version: 'one' },
      }),
    );
    const records = streamRecords(enrollmentRecords(30));
    expect(await deliver(handler(), records)).toBe(1);
    expect((await aggregates())['course#c1|total']).toMatchObject({ enrollments: 29 });
    expect(await db.rows('failures')).toMatchObject([
      { consumer: 'aggregate-analytics', reason: expect.stringContaining('enrollments#u7#c1') },
    ]);
  });

  it('writes nothing for a beat that completes no minute on a day already counted', async () => {
    const { videoProgress: table } = db.tables;
    const beat = (seconds: number, version: number) =>
      streamRecords([{ table, after: videoRow(build.watched('film', [[0, seconds]], { version })) }]);
    await deliver(handler(), beat(61, 1));
    db.faults.clear();
    await deliver(handler(), beat(90, 2));
    expect(db.faults.writeUnits()).toBe(0);
    await deliver(handler(), beat(120, 3));
    expect((await aggregates())['school|total']).toEqual({ watchMinutes: 2 });
  });

  itIsMetered('spends at most 2.4 write units on a changed source row of a batch of 100', async () => {
    const run = handler(lagMeter(db, NOW));
    await deliver(run, streamRecords(enrollmentRecords(100)));
    expect(db.faults.writeUnits() / 100).toBeLessThanOrEqual(2.4);
    db.faults.clear();
    await deliver(run, streamRecords(enrollmentRecords(100, { progress: 40, attempted: true, version: 2 })));
    expect(db.faults.writeUnits() / 100).toBeLessThanOrEqual(2.4);
    db.faults.clear();
    const attempts = Array.from({ length: 100 }, (_, index) => {
      const over = { userId: user(`u${index % 10}`) };
      return {
        table: db.tables.quizAttempts,
        after: attemptRow(build.attempt('q', 1 + Math.floor(index / 10), 51.25, over)),
      };
    });
    await deliver(run, streamRecords(attempts));
    expect(db.faults.writeUnits() / 100).toBeLessThanOrEqual(2.4);
    expect((await aggregates())['course#c1|quiz#q']).toEqual({
      attempts: 100,
      scored: 100,
      passes: 100,
      scoreSum: 512_500,
      scoreSquares: 100 * 5125 ** 2,
    });
  });

  it.each<Fault>([
    { kind: 'conflict', write: 0 },
    { kind: 'conflict', write: 4 },
    { kind: 'stale', write: 2 },
    { kind: 'throttled write', write: 3 },
    { kind: 'throttled' },
    { kind: 'lost' },
    { kind: '500 before' },
    { kind: '500 after' },
  ])('counts once after a fault: %o', async (fault) => {
    db.faults.plan(({ name, count }) => (name === 'TransactWriteItems' && count === 1 ? fault : undefined));
    expect(await deliver(handler(), streamRecords(enrollmentRecords(3)))).toBe(1);
    expect((await aggregates())['school|total']?.enrollments).toBe(3);
  });

  it('counts once when another run applies the same rows between reading and writing', async () => {
    const records = streamRecords(enrollmentRecords(2));
    db.faults.plan(async ({ name, count }) => {
      if (name !== 'TransactWriteItems' || count > 1) return undefined;
      const other = aggregateAnalytics({
        documents: db.plain,
        tables: db.tables,
        shards: SHARDS,
        logger: silentLog,
        clock: NOW,
      });
      await deliver(other, records);
      return undefined;
    });
    expect(await deliver(handler(), records)).toBe(1);
    expect((await aggregates())['school|total']?.enrollments).toBe(2);
  });

  it('reports the lowest record of what did not settle', async () => {
    const run = handler();
    db.faults.plan(({ name }) => (name === 'TransactWriteItems' ? { kind: 'throttled' } : undefined));
    const records = streamRecords(enrollmentRecords(3));
    const reply = await run({ Records: records });
    expect(reply.batchItemFailures).toEqual([{ itemIdentifier: records[0]?.dynamodb.SequenceNumber }]);
    db.faults.plan(() => undefined);
    await deliver(run, records);
    expect((await aggregates())['school|total']?.enrollments).toBe(3);
  });

  itIsMetered(
    'keeps together what goes into the same aggregates, so that ten courses cost little more than one',
    async () => {
      const records = enrollmentRecords(100).map(({ table, after }, index) => ({
        table,
        after: { ...after, courseId: `c${index % 10}` },
      }));
      await deliver(handler(lagMeter(db, NOW)), streamRecords(records));
      expect(db.faults.writeUnits() / 100).toBeLessThanOrEqual(2.4);
      expect((await aggregates())['course#c7|total']?.enrollments).toBe(10);
    },
  );

  it('names everything that it did not come to after a transaction that does not settle', async () => {
    const { documents, tables } = db;
    db.faults.plan(({ name, count }) =>
      name === 'TransactWriteItems' && count > 1 ? { kind: 'throttled' } : undefined,
    );
    const entries = Array.from({ length: 7 }, (_, index) =>
      entriesOf('enrollments', build.enrollment({ userId: user(`u${index}`) })),
    ).flat();
    const options = { shards: SHARDS, now: NOW, settling, largest: 4 };
    const { failure } = await applyEntries(documents, tables, entries, options);
    expect(failure?.sources.size).toBe(5);
    expect((await aggregates())['school|total']?.enrollments).toBe(2);
  });

  it('sets a malformed row aside and counts the others', async () => {
    const broken = { ...build.enrollment({ userId: user('broken') }), status: 'asleep' };
    const { enrollments: table } = db.tables;
    await deliver(
      handler(),
      streamRecords([
        { table, after: broken },
        { table, after: build.enrollment() },
      ]),
    );
    const failures = await db.rows('failures');
    expect(failures.map((row) => row.reason)).toEqual(['malformed: status invalid_value']);
    expect((await aggregates())['school|total']?.enrollments).toBe(1);
  });

  it('equals the sum of the newest rows, however they are delivered and wherever it fails', async () => {
    const change = fc.record({
      kind: fc.constantFrom('enrollment', 'attempt', 'film', 'chapter'),
      userId: fc.constantFrom('u1', 'u2', 'u3'),
      version: fc.integer({ min: 1, max: 4 }),
    });
    const faults = fc.array(
      fc.option(
        fc.constantFrom<Fault>(
          { kind: 'conflict', write: 0 },
          { kind: 'stale', write: 0 },
          { kind: 'throttled write', write: 0 },
          { kind: 'throttled' },
          { kind: 'lost' },
          { kind: '500 before' },
          { kind: '500 after' },
          { kind: 'denied' },
        ),
        { freq: 2 },
      ),
      { maxLength: 25 },
    );
    const given = fc.record({
      batches: fc.array(fc.array(change, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 4 }),
      again: fc.array(fc.nat(), { maxLength: 3 }),
      faults,
      // Small transactions, so that one batch takes several.
      largest: fc.constantFrom(7, 100),
    });
    await fc.assert(
      fc.asyncProperty(given, async ({ batches, again, faults: planned, largest }) => {
        const fresh = await engine.fresh();
        let sent = 0;
        fresh.faults.plan(() => planned[sent++] ?? undefined);
        const applied = batches.map((batch) => batch.flatMap(entriesIn));
        for (const entries of [
          ...applied,
          ...again.flatMap((index) => [applied[index % applied.length] ?? []]),
        ]) {
          await untilApplied(fresh, entries, largest);
        }
        expect(await aggregates(fresh)).toEqual(withoutZeros(expected(applied.flat())));
      }),
      { numRuns: 15 },
    );
  });
});

async function untilApplied(database: Database, entries: readonly LedgerEntry[], largest: number) {
  const { documents, tables } = database;
  for (let tries = 0; tries < 60; tries += 1) {
    try {
      const { failure } = await applyEntries(documents, tables, entries, {
        shards: SHARDS,
        now: NOW,
        settling,
        largest,
      });
      if (failure === undefined) return;
    } catch {
      // The reading was denied; as a stream would, once more.
    }
  }
  throw new Error('The entries are never applied');
}

/** A version of a row says one thing only. */
function entriesIn({
  kind,
  userId,
  version,
}: {
  kind: string;
  userId: string;
  version: number;
}): LedgerEntry[] {
  const over = { userId: user(userId), version };
  switch (kind) {
    case 'enrollment': {
      const status = version === 3 ? 'cancelled' : 'active';
      return entriesOf('enrollments', build.enrollment({ ...over, status, progress: version * 20 }));
    }
    case 'attempt':
      return entriesOf('quizAttempts', build.attempt('q', 1, version === 1 ? null : version * 20.25, over));
    case 'film': {
      const days = ['2026-11-22', '2026-11-23'].slice(0, version);
      return entriesOf('videoProgress', build.watched('film', [[0, version * 50]], { ...over, days }));
    }
    default:
      return entriesOf(
        'chapterCompletions',
        completionRow(build.completion(build.id<ItemId>('basics'), over)),
      );
  }
}
