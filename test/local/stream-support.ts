import type { _Record } from '@aws-sdk/client-dynamodb-streams';
import type { InvokeResult } from '../../infra/local/lambda/invocation.ts';
import type { Shard, StreamPosition, StreamsApi } from '../../infra/local/streams/stream-api.ts';
import type { DeliveryClock } from '../../infra/local/streams/stream-clock.ts';
import { parseStreamMapping, type StreamMapping } from '../../infra/local/streams/stream-mapping.ts';
import { padSequence, type StreamEventRecord } from '../../infra/local/streams/stream-records.ts';

export const STREAM_ARN = 'arn:aws:dynamodb:us-east-1:000000000000:table/enrollments/stream/local';

/** A mapping as the template has it; `properties` replace the defaults. */
export function mappingOf(properties: Record<string, unknown> = {}, logicalId = 'Project'): StreamMapping {
  return parseStreamMapping({
    logicalId,
    type: 'AWS::Lambda::EventSourceMapping',
    properties: {
      EventSourceArn: STREAM_ARN,
      FunctionName: 'project-progress',
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 2,
      MaximumRecordAgeInSeconds: 3600,
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failed-records' } },
      ...properties,
    },
  });
}

/** A record as an engine gives it. The item is `item`; the number of the write is in the image. */
export function engineRecord(sequence: number, item = `item-${sequence}`): _Record {
  return {
    eventName: 'INSERT',
    eventVersion: '1.1',
    dynamodb: {
      ApproximateCreationDateTime: new Date(),
      Keys: { pk: { S: item } },
      NewImage: { pk: { S: item }, n: { N: String(sequence) } },
      SequenceNumber: String(sequence),
      SizeBytes: 20,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  };
}

function named(name: string): Error {
  return Object.assign(new Error(`${name} from the fake stream`), { name });
}

interface FakeShard extends Shard {
  readonly records: _Record[];
  closed: boolean;
}

/** A stream in memory whose shards can be split, and whose iterators can expire. */
export class FakeStream implements StreamsApi {
  readonly shards = new Map<string, FakeShard>();
  readonly opened: { shardId: string; position: StreamPosition }[] = [];
  reads = 0;
  /** Thrown by the next reads, one each. */
  readonly failures: Error[] = [];
  #epoch = 0;
  #sequence = 0;

  constructor() {
    this.split('shard-a');
  }

  split(id: string, parentId?: string): void {
    if (parentId !== undefined) this.#shard(parentId).closed = true;
    this.shards.set(id, { id, parentId, records: [], closed: false });
  }

  write(item?: string, shardId = 'shard-a', change: Partial<_Record> = {}): string {
    this.#sequence += 1;
    this.#shard(shardId).records.push({ ...engineRecord(this.#sequence, item), ...change });
    return padSequence(String(this.#sequence));
  }

  expireIterators(): void {
    this.#epoch += 1;
  }

  findStream(): Promise<string> {
    return Promise.resolve('arn:aws:dynamodb:fake:000000000000:table/enrollments/stream/1');
  }

  listShards(): Promise<readonly Shard[]> {
    return Promise.resolve([...this.shards.values()].map(({ id, parentId }) => ({ id, parentId })));
  }

  openIterator(_arn: string, shardId: string, position: StreamPosition): Promise<string> {
    this.opened.push({ shardId, position });
    const { records } = this.#shard(shardId);
    let index = position === 'LATEST' ? records.length : 0;
    if (typeof position === 'object') {
      const after = BigInt(position.after);
      index = records.filter((record) => BigInt(record.dynamodb?.SequenceNumber ?? 0) <= after).length;
    }
    return Promise.resolve(JSON.stringify([shardId, index, this.#epoch]));
  }

  getRecords(iterator: string, limit: number) {
    this.reads += 1;
    const failure = this.failures.shift();
    if (failure !== undefined) return Promise.reject(failure);
    const [shardId, index, epoch] = JSON.parse(iterator) as [string, number, number];
    if (epoch !== this.#epoch) return Promise.reject(named('ExpiredIteratorException'));
    const shard = this.#shard(shardId);
    const records = shard.records.slice(index, index + limit);
    const end = index + records.length;
    const next =
      shard.closed && end >= shard.records.length ? undefined : JSON.stringify([shardId, end, epoch]);
    return Promise.resolve({ records, next });
  }

  #shard(id: string): FakeShard {
    const shard = this.shards.get(id);
    if (shard === undefined) throw new Error(`no shard ${id}`);
    return shard;
  }
}

/** Real time, but every pause is over after the current turn of the event loop. */
export const HASTY_CLOCK: DeliveryClock = {
  now: () => Date.now(),
  sleep: () => new Promise((resolve) => setImmediate(resolve)),
  random: () => 0.5,
};

export function success(payload: unknown = null): InvokeResult {
  return { ok: true, payload };
}

export function functionError(): InvokeResult {
  return { ok: false, errorType: 'Error', errorMessage: 'failed', timedOut: false };
}

export function failedItems(...records: (StreamEventRecord | undefined)[]): InvokeResult {
  const batchItemFailures = records.map((record) => ({ itemIdentifier: record?.dynamodb.SequenceNumber }));
  return success({ batchItemFailures });
}

/** The numbers that `FakeStream.write` gave the records. */
export function numbersOf(records: readonly StreamEventRecord[]): number[] {
  return records.map((record) => Number(record.dynamodb.SequenceNumber));
}
