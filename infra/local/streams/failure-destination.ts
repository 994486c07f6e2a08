import { randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { StreamMapping } from './stream-mapping.ts';
import type { StreamEventRecord } from './stream-records.ts';

/** Why Lambda gave up on records. */
export type FailureCondition = 'RetryAttemptsExhausted' | 'RecordAgeExceeded';

/** Records given up on, and what is known about their last invocation. */
export interface SetAside {
  readonly records: readonly StreamEventRecord[];
  readonly shardId: string;
  readonly condition: FailureCondition;
  readonly invokeCount: number;
  /** True when the function threw, timed out or crashed, rather than reporting failed items. */
  readonly functionError: boolean;
}

/** Where a mapping puts what it gives up on. */
export interface FailureDestination {
  /** Returns the file written. Rejects when it cannot be written: the records are then not set aside. */
  setAside(failed: SetAside): Promise<string>;
}

/**
 * A mapping's failure destination as a folder per bucket (or queue, or topic) under `folder`. Files have the
 * names and content of the objects Lambda writes to S3: `payload` is the whole event as JSON text, which only
 * S3 gets. Undefined when the mapping has no destination: then records given up on are lost, as on AWS.
 */
export function createFailureDestination(
  mapping: StreamMapping,
  folder: string,
  now: () => number,
): FailureDestination | undefined {
  const arn = mapping.failureDestinationArn;
  if (arn === undefined) return undefined;
  const name = arn.split(':').at(-1) ?? arn;
  const onS3 = arn.includes(':s3:');
  return {
    async setAside(failed) {
      const timestamp = new Date(now()).toISOString();
      const day = timestamp.slice(0, 10);
      const target = path.join(
        folder,
        name,
        'aws',
        'lambda',
        mapping.uuid,
        failed.shardId,
        ...day.split('-'),
      );
      const second = timestamp.slice(0, 19).replaceAll(':', '.');
      const document = { ...describe(mapping, failed, timestamp), ...(onS3 && payloadOf(failed)) };
      return await writeWhole(target, `${second}-${randomUUID()}.json`, document);
    },
  };
}

const DRAFT = '.draft';

/** Whether a file is one that `writeWhole` has not finished. */
export function isDraft(file: string): boolean {
  return file.endsWith(DRAFT);
}

/** Writes a JSON file that readers see whole or not at all. Returns its path. */
export async function writeWhole(folder: string, name: string, content: unknown): Promise<string> {
  await mkdir(folder, { recursive: true });
  const file = path.join(folder, name);
  const draft = `${file}.${randomUUID()}${DRAFT}`;
  await writeFile(draft, JSON.stringify(content, undefined, 2));
  await rename(draft, file);
  return file;
}

function payloadOf(failed: SetAside) {
  return { payload: JSON.stringify({ Records: failed.records }) };
}

function describe(mapping: StreamMapping, failed: SetAside, timestamp: string) {
  const first = failed.records[0]?.dynamodb;
  const last = failed.records.at(-1)?.dynamodb;
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: mapping.functionArn,
      condition: failed.condition,
      approximateInvokeCount: failed.invokeCount,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: '$LATEST',
      ...(failed.functionError && { functionError: 'Unhandled' }),
    },
    version: '1.0',
    timestamp,
    DDBStreamBatchInfo: {
      shardId: failed.shardId,
      startSequenceNumber: first?.SequenceNumber,
      endSequenceNumber: last?.SequenceNumber,
      approximateArrivalOfFirstRecord: instant(first?.ApproximateCreationDateTime),
      approximateArrivalOfLastRecord: instant(last?.ApproximateCreationDateTime),
      batchSize: failed.records.length,
      streamArn: mapping.streamArn,
    },
  };
}

function instant(seconds = 0): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}
