import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import * as z from 'zod';
import type { Log } from './logger.ts';

/** One change of one row, as a stream delivers it: at least once, and perhaps after newer ones. */
export interface StreamRecord {
  /** Physical name of the table. */
  readonly table: string;
  readonly eventId: string;
  /** Decimal digits; compare as numbers, never as text. */
  readonly sequenceNumber: string;
  /** Undefined also where it cannot be read and there is a new one. */
  readonly oldImage: Image | undefined;
  /** Undefined when the row was removed. */
  readonly newImage: Image | undefined;
  /** The record as it came. */
  readonly raw: unknown;
}
export type Image = Readonly<Record<string, unknown>>;

/** A record with what the consumer read out of it. */
export interface Delivery<Change> {
  readonly record: StreamRecord;
  readonly change: Change;
}

/** What became of a batch; a record named in neither list is done. */
export interface BatchOutcome {
  /** Records to deliver again, with why. */
  readonly failed?: readonly { readonly record: StreamRecord; readonly error: unknown }[];
  /** Records that no retry can mend, with why in words without personal data. */
  readonly aside?: readonly { readonly record: StreamRecord; readonly reason: string }[];
}

export interface StreamOptions<Change> {
  /** Reads a record; throwing means that it is malformed. */
  readonly parse: (record: StreamRecord) => Change;
  /**
   * Works through a whole batch in the order of the stream, so that it can merge before it writes. What it
   * throws fails the whole batch: Lambda then halves it until the guilty record is alone.
   */
  readonly apply: (batch: readonly Delivery<Change>[]) => Promise<BatchOutcome>;
  /** Keeps a record that is passed over. Must be repeatable. */
  readonly setAside: (record: StreamRecord, reason: string) => Promise<void>;
  /** Hears at the end what became of the records of a batch. Must not throw. */
  readonly ended?: (batch: EndedBatch) => Promise<void>;
  readonly logger: Log;
}

/** The records of a batch by what became of them; those that were set aside are in neither. */
export interface EndedBatch {
  readonly done: readonly StreamRecord[];
  /** Those that Lambda delivers again: all from the lowest that failed, also where they went well. */
  readonly again: readonly StreamRecord[];
}

export interface StreamReply {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export type StreamHandler = (event: unknown) => Promise<StreamReply>;

/**
 * A Lambda handler of a DynamoDB stream mapping with ReportBatchItemFailures. Lambda resumes at the lowest
 * sequence number reported and delivers everything after it again, so one is enough, and whatever was done
 * beyond it is done twice: `apply` must not mind.
 */
export function createStreamHandler<Change>(options: StreamOptions<Change>): StreamHandler {
  const { parse, apply, setAside, ended, logger } = options;
  return async (event) => {
    const failed: { record: StreamRecord; error: unknown }[] = [];
    const passed = new Set<StreamRecord>();
    const pass = async (record: StreamRecord, reason: string) => {
      passed.add(record);
      try {
        await setAside(record, reason);
        logger.warn('record_set_aside', { table: record.table, eventId: record.eventId, reason });
      } catch (error) {
        failed.push({ record, error });
      }
    };

    const deliveries: Delivery<Change>[] = [];
    for (const received of StreamEvent.parse(event).Records) {
      const record = recordOf(received);
      if (record instanceof MalformedRecord) {
        await pass(record.record, record.message);
        continue;
      }
      try {
        deliveries.push({ record, change: parse(record) });
      } catch (error) {
        await pass(record, reasonOf(error));
      }
    }

    if (deliveries.length > 0) {
      try {
        const outcome = await apply(deliveries);
        failed.push(...(outcome.failed ?? []));
        for (const { record, reason } of outcome.aside ?? []) await pass(record, reason);
      } catch (error) {
        logger.error('batch_failed', { records: deliveries.length }, error);
        await ended?.({ done: [], again: deliveries.map(({ record }) => record) });
        throw error;
      }
    }

    const first = lowest(failed);
    const left = deliveries.map(({ record }) => record).filter((record) => !passed.has(record));
    const comesAgain = (record: StreamRecord) =>
      first !== undefined && BigInt(record.sequenceNumber) >= BigInt(first.record.sequenceNumber);
    await ended?.({
      done: left.filter((record) => !comesAgain(record)),
      again: left.filter(comesAgain),
    });
    if (first === undefined) return { batchItemFailures: [] };
    const { table, eventId, sequenceNumber } = first.record;
    logger.error('batch_failed', { table, eventId, records: failed.length }, first.error);
    return { batchItemFailures: [{ itemIdentifier: sequenceNumber }] };
  };
}

const AttributeValues = z.record(
  z.string(),
  z.custom<AttributeValue>((value) => typeof value === 'object' && value !== null),
);

const StreamEvent = z.object({
  Records: z.array(
    z.looseObject({
      eventID: z.string(),
      eventSourceARN: z.string(),
      dynamodb: z.looseObject({
        SequenceNumber: z.string().regex(/^\d+$/),
        NewImage: AttributeValues.optional(),
        OldImage: AttributeValues.optional(),
      }),
    }),
  ),
});

/** A record whose images cannot be read at all. */
class MalformedRecord extends Error {
  constructor(
    readonly record: StreamRecord,
    reason: string,
  ) {
    super(reason);
  }
}

function recordOf(received: z.infer<typeof StreamEvent>['Records'][number]): StreamRecord | MalformedRecord {
  const { NewImage, OldImage, SequenceNumber } = received.dynamodb;
  const base = {
    table: /:table\/([^/]+)/.exec(received.eventSourceARN)?.[1] ?? received.eventSourceARN,
    eventId: received.eventID,
    sequenceNumber: SequenceNumber,
    raw: received,
  };
  try {
    const newImage = imageOf(NewImage);
    return { ...base, oldImage: newImage === undefined ? imageOf(OldImage) : readable(OldImage), newImage };
  } catch (error) {
    return new MalformedRecord({ ...base, oldImage: undefined, newImage: undefined }, reasonOf(error));
  }
}

function imageOf(image: z.infer<typeof AttributeValues> | undefined): Image | undefined {
  return image === undefined ? undefined : unmarshall(image);
}

/** A row that was mended has an old image that nobody can read: the record is good all the same. */
function readable(image: z.infer<typeof AttributeValues> | undefined): Image | undefined {
  try {
    return imageOf(image);
  } catch {
    return undefined;
  }
}

/** Paths and codes, not the values that people wrote. */
function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError) {
    const wrong = error.issues.slice(0, 5).map((issue) => `${issue.path.join('.') || '(row)'} ${issue.code}`);
    return `malformed: ${wrong.join(', ')}`;
  }
  return error instanceof Error ? `${error.name}: ${error.message}` : 'unreadable';
}

function lowest<F extends { readonly record: StreamRecord }>(failed: readonly F[]): F | undefined {
  return failed.reduce<F | undefined>(
    (first, next) =>
      first === undefined || BigInt(next.record.sequenceNumber) < BigInt(first.record.sequenceNumber)
        ? next
        : first,
    undefined,
  );
}
