import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ResourceInUseException,
} from '@aws-sdk/client-dynamodb';
import type { CreateTableCommandInput, TableDescription } from '@aws-sdk/client-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { ENGINE_ACCESS } from './engine.ts';
import type { Resource } from '../template/resource.ts';

const KeySchema = z.array(z.object({ AttributeName: z.string(), KeyType: z.enum(['HASH', 'RANGE']) })).min(1);
const Projection = z.object({
  ProjectionType: z.enum(['ALL', 'KEYS_ONLY', 'INCLUDE']),
  NonKeyAttributes: z.array(z.string()).optional(),
});
const Index = z.object({ IndexName: z.string(), KeySchema, Projection });
const TableProperties = z.object({
  TableName: z.string().optional(),
  KeySchema,
  AttributeDefinitions: z.array(
    z.object({ AttributeName: z.string(), AttributeType: z.enum(['S', 'N', 'B']) }),
  ),
  GlobalSecondaryIndexes: z.array(Index).default([]),
  LocalSecondaryIndexes: z.array(Index).default([]),
  StreamSpecification: z
    .object({ StreamViewType: z.enum(['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY']) })
    .optional(),
  TimeToLiveSpecification: z
    .object({ AttributeName: z.string().optional(), Enabled: z.boolean() })
    .optional(),
});

/** Attribute names of a primary key. */
export interface KeyNames {
  readonly partitionKey: string;
  readonly sortKey: string | undefined;
}

/** A table of the template. */
export interface LocalTable extends KeyNames {
  readonly name: string;
  /** Secondary indexes by name. */
  readonly indexes: Readonly<Record<string, KeyNames>>;
  /** Where rows carry the second since 1970 at which they expire; undefined when they do not. */
  readonly ttlAttribute: string | undefined;
}

/** A table as it stands on an engine. */
export interface CreatedTable extends LocalTable {
  /** The ARN under which the engine itself serves the stream; undefined without a stream. */
  readonly engineStreamArn: string | undefined;
}

/**
 * Creates the template's tables on the engine at `endpoint` and waits until they can be used. Tables that are
 * there already are kept with their rows.
 *
 * All tables are created before any row is written: DynamoDB Local slows down many times when a streamed table
 * comes later.
 *
 * @throws Error when a table that is there has other keys, indexes or another stream
 */
export async function createTables(
  resources: readonly Resource[],
  endpoint: string,
): Promise<CreatedTable[]> {
  const client = new DynamoDBClient({ endpoint, ...ENGINE_ACCESS });
  try {
    const tables: CreatedTable[] = [];
    for (const resource of resources) {
      const input = createInput(resource);
      const table = await createOne(client, input);
      assertSame(input, table);
      const engineStreamArn = input.StreamSpecification === undefined ? undefined : table.LatestStreamArn;
      tables.push({ ...readTable(resource), engineStreamArn });
    }
    return tables;
  } finally {
    client.destroy();
  }
}

/** What the template says about one table. */
export function readTable(resource: Resource): LocalTable {
  const properties = TableProperties.parse(resource.properties);
  const indexes = [...properties.GlobalSecondaryIndexes, ...properties.LocalSecondaryIndexes];
  const ttl = properties.TimeToLiveSpecification;
  return {
    name: properties.TableName ?? resource.logicalId,
    ...keyNames(properties.KeySchema),
    indexes: Object.fromEntries(indexes.map((index) => [index.IndexName, keyNames(index.KeySchema)])),
    ttlAttribute: ttl?.Enabled === true ? ttl.AttributeName : undefined,
  };
}

function createInput(resource: Resource): CreateTableCommandInput {
  const properties = TableProperties.parse(resource.properties);
  const { GlobalSecondaryIndexes, LocalSecondaryIndexes, StreamSpecification } = properties;
  return {
    TableName: properties.TableName ?? resource.logicalId,
    KeySchema: properties.KeySchema,
    AttributeDefinitions: properties.AttributeDefinitions,
    BillingMode: 'PAY_PER_REQUEST',
    ...(GlobalSecondaryIndexes.length === 0 ? {} : { GlobalSecondaryIndexes }),
    ...(LocalSecondaryIndexes.length === 0 ? {} : { LocalSecondaryIndexes }),
    ...(StreamSpecification === undefined
      ? {}
      : { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
  };
}

async function createOne(client: DynamoDBClient, input: CreateTableCommandInput): Promise<TableDescription> {
  try {
    await client.send(new CreateTableCommand(input));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  for (;;) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: input.TableName }));
    if (Table?.TableStatus === 'ACTIVE') return Table;
    await sleep(10);
  }
}

function assertSame(input: CreateTableCommandInput, table: TableDescription): void {
  const wanted = shape({ ...input, stream: input.StreamSpecification?.StreamViewType });
  const found = shape({ ...table, stream: table.StreamSpecification?.StreamViewType });
  if (wanted === found) return;
  throw new Error(
    `The table ${input.TableName} is already there in another form (${found}, the template says ${wanted}). ` +
      'Remove the data folder, or use another.',
  );
}

type Shape = Pick<TableDescription, 'KeySchema' | 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes'>;

function shape(table: Shape & { readonly stream: string | undefined }): string {
  const indexes = [...(table.GlobalSecondaryIndexes ?? []), ...(table.LocalSecondaryIndexes ?? [])]
    .map((index) => `${index.IndexName} on ${describeKey(index.KeySchema)}`)
    .sort();
  return [`key ${describeKey(table.KeySchema)}`, ...indexes, `stream ${table.stream ?? 'off'}`].join(', ');
}

function describeKey(schema: TableDescription['KeySchema']): string {
  const names = [...(schema ?? [])].sort((a, b) => String(a.KeyType).localeCompare(String(b.KeyType)));
  return names.map((key) => key.AttributeName).join('+');
}

function keyNames(schema: z.output<typeof KeySchema>): KeyNames {
  const named = (type: 'HASH' | 'RANGE') => schema.find((key) => key.KeyType === type)?.AttributeName;
  const partitionKey = named('HASH');
  if (partitionKey === undefined) throw new Error('A table or index of the template has no partition key');
  return { partitionKey, sortKey: named('RANGE') };
}
