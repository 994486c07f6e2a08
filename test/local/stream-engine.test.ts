import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../infra/local/dynamodb/engine-process.ts';
import { ENGINE_ACCESS, type EngineKind, startEngine } from '../../infra/local/dynamodb/engine.ts';
import { createStreamsApi, type StreamsApi } from '../../infra/local/streams/stream-api.ts';
import {
  type StreamPoller,
  type StreamPollerOptions,
  startStreamPoller,
} from '../../infra/local/streams/stream-poller.ts';
import { quiet } from '../../infra/local/streams/stream-quiet.ts';
import type { StreamEventRecord } from '../../infra/local/streams/stream-records.ts';
import { mappingOf, success } from './stream-support.ts';

const ENGINES: readonly EngineKind[] =
  process.env.LOCKSTEP_TEST_ENGINE === 'dynamodb-local' ? ['dynamodb-local'] : ['dynoxide'];

let tables = 0;

describe.each(ENGINES)('on %s', (kind) => {
  let engine: Engine;
  let dynamodb: DynamoDB;
  let streams: StreamsApi;
  let folder: string;
  let pollers: StreamPoller[] = [];

  beforeAll(async () => {
    engine = await startEngine({ kind });
    dynamodb = new DynamoDB({ endpoint: engine.endpoint, ...ENGINE_ACCESS });
    streams = createStreamsApi({ endpoint: engine.endpoint, ...ENGINE_ACCESS });
    folder = await mkdtemp(path.join(tmpdir(), 'lockstep-engine-'));
  });

  afterEach(async () => {
    await Promise.all(pollers.map((poller) => poller.stop()));
    pollers = [];
  });

  afterAll(async () => {
    dynamodb.destroy();
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function tableOf(name: string): Promise<string> {
    tables += 1;
    const TableName = `${name}-${tables}`;
    await createTable(TableName);
    return TableName;
  }

  async function createTable(TableName: string): Promise<void> {
    await dynamodb.createTable({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
  }

  function poll(
    table: string,
    handle: (records: readonly StreamEventRecord[]) => Promise<void>,
    over: Partial<StreamPollerOptions> = {},
  ): StreamPoller {
    const arn = `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/stream/local`;
    const poller = startStreamPoller({
      mapping: mappingOf({ EventSourceArn: arn, BatchSize: 20 }, `On-${table}`),
      streams,
      failureFolder: folder,
      invoke: async ({ Records }) => {
        await handle(Records);
        return success();
      },
      ...over,
    });
    pollers.push(poller);
    return poller;
  }

  const put = (TableName: string, pk: string, n = 1) =>
    dynamodb.putItem({ TableName, Item: { pk: { S: pk }, n: { N: String(n) } } });

  const nameOf = (record: StreamEventRecord) => (record.dynamodb.Keys.pk as { S: string }).S;

  it("gives the function inserts, changes and removals in AWS's form, and no write that changed nothing", async () => {
    const table = await tableOf('records');
    await put(table, 'a', 1);
    await put(table, 'a', 1);
    await put(table, 'a', 2);
    await dynamodb.deleteItem({ TableName: table, Key: { pk: { S: 'a' } } });
    const seen: StreamEventRecord[] = [];
    poll(table, async (records) => void seen.push(...records));
    await quiet(pollers);
    expect(seen.map((record) => record.eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
    expect(seen[1]).toMatchObject({
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      eventSourceARN: `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/stream/local`,
      dynamodb: {
        Keys: { pk: { S: 'a' } },
        OldImage: { pk: { S: 'a' }, n: { N: '1' } },
        NewImage: { pk: { S: 'a' }, n: { N: '2' } },
        SequenceNumber: expect.stringMatching(/^\d{21,40}$/),
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
    });
    expect(Number.isInteger(seen[1]?.dynamodb.ApproximateCreationDateTime)).toBe(true);
    expect(new Set(seen.map((record) => record.eventID)).size).toBe(3);
  });

  it('is quiet only when what functions wrote to other streams is processed too', async () => {
    const [first, second, third] = (await Promise.all(['first', 'second', 'third'].map(tableOf))) as [
      string,
      string,
      string,
    ];
    const last: string[] = [];
    poll(third, async (records) => void last.push(...records.map(nameOf)));
    poll(second, async (records) => {
      for (const record of records) await put(third, nameOf(record));
    });
    poll(first, async (records) => {
      for (const record of records) {
        await put(second, `${nameOf(record)}-x`);
        await put(second, `${nameOf(record)}-y`);
      }
    });
    for (let round = 1; round <= 5; round += 1) {
      for (let i = 0; i < 4; i += 1) await put(first, `${round}-${i}`);
      await quiet(pollers);
      expect(last).toHaveLength(round * 8);
    }
    expect(pollers.every((poller) => poller.idle())).toBe(true);
  });

  it('processes a write at once when it is woken, however long it would pause', async () => {
    const table = await tableOf('woken');
    let arrived = (): void => undefined;
    const poller = poll(table, async () => arrived(), { pollIntervalMs: 60_000 });
    await quiet(pollers);
    expect(poller.idle()).toBe(true);
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    await put(table, 'a');
    poller.wake();
    expect(poller.idle()).toBe(false);
    await arrival;
    await quiet(pollers);
    expect(poller.idle()).toBe(true);
  });

  it('goes on where it stood when it is started again with its checkpoint', async () => {
    const table = await tableOf('kept');
    const checkpointFolder = await mkdtemp(path.join(folder, 'state-'));
    const seen: string[][] = [[], []];
    for (const run of [0, 1]) {
      await put(table, `run-${run}`);
      const poller = poll(table, async (records) => void seen[run]?.push(...records.map(nameOf)), {
        checkpointFolder,
      });
      await quiet([poller]);
      await poller.stop();
    }
    expect(seen).toEqual([['run-0'], ['run-1']]);
  });

  it("marks the removal of a row by TTL, which the engine's record cannot", async () => {
    const table = await tableOf('expiring');
    for (const pk of ['swept', 'deleted']) {
      await put(table, pk);
      await dynamodb.deleteItem({ TableName: table, Key: { pk: { S: pk } } });
    }
    const removed = new Map<string, unknown>();
    const isSwept: StreamPollerOptions['isSwept'] = (name, old) =>
      name === table && JSON.stringify(old.pk) === '{"S":"swept"}';
    poll(
      table,
      async (records) => {
        for (const record of records)
          if (record.eventName === 'REMOVE') removed.set(nameOf(record), record.userIdentity);
      },
      { isSwept },
    );
    await quiet(pollers);
    expect(removed).toEqual(
      new Map<string, unknown>([
        ['swept', { type: 'Service', principalId: 'dynamodb.amazonaws.com' }],
        ['deleted', undefined],
      ]),
    );
  });

  it('says that a table has no stream, and begins when it has one', async () => {
    const table = `later-${(tables += 1)}`;
    const seen: string[] = [];
    const poller = poll(table, async (records) => void seen.push(...records.map(nameOf)), {
      pollIntervalMs: 5,
    });
    await expect.poll(() => poller.problem).toBeDefined();
    await expect(quiet([poller], { timeoutMs: 200 })).rejects.toThrow('PROBLEM');
    await createTable(table);
    await put(table, 'a');
    await quiet([poller]);
    expect(seen).toEqual(['a']);
    expect(poller.problem).toBeUndefined();
  });
});
