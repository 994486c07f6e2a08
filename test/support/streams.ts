import { marshall } from '@aws-sdk/util-dynamodb';
import type { StreamHandler } from '../../shared/runtime/stream-loop.ts';

export interface RecordInput {
  /** Physical name. */
  readonly table: string;
  readonly before?: object;
  readonly after?: object;
}

export interface EventRecord {
  readonly eventID: string;
  readonly dynamodb: { readonly SequenceNumber: string };
}

/** Sequence numbers as long as AWS's: beyond what a number can hold. */
const FIRST_SEQUENCE = 100000000000000000000n;

/** Records as a stream hands them to a function, in the order given. */
export function streamRecords(inputs: readonly RecordInput[]): EventRecord[] {
  return inputs.map(({ table, before, after }, index) => ({
    eventID: `event-${index}`,
    eventName: after === undefined ? 'REMOVE' : before === undefined ? 'INSERT' : 'MODIFY',
    eventSource: 'aws:dynamodb',
    eventSourceARN: `arn:aws:dynamodb:us-east-1:000000000000:table/${table}/stream/2026-11-22T10:00:00.000`,
    dynamodb: {
      SequenceNumber: String(FIRST_SEQUENCE + BigInt(index)),
      Keys: {},
      ...(after !== undefined && { NewImage: image(after) }),
      ...(before !== undefined && { OldImage: image(before) }),
    },
  }));
}

/**
 * Delivers records as a mapping does: again from the lowest one reported, or the whole batch when the function
 * throws, until nothing is reported. Gives how often it called the function.
 */
export async function deliver(handler: StreamHandler, records: readonly EventRecord[]): Promise<number> {
  let left = records;
  for (let calls = 1; ; calls += 1) {
    if (calls > 60) throw new Error('The batch never gets through');
    let failure: string | undefined;
    try {
      const { batchItemFailures } = await handler({ Records: left });
      failure = batchItemFailures[0]?.itemIdentifier;
      if (failure === undefined) return calls;
    } catch {
      continue;
    }
    left = left.slice(left.findIndex((record) => record.dynamodb.SequenceNumber === failure));
  }
}

function image(row: object): unknown {
  return marshall(row, { removeUndefinedValues: true });
}
