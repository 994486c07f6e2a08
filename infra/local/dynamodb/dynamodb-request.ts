import * as z from 'zod';

const AttributeMap = z.record(z.string(), z.unknown());

/** The part of a request that concerns one table: a whole single-item request, or one entry of a larger one. */
export const TablePart = z.object({
  TableName: z.string(),
  IndexName: z.string().optional(),
  Item: AttributeMap.optional(),
  Key: AttributeMap.optional(),
  ProjectionExpression: z.string().optional(),
  UpdateExpression: z.string().optional(),
  ConditionExpression: z.string().optional(),
  FilterExpression: z.string().optional(),
  KeyConditionExpression: z.string().optional(),
  ExpressionAttributeNames: z.record(z.string(), z.string()).optional(),
  ExpressionAttributeValues: AttributeMap.optional(),
  ReturnValues: z.string().optional(),
  Select: z.string().optional(),
  // What expressions replaced. Read only to know that they are there.
  AttributesToGet: z.unknown().optional(),
  AttributeUpdates: z.unknown().optional(),
  Expected: z.unknown().optional(),
  KeyConditions: z.unknown().optional(),
  QueryFilter: z.unknown().optional(),
  ScanFilter: z.unknown().optional(),
});
export type TablePart = z.output<typeof TablePart>;

const TransactItem = z.object({
  Put: TablePart.optional(),
  Update: TablePart.optional(),
  Delete: TablePart.optional(),
  ConditionCheck: TablePart.optional(),
  Get: TablePart.optional(),
});
const KeysAndAttributes = TablePart.omit({ TableName: true }).extend({ Keys: z.array(AttributeMap) });
const WriteRequest = z.object({
  PutRequest: z.object({ Item: AttributeMap }).optional(),
  DeleteRequest: z.object({ Key: AttributeMap }).optional(),
});

const Capacity = z.object({ ReturnConsumedCapacity: z.string().optional() });
const TransactBody = z.object({ TransactItems: z.array(TransactItem) });
const BatchGetBody = z.object({ RequestItems: z.record(z.string(), KeysAndAttributes) });
const BatchWriteBody = z.object({ RequestItems: z.record(z.string(), z.array(WriteRequest)) });
const OtherBody = z.object({
  TableName: z.string().optional(),
  ResourceArn: z.string().optional(),
  StreamArn: z.string().optional(),
  ShardIterator: z.string().optional(),
});

/** One thing a request does, to one item or one table. */
export interface Access {
  /** The IAM action, for example `dynamodb:PutItem`; inside a transaction that of the single write. */
  readonly action: string;
  /** Undefined for what concerns no table in particular. */
  readonly table: string | undefined;
  readonly kind: 'table' | 'stream';
  readonly part: TablePart | undefined;
  /** The item or its key, with at least the key attributes. */
  readonly item: Readonly<Record<string, unknown>> | undefined;
  readonly writes: boolean;
}

/** A DynamoDB or DynamoDB Streams request as far as the gate needs to understand it. */
export interface DynamoDbRequest {
  readonly operation: string;
  /** One for each item in order in a transaction or batch, else a single one. */
  readonly accesses: readonly Access[];
  readonly returnConsumedCapacity: string | undefined;
  /** What the operation is billed in; undefined when it is not. */
  readonly units: 'read' | 'write' | undefined;
}

const SINGLE_READS = ['GetItem', 'Query', 'Scan'];
const SINGLE_WRITES = ['PutItem', 'UpdateItem', 'DeleteItem'];
const READS = new Set([...SINGLE_READS, 'BatchGetItem', 'TransactGetItems']);
const WRITES = new Set([...SINGLE_WRITES, 'BatchWriteItem', 'TransactWriteItems']);
const SINGLES = new Set([...SINGLE_READS, ...SINGLE_WRITES]);
const STREAM_READS = new Set(['ListStreams', 'DescribeStream', 'GetShardIterator', 'GetRecords']);
const PARTIQL = new Set(['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction']);

/**
 * Reads a request body by its operation.
 *
 * @throws z.ZodError when the body has not the types the operation wants
 */
export function readRequest(operation: string, body: unknown): DynamoDbRequest {
  const { ReturnConsumedCapacity } = Capacity.parse(body);
  return {
    operation,
    accesses: readAccesses(operation, body),
    returnConsumedCapacity: ReturnConsumedCapacity,
    units: READS.has(operation) ? 'read' : WRITES.has(operation) ? 'write' : undefined,
  };
}

/** The names of all tables a request touches. */
export function tablesOf(accesses: readonly Access[]): string[] {
  return [...new Set(accesses.flatMap((access) => access.table ?? []))];
}

function readAccesses(operation: string, body: unknown): Access[] {
  if (SINGLES.has(operation)) return [tableAccess(operation, TablePart.parse(body))];
  if (operation === 'TransactWriteItems' || operation === 'TransactGetItems') {
    return TransactBody.parse(body).TransactItems.flatMap(transactAccesses);
  }
  if (operation === 'BatchGetItem') {
    return Object.entries(BatchGetBody.parse(body).RequestItems).flatMap(([TableName, request]) =>
      request.Keys.map((Key) => tableAccess(operation, { ...request, TableName, Key })),
    );
  }
  if (operation === 'BatchWriteItem') {
    return Object.entries(BatchWriteBody.parse(body).RequestItems).flatMap(([TableName, requests]) =>
      requests.map(({ PutRequest, DeleteRequest }) =>
        tableAccess(operation, { TableName, ...PutRequest, ...DeleteRequest }),
      ),
    );
  }
  return [otherAccess(operation, OtherBody.parse(body))];
}

function transactAccesses(item: z.output<typeof TransactItem>): Access[] {
  const { Put, Update, Delete, ConditionCheck, Get } = item;
  return [
    ...(Put === undefined ? [] : [tableAccess('PutItem', Put)]),
    ...(Update === undefined ? [] : [tableAccess('UpdateItem', Update)]),
    ...(Delete === undefined ? [] : [tableAccess('DeleteItem', Delete)]),
    ...(ConditionCheck === undefined ? [] : [tableAccess('ConditionCheckItem', ConditionCheck)]),
    ...(Get === undefined ? [] : [tableAccess('GetItem', Get)]),
  ];
}

function tableAccess(action: string, part: TablePart): Access {
  return {
    action: `dynamodb:${action}`,
    table: tableName(part.TableName),
    kind: 'table',
    part,
    item: part.Item ?? part.Key,
    writes: WRITES.has(action),
  };
}

function otherAccess(operation: string, body: z.output<typeof OtherBody>): Access {
  const rest = { part: undefined, item: undefined, writes: false };
  if (STREAM_READS.has(operation)) {
    const table = body.TableName ?? tableOfStream(body.StreamArn) ?? tableOfIterator(body.ShardIterator);
    return { ...rest, action: `dynamodb:${operation}`, table, kind: 'stream' };
  }
  // A statement may touch any table, and is not taken apart: only `dynamodb:*` on `*` covers this.
  if (PARTIQL.has(operation)) {
    return { ...rest, action: 'dynamodb:PartiQLStatement', table: undefined, kind: 'table' };
  }
  const name = body.TableName ?? body.ResourceArn;
  const table = name === undefined ? undefined : tableName(name);
  return { ...rest, action: `dynamodb:${operation}`, table, kind: 'table' };
}

function tableName(nameOrArn: string): string {
  return /:table\/([^/]+)/.exec(nameOrArn)?.[1] ?? nameOrArn;
}

function tableOfStream(arn: string | undefined): string | undefined {
  return arn === undefined ? undefined : /:table\/([^/]+)\/stream\//.exec(arn)?.[1];
}

const DynoxideIterator = z.object({ table_name: z.string() });

// DynamoDB Local starts an iterator with the stream's ARN; dynoxide packs the table's name into base64.
function tableOfIterator(iterator: string | undefined): string | undefined {
  if (iterator === undefined) return undefined;
  if (iterator.startsWith('arn:')) return tableOfStream(iterator);
  try {
    const unpacked: unknown = JSON.parse(Buffer.from(iterator, 'base64').toString());
    return DynoxideIterator.safeParse(unpacked).data?.table_name;
  } catch {
    return undefined;
  }
}
