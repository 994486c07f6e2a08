import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { scalar } from './access-context.ts';
import { ENGINE_ACCESS } from './engine.ts';
import type { LocalTable } from './tables.ts';

/** What the stream record of an expired row carries on AWS, and a person's deletion does not. */
export const TTL_IDENTITY = { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const;

type Image = Readonly<Record<string, unknown>>;

/** Deletes expired rows, which no engine does by itself. */
export interface TtlSweep {
  /** Deletes what has expired at `now` and answers how many rows that were. */
  sweep(now: Date): Promise<number>;
  /** Whether the removal of this row was the sweep's: its stream record then needs `TTL_IDENTITY`. */
  isSwept(tableName: string, oldImage: Image): boolean;
}

export interface TtlSweepOptions {
  /** The engine, or the gate when writes should wake the pollers. */
  readonly endpoint: string;
  /** The operator's, when the endpoint is the gate. */
  readonly accessKeyId?: string;
  readonly tables: readonly LocalTable[];
}

const FIVE_YEARS = 5 * 365 * 24 * 60 * 60;
const DAY = 24 * 60 * 60 * 1000;

export function createTtlSweep(options: TtlSweepOptions): TtlSweep {
  const { endpoint, accessKeyId = ENGINE_ACCESS.credentials.accessKeyId, tables } = options;
  // Engines have no way to say on whose behalf they delete, so the sweep remembers: the row with its expiry, for
  // as long as stream records live.
  const swept = new Map<string, number>();
  const byName = new Map(tables.map((table) => [table.name, table]));
  const identify = (table: LocalTable, row: Image) =>
    JSON.stringify([
      table.name,
      ...[table.partitionKey, table.sortKey, table.ttlAttribute].map((name) => name && row[name]),
    ]);

  async function deleteExpired(
    client: DynamoDBClient,
    table: LocalTable,
    row: Record<string, AttributeValue>,
  ) {
    const { partitionKey, sortKey, ttlAttribute = '' } = table;
    const names = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
    const key = Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
    const identity = identify(table, row);
    // Before the deletion: a poller may see its record before this call returns.
    swept.set(identity, Date.now());
    try {
      await client.send(
        new DeleteItemCommand({
          TableName: table.name,
          Key: key,
          ConditionExpression: '#ttl = :seen',
          ExpressionAttributeNames: { '#ttl': ttlAttribute },
          ExpressionAttributeValues: { ':seen': { N: scalar(row[ttlAttribute]) ?? '0' } },
        }),
      );
      return true;
    } catch (error) {
      // After any other error the row may be gone.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
      swept.delete(identity);
      return false;
    }
  }

  async function sweepTable(client: DynamoDBClient, table: LocalTable, second: number): Promise<number> {
    const { ttlAttribute } = table;
    if (ttlAttribute === undefined) return 0;
    let deleted = 0;
    const pages = paginateScan(
      { client },
      {
        TableName: table.name,
        // A value that is more than five years old is not taken for a time.
        FilterExpression: 'attribute_type(#ttl, :number) AND #ttl BETWEEN :oldest AND :now',
        ExpressionAttributeNames: { '#ttl': ttlAttribute },
        ExpressionAttributeValues: {
          ':number': { S: 'N' },
          ':oldest': { N: String(second - FIVE_YEARS) },
          ':now': { N: String(second) },
        },
      },
    );
    for await (const page of pages) {
      for (const row of page.Items ?? []) if (await deleteExpired(client, table, row)) deleted++;
    }
    return deleted;
  }

  return {
    sweep: async (now) => {
      for (const [identity, at] of swept) if (Date.now() - at > DAY) swept.delete(identity);
      const { region, credentials } = ENGINE_ACCESS;
      const client = new DynamoDBClient({ endpoint, region, credentials: { ...credentials, accessKeyId } });
      try {
        let deleted = 0;
        for (const table of tables)
          deleted += await sweepTable(client, table, Math.floor(now.getTime() / 1000));
        return deleted;
      } finally {
        client.destroy();
      }
    },
    isSwept: (tableName, oldImage) => {
      const table = byName.get(tableName);
      return table?.ttlAttribute !== undefined && swept.has(identify(table, oldImage));
    },
  };
}
