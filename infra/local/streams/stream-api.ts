import { type _Record, DynamoDBStreams } from '@aws-sdk/client-dynamodb-streams';

/** Where to start in a shard. */
export type StreamPosition = 'TRIM_HORIZON' | 'LATEST' | { readonly after: string };

/** A shard; `parentId` names the shard it was split from, which may be gone. */
export interface Shard {
  readonly id: string;
  readonly parentId: string | undefined;
}

/** The part of the DynamoDB Streams API that a mapping uses. Rejects with the SDK's errors, by their names. */
export interface StreamsApi {
  /** The ARN of the table's newest stream; undefined when it has none. */
  findStream(tableName: string): Promise<string | undefined>;
  listShards(streamArn: string): Promise<readonly Shard[]>;
  openIterator(streamArn: string, shardId: string, position: StreamPosition): Promise<string>;
  /** `next` is undefined when the shard is closed and read to its end. */
  getRecords(
    iterator: string,
    limit: number,
  ): Promise<{ readonly records: readonly _Record[]; readonly next: string | undefined }>;
}

/** How to reach an engine. */
export interface StreamsConnection {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** The Streams API of an engine or of AWS. It does not retry: a poller tries again by itself. */
export function createStreamsApi(connection: StreamsConnection): StreamsApi {
  const client = new DynamoDBStreams({ ...connection, maxAttempts: 1 });
  return {
    async findStream(tableName) {
      let newest: { readonly arn: string; readonly label: string } | undefined;
      let start: string | undefined;
      do {
        const page = await client.listStreams({
          TableName: tableName,
          ...(start !== undefined && { ExclusiveStartStreamArn: start }),
        });
        for (const { StreamArn: arn, StreamLabel: label = '' } of page.Streams ?? []) {
          if (arn !== undefined && (newest === undefined || label > newest.label)) newest = { arn, label };
        }
        start = page.LastEvaluatedStreamArn;
      } while (start !== undefined);
      return newest?.arn;
    },
    async listShards(streamArn) {
      const shards: Shard[] = [];
      let start: string | undefined;
      do {
        const { StreamDescription: page } = await client.describeStream({
          StreamArn: streamArn,
          ...(start !== undefined && { ExclusiveStartShardId: start }),
        });
        // Ending sequence numbers are not looked at: dynoxide gives one for a shard that is still open.
        for (const { ShardId: id, ParentShardId: parentId } of page?.Shards ?? []) {
          if (id !== undefined) shards.push({ id, parentId });
        }
        start = page?.LastEvaluatedShardId;
      } while (start !== undefined);
      return shards;
    },
    async openIterator(streamArn, shardId, position) {
      const { ShardIterator } = await client.getShardIterator({
        StreamArn: streamArn,
        ShardId: shardId,
        ...(typeof position === 'string'
          ? { ShardIteratorType: position }
          : { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position.after }),
      });
      if (ShardIterator === undefined) throw new Error(`No iterator for shard ${shardId}`);
      return ShardIterator;
    },
    async getRecords(iterator, limit) {
      const page = await client.getRecords({ ShardIterator: iterator, Limit: limit });
      return { records: page.Records ?? [], next: page.NextShardIterator };
    },
  };
}
