import { mkdtemp, readFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InvokeResult } from '../../infra/local/lambda/invocation.ts';
import { seededRandom } from '../../infra/local/streams/stream-clock.ts';
import type { PollerEvent } from '../../infra/local/streams/stream-delivery.ts';
import {
  type StreamPoller,
  type StreamPollerOptions,
  startStreamPoller,
} from '../../infra/local/streams/stream-poller.ts';
import { quiet } from '../../infra/local/streams/stream-quiet.ts';
import { itemOf, type StreamEventRecord } from '../../infra/local/streams/stream-records.ts';
import {
  failedItems,
  FakeStream,
  functionError,
  HASTY_CLOCK,
  mappingOf,
  numbersOf,
  success,
} from './stream-support.ts';

let folder: string;
let stream: FakeStream;
let poller: StreamPoller | undefined;
let batches: number[][];
let events: PollerEvent[];

type Handle = (records: readonly StreamEventRecord[]) => InvokeResult | Promise<InvokeResult>;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'lockstep-poller-'));
  stream = new FakeStream();
  batches = [];
  events = [];
});

afterEach(async () => {
  await poller?.stop();
  poller = undefined;
  await rm(folder, { recursive: true, force: true });
});

function start(handle: Handle = () => success(), over: Partial<StreamPollerOptions> = {}): StreamPoller {
  poller = startStreamPoller({
    mapping: mappingOf(),
    streams: stream,
    failureFolder: path.join(folder, 'failed'),
    clock: HASTY_CLOCK,
    onEvent: (event) => events.push(event),
    invoke: async ({ Records }) => {
      batches.push(numbersOf(Records));
      return await handle(Records);
    },
    ...over,
  });
  return poller;
}

async function deliverAll(handle?: Handle, over?: Partial<StreamPollerOptions>): Promise<void> {
  await quiet([start(handle, over)]);
}

async function setAsideFiles(): Promise<{ file: string; content: Record<string, unknown> }[]> {
  const root = path.join(folder, 'failed');
  const names = await readdir(root, { recursive: true }).catch(() => []);
  const files = names.filter((name) => name.endsWith('.json'));
  return await Promise.all(
    files.map(async (file) => ({
      file,
      content: JSON.parse(await readFile(path.join(root, file), 'utf8')) as Record<string, unknown>,
    })),
  );
}

function payloadNumbers(content: Record<string, unknown>): number[] {
  const { Records } = JSON.parse(content.payload as string) as { Records: StreamEventRecord[] };
  return numbersOf(Records);
}

const failing =
  (...numbers: number[]): Handle =>
  (records) => {
    const bad = records.find((record) => numbers.includes(Number(record.dynamodb.SequenceNumber)));
    return bad === undefined ? success() : failedItems(bad);
  };

describe('batches', () => {
  it('delivers records in order, at most BatchSize at once', async () => {
    for (let i = 0; i < 25; i += 1) stream.write();
    await deliverAll();
    expect(batches.map((batch) => batch.length)).toEqual([10, 10, 5]);
    expect(batches.flat()).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
  });

  it('waits for more records within the batching window, and no longer than until the batch is full', async () => {
    const windows: number[] = [];
    const clock = {
      ...HASTY_CLOCK,
      sleep: (ms: number, signal: AbortSignal) => {
        if (ms !== 5000) return HASTY_CLOCK.sleep(ms, signal);
        windows.push(ms);
        return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      },
    };
    stream.write();
    start(() => success(), {
      clock,
      mapping: mappingOf({ BatchSize: 3, MaximumBatchingWindowInSeconds: 5 }),
    });
    await poller?.pollNow();
    expect([windows, batches, poller?.waiting()]).toEqual([[5000], [], 1]);
    stream.write();
    stream.write();
    await poller?.pollNow();
    await poller?.drained();
    expect(batches).toEqual([[1, 2, 3]]);
  });

  it('keeps an event under 6 MB', async () => {
    const image = { pk: { S: 'x' }, text: { S: 'y'.repeat(390_000) } };
    for (let i = 0; i < 20; i += 1) {
      const record = stream.write();
      stream.shards.get('shard-a')!.records.at(-1)!.dynamodb!.NewImage = image;
      expect(Number(record)).toBe(i + 1);
    }
    let largest = 0;
    await deliverAll(
      (records) => {
        largest = Math.max(largest, Buffer.byteLength(JSON.stringify({ Records: records })));
        return success();
      },
      { mapping: mappingOf({ BatchSize: 100 }) },
    );
    expect(batches.flat()).toHaveLength(20);
    expect(batches).toHaveLength(2);
    expect(largest).toBeLessThanOrEqual(6 * 1024 * 1024);
  });

  it('reads no further than it can hold while the function is slow', async () => {
    for (let i = 0; i < 3000; i += 1) stream.write('one');
    let release = (): void => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    start(async () => {
      await gate;
      return success();
    });
    await poller?.pollNow();
    await poller?.pollNow();
    expect(poller?.waiting()).toBe(1000);
    release();
    await quiet([poller!]);
    expect(batches.flat()).toHaveLength(3000);
  });
});

describe('failures', () => {
  it('resumes at the lowest record reported failed, and everything after it comes again', async () => {
    for (let i = 0; i < 5; i += 1) stream.write();
    let first = true;
    await deliverAll((records) => {
      if (!first) return success();
      first = false;
      return failedItems(records[4], records[2]);
    });
    expect(batches).toEqual([
      [1, 2, 3, 4, 5],
      [3, 4, 5],
    ]);
  });

  it.each([
    ['null', null],
    ['an empty object', {}],
    ['an empty list', { batchItemFailures: [] }],
    ['a null list', { batchItemFailures: null }],
  ])('takes %s for success', async (_, payload) => {
    stream.write();
    await deliverAll(() => success(payload));
    expect(batches).toEqual([[1]]);
  });

  it.each([
    ['an identifier that is not in the batch', { batchItemFailures: [{ itemIdentifier: '77' }] }],
    ['an empty identifier', { batchItemFailures: [{ itemIdentifier: '' }] }],
    ['a null identifier', { batchItemFailures: [{ itemIdentifier: null }] }],
    ['a wrong key', { batchItemFailures: [{ id: '1' }] }],
    ['a list that is none', { batchItemFailures: 'all' }],
    ['text', 'fine'],
  ])('takes %s for the failure of the whole batch', async (_, payload) => {
    stream.write();
    stream.write();
    const answers = [success(payload)];
    await deliverAll(() => answers.shift() ?? success(), {
      mapping: mappingOf({ BisectBatchOnFunctionError: false }),
    });
    expect(batches).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('ignores what the function answers when it does not report item failures', async () => {
    stream.write();
    await deliverAll((records) => failedItems(records[0]), {
      mapping: mappingOf({ FunctionResponseTypes: [] }),
    });
    expect(batches).toEqual([[1]]);
  });

  it('halves a failed batch without using up retries, and sets aside only the record that keeps failing', async () => {
    for (let i = 0; i < 4; i += 1) stream.write();
    await deliverAll((records) => (numbersOf(records).includes(3) ? functionError() : success()));
    expect(batches).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [3], [3], [4]]);
    const files = await setAsideFiles();
    expect(files.map(({ content }) => payloadNumbers(content))).toEqual([[3]]);
  });

  it('retries a batch as often as MaximumRetryAttempts says, progress or not, when it does not bisect', async () => {
    for (let i = 0; i < 3; i += 1) stream.write();
    await deliverAll(failing(2), { mapping: mappingOf({ BisectBatchOnFunctionError: false }) });
    expect(batches).toEqual([
      [1, 2, 3],
      [2, 3],
      [2, 3],
    ]);
    const files = await setAsideFiles();
    expect(files.map(({ content }) => payloadNumbers(content))).toEqual([[2, 3]]);
    expect(files[0]?.content.requestContext).toMatchObject({ approximateInvokeCount: 3 });
  });

  it('goes on past a record that was set aside', async () => {
    stream.write();
    await deliverAll(() => functionError());
    stream.write();
    poller?.wake();
    await quiet([poller!]);
    expect(batches.at(-1)).toEqual([2]);
    expect(await setAsideFiles()).toHaveLength(2);
  });

  it("writes what it sets aside as Lambda writes it to S3, under the bucket's folder", async () => {
    stream.write('learner');
    await deliverAll(() => functionError());
    const [{ file, content }] = (await setAsideFiles()) as [Awaited<ReturnType<typeof setAsideFiles>>[0]];
    const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/');
    expect(file).toMatch(
      new RegExp(`^failed-records/aws/lambda/${mappingOf().uuid}/shard-a/${day}/.*-[0-9a-f-]{36}\\.json$`),
    );
    expect(content).toEqual({
      requestContext: {
        requestId: expect.any(String),
        functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:project-progress',
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 3,
      },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      version: '1.0',
      timestamp: expect.any(String),
      DDBStreamBatchInfo: {
        shardId: 'shard-a',
        startSequenceNumber: '000000000000000000001',
        endSequenceNumber: '000000000000000000001',
        approximateArrivalOfFirstRecord: expect.stringMatching(/^\d{4}-.*\d{2}Z$/),
        approximateArrivalOfLastRecord: expect.any(String),
        batchSize: 1,
        streamArn: mappingOf().streamArn,
      },
      payload: expect.stringContaining('learner'),
    });
  });

  it('gives a queue the description without the records', async () => {
    stream.write();
    const arn = 'arn:aws:sqs:us-east-1:000000000000:failed-queue';
    await deliverAll(() => functionError(), {
      mapping: mappingOf({ DestinationConfig: { OnFailure: { Destination: arn } } }),
    });
    const [failed] = await setAsideFiles();
    expect(failed?.file).toMatch(/^failed-queue\//);
    expect(failed?.content).not.toHaveProperty('payload');
  });

  it('sets aside a record older than MaximumRecordAgeInSeconds without another attempt', async () => {
    const old = { ApproximateCreationDateTime: new Date(Date.now() - 100_000), SequenceNumber: '1' };
    stream.write('a', 'shard-a', { dynamodb: { ...old, Keys: { pk: { S: 'a' } } } });
    stream.write();
    await deliverAll(undefined, { mapping: mappingOf({ MaximumRecordAgeInSeconds: 60 }) });
    expect(batches).toEqual([[2]]);
    const [failed] = await setAsideFiles();
    expect(failed?.content.requestContext).toMatchObject({ condition: 'RecordAgeExceeded' });
  });

  it('waits longer after each failure in a row, up to the longest pause', async () => {
    const pauses: number[] = [];
    const clock = {
      ...HASTY_CLOCK,
      sleep: (ms: number, signal: AbortSignal) => {
        if (ms !== 250) pauses.push(ms);
        return HASTY_CLOCK.sleep(ms, signal);
      },
    };
    stream.write();
    await deliverAll(() => functionError(), {
      clock,
      maxBackoffMs: 200,
      mapping: mappingOf({ MaximumRetryAttempts: 5 }),
    });
    expect(pauses).toEqual([37.5, 75, 150, 150, 150]);
  });

  it('waits no longer than it is told to where it was stopped with records left', async () => {
    stream.write();
    const stopped = start(() => functionError(), { mapping: mappingOf({ MaximumRetryAttempts: 10_000 }) });
    await expect.poll(() => stopped.waiting()).toBe(1);
    const waiting = expect(quiet([stopped], { timeoutMs: 150 })).rejects.toThrow('1 waiting');
    await stopped.stop();
    await waiting;
  });

  it('keeps records, and says so, while the failure destination cannot be written', async () => {
    stream.write();
    // A file stands where the folder has to be.
    const blocked = path.join(folder, 'blocked');
    await writeFile(blocked, '');
    start(() => functionError(), { failureFolder: blocked });
    await expect.poll(() => poller?.problem).toContain('failure destination');
    await expect(quiet([poller!], { timeoutMs: 150 })).rejects.toThrow('1 waiting');
    await rename(blocked, path.join(folder, 'moved'));
    await quiet([poller!]);
    expect(await readdir(blocked)).toEqual(['failed-records']);
    expect(poller?.problem).toBeUndefined();
  });
});

describe('what is delivered', () => {
  it('leaves out filtered records and writes that changed nothing, and moves past them', async () => {
    stream.write('a');
    stream.write('b', 'shard-a', { eventName: 'REMOVE' });
    const same = { pk: { S: 'c' }, tags: { SS: ['x', 'y'] } };
    const other = { pk: { S: 'c' }, tags: { SS: ['y', 'x'] } };
    stream.write('c', 'shard-a', {
      eventName: 'MODIFY',
      dynamodb: { SequenceNumber: '3', Keys: { pk: { S: 'c' } }, NewImage: same, OldImage: other },
    });
    const Pattern = JSON.stringify({ eventName: ['INSERT', 'MODIFY'] });
    await deliverAll(undefined, {
      mapping: mappingOf({ FilterCriteria: { Filters: [{ Pattern }] } }),
      checkpointFolder: folder,
    });
    expect(batches).toEqual([[1]]);
    await poller?.stop();
    const saved = JSON.parse(await readFile(path.join(folder, 'Project.json'), 'utf8')) as object;
    expect(saved).toMatchObject({ shards: { 'shard-a': { after: '000000000000000000003' } } });
  });

  it('keeps the order of each item when it delivers in parallel, and runs lanes side by side', async () => {
    for (let i = 0; i < 60; i += 1) stream.write(`item-${i % 6}`);
    const perItem = new Map<string, number[]>();
    let busy = 0;
    let most = 0;
    await deliverAll(
      async (records) => {
        busy += 1;
        most = Math.max(most, busy);
        await new Promise((resolve) => setTimeout(resolve, 2));
        for (const record of records) {
          perItem.set(itemOf(record), [...(perItem.get(itemOf(record)) ?? []), ...numbersOf([record])]);
        }
        busy -= 1;
        return success();
      },
      { mapping: mappingOf({ ParallelizationFactor: 4, BatchSize: 3 }) },
    );
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
    expect([...perItem.values()].every((seen) => seen.length === 10)).toBe(true);
    for (const seen of perItem.values()) expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('delivers every batch twice in succession when asked to', async () => {
    for (let i = 0; i < 15; i += 1) stream.write();
    await deliverAll(undefined, { delivery: 'twice' });
    expect(batches.map((batch) => batch[0])).toEqual([1, 1, 11, 11]);
  });

  it('delivers records before older ones of other items when shuffled, each batch and item in order', async () => {
    for (let i = 0; i < 60; i += 1) stream.write(`item-${i % 12}`);
    const clock = { ...HASTY_CLOCK, random: seededRandom(7) };
    await deliverAll(undefined, { delivery: 'shuffled', clock });
    for (const batch of batches) expect(batch).toEqual([...batch].sort((a, b) => a - b));
    const firsts = [...new Set(batches.flat())];
    expect(firsts).toHaveLength(60);
    expect(firsts).not.toEqual([...firsts].sort((a, b) => a - b));
    for (let item = 0; item < 12; item += 1) {
      const own = firsts.filter((number) => (number - 1) % 12 === item);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  });

  it('delivers processed batches again after newer ones when shuffled, the same for the same seed', async () => {
    const runs: number[][][] = [];
    for (const seed of [7, 7]) {
      stream = new FakeStream();
      batches = [];
      for (let i = 0; i < 40; i += 1) stream.write();
      poller = startStreamPoller({
        mapping: mappingOf({ BatchSize: 4 }),
        streams: stream,
        failureFolder: folder,
        delivery: 'shuffled',
        seed,
        invoke: ({ Records }) => {
          batches.push(numbersOf(Records));
          return Promise.resolve(success());
        },
      });
      await quiet([poller]);
      await poller.stop();
      runs.push(batches);
    }
    expect(runs[0]).toEqual(runs[1]);
    const firsts = runs[0]!.map((batch) => batch[0]!);
    expect(firsts.length).toBeGreaterThan(20);
    const seen = new Map<number, number>();
    const again = batches.flatMap((batch, index) => {
      const before = seen.get(batch[0]!);
      seen.set(batch[0]!, index);
      return before !== undefined && before < index - 1 ? [batch] : [];
    });
    expect(again.length).toBeGreaterThan(0);
    expect(new Set(batches.flat()).size).toBe(40);
  });

  it('does not deliver again, shuffled, what was set aside', async () => {
    for (let i = 0; i < 12; i += 1) stream.write();
    let healed = false;
    const clock = { ...HASTY_CLOCK, random: () => 0.75 };
    await deliverAll(
      (records) => {
        if (numbersOf(records).includes(12)) healed = true;
        return numbersOf(records).includes(2) && !healed ? functionError() : success();
      },
      { delivery: 'shuffled', clock, mapping: mappingOf({ BatchSize: 4, MaximumRetryAttempts: 0 }) },
    );
    const last = batches.findIndex((batch) => batch.includes(12));
    expect(batches.slice(last + 1).length).toBeGreaterThan(0);
    const files = await setAsideFiles();
    expect(files.map(({ content }) => payloadNumbers(content))).toEqual([[2]]);
    const lastOf = (number: number) => batches.findLastIndex((batch) => batch.includes(number));
    expect(lastOf(2)).toBeLessThan(lastOf(5));
    expect(lastOf(1)).toBeGreaterThan(lastOf(2));
  });

  it('lets a test lose, repeat and delay records', async () => {
    for (let i = 0; i < 4; i += 1) stream.write();
    await deliverAll(undefined, {
      intercept: async (records) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return [...records.filter((_, index) => index !== 1), ...records.slice(0, 1)];
      },
    });
    expect(batches).toEqual([[1, 3, 4, 1]]);
    expect(poller?.waiting()).toBe(0);
  });
});

describe('shards and iterators', () => {
  it('reads a child only when everything of its parent is finished', async () => {
    stream.write('a');
    stream.split('shard-b', 'shard-a');
    stream.split('shard-c', 'shard-a');
    stream.write('a', 'shard-b');
    stream.write('b', 'shard-c');
    let tries = 0;
    await deliverAll((records) => {
      tries += 1;
      return numbersOf(records).includes(1) && tries < 3 ? functionError() : success();
    });
    expect(batches.slice(0, 3)).toEqual([[1], [1], [1]]);
    expect(batches.slice(3).flat().sort()).toEqual([2, 3]);
    expect(stream.opened.map(({ position }) => position)).toEqual(Array(3).fill('TRIM_HORIZON'));
  });

  it('opens a new iterator after the last record read when one has expired', async () => {
    stream.write();
    await deliverAll();
    stream.expireIterators();
    stream.write();
    poller?.wake();
    await quiet([poller!]);
    expect(batches).toEqual([[1], [2]]);
    expect(stream.opened.at(-1)?.position).toEqual({ after: '000000000000000000001' });
    expect(poller?.problem).toBeUndefined();
  });

  it('starts after what is there with LATEST', async () => {
    stream.write();
    await deliverAll(undefined, { mapping: mappingOf({ StartingPosition: 'LATEST' }) });
    stream.write();
    poller?.wake();
    await quiet([poller!]);
    expect(batches).toEqual([[2]]);
  });

  it('shows a problem while the engine fails, goes on polling, and recovers', async () => {
    stream.write();
    stream.failures.push(new Error('down'), new Error('down'));
    await deliverAll();
    const told = events.filter(({ kind }) => kind === 'problem' || kind === 'recovered');
    expect(told).toEqual([{ kind: 'problem', text: 'PROBLEM: down' }, { kind: 'recovered' }]);
    expect(batches).toEqual([[1]]);
  });

  it("does not read what the function's role does not allow, and says so", async () => {
    stream.write();
    let allowed = false;
    const asked = new Set<string>();
    start(undefined, {
      authorise: (action, arn) => {
        asked.add(`${action} ${arn}`);
        return action !== 'dynamodb:GetRecords' || allowed;
      },
    });
    await expect.poll(() => poller?.problem).toBeDefined();
    await expect(quiet([poller!], { timeoutMs: 100 })).rejects.toThrow('does not allow dynamodb:GetRecords');
    expect(stream.reads).toBe(0);
    allowed = true;
    await quiet([poller!]);
    expect(batches).toEqual([[1]]);
    expect([...asked]).toContain(`dynamodb:GetRecords ${mappingOf().streamArn}`);
  });

  it('does nothing while the mapping is disabled', async () => {
    stream.write();
    await deliverAll(undefined, { mapping: mappingOf({ Enabled: false }) });
    expect([batches, stream.reads]).toEqual([[], 0]);
  });
});

describe('checkpoints', () => {
  it('goes on after the lowest unfinished record when it is started again', async () => {
    for (let i = 0; i < 6; i += 1) stream.write();
    const stuck = new Promise<void>((resolve) => {
      start(
        (records) => {
          if (!numbersOf(records).includes(4)) return success();
          resolve();
          return functionError();
        },
        {
          checkpointFolder: folder,
          mapping: mappingOf({ BatchSize: 1, MaximumRetryAttempts: -1, ParallelizationFactor: 1 }),
        },
      );
    });
    await stuck;
    await poller?.stop();
    batches = [];
    await deliverAll(undefined, { checkpointFolder: folder });
    expect(batches).toEqual([[4, 5, 6]]);
  });

  it('does not move past an unfinished record when a later one in another lane is finished', async () => {
    const items = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    for (const item of items) stream.write(item);
    const mapping = mappingOf({ ParallelizationFactor: 8, BatchSize: 1, MaximumRetryAttempts: -1 });
    const done = new Set<number>();
    let first = 0;
    await new Promise<void>((resolve) => {
      start(
        (records) => {
          const [number = 0] = numbersOf(records);
          if (number === 1) {
            first += 1;
            if (first > 20) resolve();
            return functionError();
          }
          done.add(number);
          return success();
        },
        { mapping, checkpointFolder: folder },
      );
    });
    await poller?.stop();
    expect(done.size).toBeGreaterThan(0);
    batches = [];
    await deliverAll(undefined, { mapping, checkpointFolder: folder });
    expect(batches.flat().sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('starts anew when the file was cut off as the machine went down', async () => {
    stream.write();
    await deliverAll(undefined, { checkpointFolder: folder });
    await poller?.stop();
    const [file = ''] = (await readdir(folder)).filter((name) => name.endsWith('.json'));
    await truncate(path.join(folder, file), 10);
    await deliverAll(undefined, { checkpointFolder: folder });
    expect(batches).toEqual([[1], [1]]);
  });

  it('starts anew when the stream is another one', async () => {
    stream.write();
    await deliverAll(undefined, { checkpointFolder: folder });
    await poller?.stop();
    stream.findStream = () => Promise.resolve('arn:of:another/stream');
    await deliverAll(undefined, { checkpointFolder: folder });
    expect(batches).toEqual([[1], [1]]);
  });
});
