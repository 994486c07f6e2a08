import { describe, expect, it } from 'vitest';
import { parseStreamMapping } from '../../infra/local/streams/stream-mapping.ts';
import { changesNothing, isBefore, laneOf, toEventRecord } from '../../infra/local/streams/stream-records.ts';
import { engineRecord, mappingOf, STREAM_ARN } from './stream-support.ts';

const toEvent = (record: Parameters<typeof toEventRecord>[0]) =>
  toEventRecord(record, STREAM_ARN, 'us-east-1');

describe('an event record', () => {
  it("has AWS's shape, with whole seconds and a padded sequence number", () => {
    const created = new Date('2026-01-02T03:04:05.678Z');
    const record = engineRecord(7, 'a');
    record.dynamodb!.ApproximateCreationDateTime = created;
    record.dynamodb!.NewImage = {
      pk: { S: 'a' },
      raw: { B: new Uint8Array([1, 2]) },
      l: { L: [{ NULL: true }] },
    };
    expect(toEvent(record)).toEqual({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventName: 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      dynamodb: {
        ApproximateCreationDateTime: 1767323045,
        Keys: { pk: { S: 'a' } },
        NewImage: { pk: { S: 'a' }, raw: { B: 'AQI=' }, l: { L: [{ NULL: true }] } },
        SequenceNumber: '000000000000000000007',
        SizeBytes: 20,
        StreamViewType: 'NEW_AND_OLD_IMAGES',
      },
      eventSourceARN: STREAM_ARN,
    });
  });

  it('has an id of its own in every stream', () => {
    const ids = [1, 2].flatMap((sequence) => [
      toEvent(engineRecord(sequence)).eventID,
      toEventRecord(engineRecord(sequence), `${STREAM_ARN}2`, 'us-east-1').eventID,
    ]);
    expect(new Set(ids).size).toBe(4);
  });

  it('says when TTL removed the row', () => {
    const userIdentity = { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' };
    expect(toEvent({ ...engineRecord(1), userIdentity }).userIdentity).toEqual({
      type: 'Service',
      principalId: 'dynamodb.amazonaws.com',
    });
  });

  it('changes nothing only as a MODIFY with equal images, sets in any order', () => {
    const modify = (left: object, right: object, eventName: 'MODIFY' | 'INSERT' = 'MODIFY') => {
      const record = engineRecord(1);
      record.dynamodb!.OldImage = left as never;
      record.dynamodb!.NewImage = right as never;
      return changesNothing(toEvent({ ...record, eventName }));
    };
    expect(modify({ a: { NS: ['1', '2'] } }, { a: { NS: ['2', '1'] } })).toBe(true);
    expect(modify({ a: { L: [{ N: '1' }, { N: '2' }] } }, { a: { L: [{ N: '2' }, { N: '1' }] } })).toBe(
      false,
    );
    expect(modify({ a: { S: '1' } }, { a: { N: '1' } })).toBe(false);
    expect(modify({ a: { S: '1' } }, { a: { S: '1' } }, 'INSERT')).toBe(false);
  });

  it('is ordered by the number, not the text, of its sequence', () => {
    expect(isBefore('9', '10')).toBe(true);
    expect(isBefore('800000000003126276362', '1700000000003126276362')).toBe(true);
    expect(isBefore('10', '10')).toBe(false);
  });

  it('falls into the same lane for the same item, whatever the order of its keys', () => {
    const record = (Keys: object) => {
      const raw = engineRecord(1);
      raw.dynamodb!.Keys = Keys as never;
      return toEvent(raw);
    };
    const lanes = new Set<number>();
    for (let i = 0; i < 50; i += 1) {
      const pk = { S: 'p' };
      const sk = { S: String(i) };
      const lane = laneOf(record({ pk, sk }), 5);
      expect(laneOf(record({ sk, pk }), 5)).toBe(lane);
      lanes.add(lane);
    }
    expect([...lanes].sort()).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('a mapping', () => {
  it("fills in Lambda's defaults", () => {
    const mapping = parseStreamMapping({
      logicalId: 'M',
      type: 'AWS::Lambda::EventSourceMapping',
      properties: {
        EventSourceArn: STREAM_ARN,
        FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
        StartingPosition: 'TRIM_HORIZON',
      },
    });
    expect(mapping).toMatchObject({
      functionName: 'fn',
      tableName: 'enrollments',
      region: 'us-east-1',
      enabled: true,
      batchSize: 100,
      batchingWindowSeconds: 0,
      parallelizationFactor: 1,
      reportBatchItemFailures: false,
      bisectBatchOnFunctionError: false,
      maximumRetryAttempts: -1,
      maximumRecordAgeInSeconds: -1,
      failureDestinationArn: undefined,
      filters: [],
    });
    expect(mapping.uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it.each([
    ['a batch of 10,001', { BatchSize: 10_001 }],
    ['an age of 30 seconds', { MaximumRecordAgeInSeconds: 30 }],
    ['eleven lanes', { ParallelizationFactor: 11 }],
    ['a queue for its source', { EventSourceArn: 'arn:aws:sqs:us-east-1:0:q' }],
    ['a tumbling window, which is not run here', { TumblingWindowInSeconds: 60 }],
  ])('is refused with %s', (_, properties) => {
    expect(() => mappingOf(properties)).toThrow('Project is not a usable stream mapping');
  });
});
