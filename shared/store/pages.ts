import { QueryCommand, type QueryCommandInput, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import type { Documents } from './documents.ts';
import { parseRow } from './reads.ts';

/** A page of rows; `next` is where the following one starts, missing at the end. */
export interface RowPage<Row> {
  readonly rows: Row[];
  readonly next?: Readonly<Record<string, unknown>>;
}

export interface QueryRequest<Schema extends z.ZodType> {
  readonly table: string;
  readonly schema: Schema;
  readonly index?: string;
  /** The partition key. */
  readonly partition: readonly [attribute: string, value: string];
  /** What the sort key must begin with, or lie between (both ends included). */
  readonly sort?:
    | { readonly attribute: string; readonly beginsWith: string }
    | { readonly attribute: string; readonly from: string; readonly to: string };
  readonly limit?: number;
  readonly start?: Readonly<Record<string, unknown>> | undefined;
  readonly descending?: boolean;
  /** False reads for half the price what may be a moment old; an index always reads so. */
  readonly consistent?: boolean;
}

/** Reads one page of the rows of a partition in the order of the sort key. @throws MalformedRow */
export async function queryRows<Schema extends z.ZodType>(
  documents: Documents,
  request: QueryRequest<Schema>,
): Promise<RowPage<z.output<Schema>>> {
  const { table, schema, index, limit, start, descending = false, consistent = true } = request;
  const reply = await documents.send(
    new QueryCommand({
      TableName: table,
      ...keyCondition(request),
      ScanIndexForward: !descending,
      ...(index === undefined ? { ConsistentRead: consistent } : { IndexName: index }),
      ...(limit !== undefined && { Limit: limit }),
      ...(start !== undefined && { ExclusiveStartKey: { ...start } }),
    }),
  );
  return pageOf(table, schema, reply);
}

/** Reads every row that `queryRows` pages through. @throws MalformedRow */
export async function queryAllRows<Schema extends z.ZodType>(
  documents: Documents,
  request: QueryRequest<Schema>,
): Promise<z.output<Schema>[]> {
  const rows: z.output<Schema>[] = [];
  let { start } = request;
  do {
    const page = await queryRows(documents, { ...request, start });
    rows.push(...page.rows);
    start = page.next;
  } while (start !== undefined);
  return rows;
}

/**
 * Reads one page of a whole table or index, or of one of its `lanes`, in no order but with the rows of a partition
 * together; what may be a moment old unless it is to be consistent.
 */
export async function scanRows<Schema extends z.ZodType>(
  documents: Documents,
  request: Pick<QueryRequest<Schema>, 'table' | 'schema' | 'index' | 'limit' | 'start' | 'consistent'> & {
    readonly lane?: { readonly lane: number; readonly lanes: number };
  },
): Promise<RowPage<z.output<Schema>>> {
  const { table, schema, index, limit, start, consistent, lane } = request;
  const reply = await documents.send(
    new ScanCommand({
      TableName: table,
      ...(consistent !== undefined && { ConsistentRead: consistent }),
      ...(lane !== undefined && { Segment: lane.lane, TotalSegments: lane.lanes }),
      ...(index !== undefined && { IndexName: index }),
      ...(limit !== undefined && { Limit: limit }),
      ...(start !== undefined && { ExclusiveStartKey: { ...start } }),
    }),
  );
  return pageOf(table, schema, reply);
}

function keyCondition({ partition, sort }: Pick<QueryRequest<z.ZodType>, 'partition' | 'sort'>) {
  const input: Pick<
    QueryCommandInput,
    'KeyConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
  > = {
    KeyConditionExpression: '#partition = :partition',
    ExpressionAttributeNames: { '#partition': partition[0] },
    ExpressionAttributeValues: { ':partition': partition[1] },
  };
  if (sort === undefined) return input;
  const [clause, values] =
    'beginsWith' in sort
      ? ['begins_with(#sort, :start)', { ':start': sort.beginsWith }]
      : ['#sort BETWEEN :from AND :to', { ':from': sort.from, ':to': sort.to }];
  return {
    KeyConditionExpression: `${input.KeyConditionExpression} AND ${clause}`,
    ExpressionAttributeNames: { ...input.ExpressionAttributeNames, '#sort': sort.attribute },
    ExpressionAttributeValues: { ...input.ExpressionAttributeValues, ...values },
  };
}

function pageOf<Schema extends z.ZodType>(
  table: string,
  schema: Schema,
  reply: { Items?: unknown[] | undefined; LastEvaluatedKey?: Record<string, unknown> | undefined },
): RowPage<z.output<Schema>> {
  const rows = (reply.Items ?? []).map((item) => parseRow(table, schema, item));
  return { rows, ...(reply.LastEvaluatedKey !== undefined && { next: reply.LastEvaluatedKey }) };
}
