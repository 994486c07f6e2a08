import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { _Record, AttributeValue } from '@aws-sdk/client-dynamodb-streams';

/** An item as it stands in a stream event: DynamoDB's typed JSON, binary values in base64. */
export type EventImage = Readonly<Record<string, unknown>>;

/** One record of the event that a stream function receives. */
export interface StreamEventRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: string;
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly dynamodb: {
    /** Whole seconds since 1970. */
    readonly ApproximateCreationDateTime: number;
    readonly Keys: EventImage;
    readonly NewImage?: EventImage;
    readonly OldImage?: EventImage;
    /** At least 21 decimal digits. */
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: string;
  };
  readonly eventSourceARN: string;
  /** Only on what TTL removed. */
  readonly userIdentity?: { readonly type: string; readonly principalId: string };
}

const SEQUENCE_DIGITS = 21;

/** An engine's sequence number in AWS's form; engines count from 1. */
export function padSequence(sequence: string): string {
  return sequence.padStart(SEQUENCE_DIGITS, '0');
}

/** Whether `left` comes before `right` in its shard. Sequence numbers differ in length: never compare as text. */
export function isBefore(left: string, right: string): boolean {
  return BigInt(left) < BigInt(right);
}

/** The record as AWS would put it into an event of the mapping with this stream ARN. */
export function toEventRecord(record: _Record, streamArn: string, region: string): StreamEventRecord {
  const change = record.dynamodb ?? {};
  const sequence = padSequence(change.SequenceNumber ?? '0');
  const created = change.ApproximateCreationDateTime?.getTime() ?? 0;
  const identity = record.userIdentity;
  return {
    eventID: createHash('md5').update(`${streamArn}/${sequence}`).digest('hex'),
    eventName: record.eventName ?? 'MODIFY',
    eventVersion: record.eventVersion ?? '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(created / 1000),
      Keys: toImage(change.Keys ?? {}),
      ...(change.NewImage !== undefined && { NewImage: toImage(change.NewImage) }),
      ...(change.OldImage !== undefined && { OldImage: toImage(change.OldImage) }),
      SequenceNumber: sequence,
      SizeBytes: change.SizeBytes ?? 0,
      StreamViewType: change.StreamViewType ?? 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: streamArn,
    ...(identity !== undefined && {
      userIdentity: { type: identity.Type ?? '', principalId: identity.PrincipalId ?? '' },
    }),
  };
}

/** A write that changed nothing. AWS emits no record for it; dynoxide does. */
export function changesNothing(record: StreamEventRecord): boolean {
  const { NewImage, OldImage } = record.dynamodb;
  return record.eventName === 'MODIFY' && NewImage !== undefined && isDeepStrictEqual(NewImage, OldImage);
}

/** The same text for every record of one item (partition key and sort key). */
export function itemOf(record: StreamEventRecord): string {
  const keys = Object.entries(record.dynamodb.Keys).sort(([left], [right]) => (left < right ? -1 : 1));
  return JSON.stringify(keys);
}

/** Which of `lanes` an item belongs to: always the same one. */
export function laneOf(record: StreamEventRecord, lanes: number): number {
  if (lanes === 1) return 0;
  return createHash('md5').update(itemOf(record)).digest().readUInt32BE(0) % lanes;
}

function toImage(image: Readonly<Record<string, AttributeValue>>): EventImage {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, toJson(value)]));
}

function toJson(value: AttributeValue): unknown {
  if (value.B !== undefined) return { B: toBase64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(toBase64).sort() };
  // A set has no order: sorted, so that equal sets are equal.
  if (value.SS !== undefined) return { SS: [...value.SS].sort() };
  if (value.NS !== undefined) return { NS: [...value.NS].sort() };
  if (value.L !== undefined) return { L: value.L.map(toJson) };
  if (value.M !== undefined) return { M: toImage(value.M) };
  return { ...value };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
