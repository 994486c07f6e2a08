import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { collectFailures } from '../../functions/scheduled/collect-failures.ts';
import type { Bucket } from '../../shared/runtime/bucket.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { streamRecords } from '../support/streams.ts';

let engine: Database;
let db: Database;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
  objects.clear();
  said.length = 0;
  listings = 0;
  now = Date.parse('2026-11-22T10:00:00.000Z');
  drawn = 1;
});

const objects = new Map<
  string,
  { readonly text: string; readonly bytes?: number; readonly storedAt: Date }
>();
const said: string[] = [];
let listings = 0;
let now: number;
let drawn: number;

/** The same numbers in every run. */
function random(): number {
  drawn = (drawn * 48_271) % 2_147_483_647;
  return drawn / 2_147_483_647;
}

/** As S3: a thousand keys at once, in their order. */
const bucket: Bucket = {
  async list({ prefix, after, next }) {
    listings += 1;
    const from = next ?? after ?? '';
    const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > from).sort();
    const page = keys.slice(0, 1000);
    return {
      objects: page.map((key) => {
        const { text, bytes = text.length, storedAt } = objects.get(key)!;
        return { key, bytes, storedAt };
      }),
      next: keys.length > 1000 ? page.at(-1) : undefined,
    };
  },
  read: async (key) => objects.get(key)?.text,
  async remove(key) {
    objects.delete(key);
  },
};

const logger: Log = {
  info: () => {},
  warn: () => {},
  metrics: () => {},
  error: (message, ids) => said.push(JSON.stringify({ message, ...ids })),
};

function run({ with: given = bucket, as = 'lockstep-collect-failures' } = {}) {
  const clock = () => new Date(now);
  const dependencies = { documents: db.plain, tables: db.tables, bucket: given, clock, logger, random };
  return collectFailures(dependencies)({}, { functionName: as });
}

interface LeftOptions {
  readonly eventIds?: readonly string[];
  readonly functionName?: string;
  readonly about?: object;
}

/** What Lambda writes, by its documentation. */
function leftByLambda({
  eventIds = ['e1'],
  functionName = 'lockstep-project-progress',
  about = {},
}: LeftOptions): object {
  const table = db.tables.chapterCompletions;
  const records = streamRecords(eventIds.map(() => ({ table, after: { userId: 'ada', note: 'hers' } })));
  const Records = records.map((record, index) => ({ ...record, eventID: eventIds[index] }));
  return {
    requestContext: {
      requestId: '316aa6d0-8154-xmpl-9af7-85d5f4a6bc81',
      functionArn: `arn:aws:lambda:us-east-2:123456789012:function:${functionName}`,
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 9,
    },
    responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
    version: '1.0',
    timestamp: '2026-11-22T09:58:49.717Z',
    DDBStreamBatchInfo: {
      shardId: 'shardId-00000001573689847184-864758bb',
      startSequenceNumber: '800000000003126276362',
      endSequenceNumber: '800000000003126276362',
      approximateArrivalOfFirstRecord: '2026-11-22T09:57:19Z',
      approximateArrivalOfLastRecord: '2026-11-22T09:57:19Z',
      batchSize: 1,
      streamArn: `arn:aws:dynamodb:us-east-2:123456789012:table/${table}/stream/2026-11-14T00:04:06.388`,
    },
    payload: JSON.stringify({ Records }),
    ...about,
  };
}

function leave(key: string, options: LeftOptions = {}): void {
  put(`aws/lambda/${key}`, JSON.stringify(leftByLambda(options)));
}

function put(key: string, text: string, { bytes = text.length, minutesAgo = 1 } = {}): void {
  objects.set(key, { text, bytes, storedAt: new Date(now - minutesAgo * 60_000) });
}

const failures = async () =>
  (await db.rows('failures')).sort((one, other) =>
    String(one.failureId) < String(other.failureId) ? -1 : 1,
  );

describe('what stream mappings gave up', () => {
  it('becomes a failure for each record, with its content, its reason and when that was', async () => {
    leave('m1/shard/one', { eventIds: ['e1', 'e2'] });
    expect(await run()).toEqual({ objects: 1, records: 2 });
    const table = db.tables.chapterCompletions;
    expect(await failures()).toMatchObject(
      ['e1', 'e2'].map((eventId) => ({
        failureId: `${table}#${eventId}#project-progress`,
        table,
        consumer: 'project-progress',
        reason: 'gave up after 9 tries: RetryAttemptsExhausted',
        record: expect.stringContaining('hers'),
        setAsideAt: '2026-11-22T09:58:49.717Z',
        listing: 'waiting',
        causedBy: eventId,
      })),
    );
    expect([...objects.keys()]).toEqual([]);
  });

  it('is collected once, however often and by however many runs at once', async () => {
    leave('m1/shard/one');
    leave('m1/shard/two', { eventIds: ['e2'] });
    const before = new Map(objects);
    await Promise.all([run(), run()]);
    const rows = await failures();
    expect(rows).toHaveLength(2);
    for (const [key, object] of before) objects.set(key, object);
    await run();
    expect(await failures()).toEqual(rows);
    expect(said).toEqual([]);
  });

  it('is named by its consumer in every stage', async () => {
    leave('m1/shard/one', { functionName: 'lockstep-dev-run-jobs:live' });
    await run({ as: 'lockstep-dev-collect-failures' });
    expect((await failures()).map(({ consumer }) => consumer)).toEqual(['run-jobs']);
  });

  it('is collected too where it grew too old before any try', async () => {
    const requestContext = {
      functionArn: 'arn:aws:lambda:us-east-2:123456789012:function:lockstep-run-jobs',
      condition: 'RecordAgeExceeded',
    };
    leave('m1/shard/one', { about: { requestContext, responseContext: undefined } });
    await run();
    expect((await failures()).map(({ reason }) => reason)).toEqual([
      'gave up after 0 tries: RecordAgeExceeded',
    ]);
  });

  it.each([
    ['is no JSON', 'Ada was here'],
    ['has no records, as a queue gets it', { payload: undefined }],
    ['has a payload that is no JSON', { payload: '{"Records":[{"eventID":"Ada' }],
    ['has an empty batch', { payload: '{"Records":[]}' }],
    ['names no function', { requestContext: { functionArn: 'Ada', condition: 'x' } }],
  ])('stays where it %s, is told of without content, and holds up no other', async (_, what) => {
    put(
      'aws/lambda/m1/odd',
      typeof what === 'string' ? what : JSON.stringify({ ...leftByLambda({}), ...what }),
    );
    leave('m1/other');
    expect(await run()).toEqual({ objects: 1, records: 1 });
    expect([...objects.keys()]).toEqual(['aws/lambda/m1/odd']);
    expect(said).toEqual([expect.stringContaining('"failure_unreadable","key":"aws/lambda/m1/odd"')]);
    expect(said.join()).not.toContain('Ada');
  });

  it('is not even read where it is larger than anything Lambda writes', async () => {
    put('aws/lambda/m1/large', 'x', { bytes: 20_000_001 });
    const read = () => Promise.reject(new Error('It was read'));
    expect(await run({ with: { ...bucket, read } })).toEqual({ objects: 0, records: 0 });
    expect(said.join()).toContain('failure_unreadable');
  });

  it.each(['read', 'remove'] as const)('stays where it cannot be %s, which fails the run', async (call) => {
    leave('m1/one', { eventIds: ['e1'] });
    leave('m1/two', { eventIds: ['e2'] });
    const broken: Bucket = {
      ...bucket,
      [call]: (key: string) =>
        key.endsWith('one') ? Promise.reject(new Error('S3 replied 503')) : bucket[call](key),
    };
    await expect(run({ with: broken })).rejects.toThrow('1 of 2 objects');
    expect([...objects.keys()]).toEqual(['aws/lambda/m1/one']);
    expect(said).toEqual([expect.stringContaining('failure_not_collected')]);
    expect(await run()).toMatchObject({ objects: 1 });
    expect(await failures()).toHaveLength(2);
  });

  it('is told of when it has lain there for a quarter of an hour', async () => {
    put('aws/lambda/m1/odd', 'odd', { minutesAgo: 14 });
    await run();
    expect(said.join()).not.toContain('failures_lie_long');
    now += 2 * 60_000;
    await run();
    expect(said.at(-1)).toBe('{"message":"failures_lie_long","objects":1}');
  });

  it('is collected at most two hundred objects a run, and what cannot be read never stands before it', async () => {
    for (let number = 0; number < 250; number += 1) put(`aws/lambda/m1/${number}`, 'odd');
    leave('m2/last');
    let runs = 0;
    while (objects.size === 251) {
      const { length } = said;
      await run();
      expect(said.length - length).toBeLessThanOrEqual(200);
      runs += 1;
      expect(runs).toBeLessThan(10);
    }
    expect(await failures()).toHaveLength(1);
  });

  it('is left for the next run where this one takes too long', async () => {
    for (let number = 0; number < 12; number += 1) leave(`m1/${number}`, { eventIds: [`e${number}`] });
    const slow: Bucket = {
      ...bucket,
      async read(key) {
        now += 20_000;
        return bucket.read(key);
      },
    };
    expect((await run({ with: slow })).objects).toBeLessThanOrEqual(4);
    await run();
    expect(await failures()).toHaveLength(12);
  });

  it('is found behind however many runs of schedules that failed, which stay', async () => {
    for (let number = 0; number < 30_000; number += 1) {
      put(`aws/lambda/async/close-tests/${String(number).padStart(5, '0')}`, '{}');
    }
    leave('a0/before', { eventIds: ['e1'] });
    leave('f0/after', { eventIds: ['e2'] });
    expect(await run()).toEqual({ objects: 2, records: 2 });
    expect(listings).toBe(2);
    expect(objects.size).toBe(30_000);
  });
});
