import { BatchWriteCommand, type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type * as z from 'zod';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import type { Key, Table } from '../../shared/store/keys.ts';

/** A row that is put, or a key of which the row is removed, as an operator does it: past all that the system holds to. */
export type Written = Put | { readonly table: Table; readonly remove: Key };
export interface Put {
  readonly table: Table;
  readonly item: Readonly<Record<string, unknown>>;
}

/** Rows of one BatchWrite, and batches at once. */
const BATCH = 25;
const LANES = 8;

/**
 * Writes rows in batches, in no order, each key once at most.
 *
 * @param onWritten is told how many more are written
 */
export async function writeRows(
  documents: DynamoDBDocumentClient,
  rows: readonly Written[],
  onWritten: (rows: number) => void = () => undefined,
): Promise<void> {
  const batches = Array.from({ length: Math.ceil(rows.length / BATCH) }, (_, index) =>
    rows.slice(index * BATCH, (index + 1) * BATCH),
  );
  await inParallel(batches, LANES, async (batch) => {
    let left: Record<string, object[]> | undefined = requestsOf(batch);
    while (left !== undefined && Object.keys(left).length > 0) {
      const { UnprocessedItems }: { UnprocessedItems?: Record<string, object[]> | undefined } =
        await documents.send(new BatchWriteCommand({ RequestItems: left }));
      left = UnprocessedItems;
    }
    onWritten(batch.length);
  });
}

function requestsOf(rows: readonly Written[]): Record<string, object[]> {
  const requests: Record<string, object[]> = {};
  for (const row of rows) {
    const of = (requests[row.table] ??= []);
    of.push('item' in row ? { PutRequest: { Item: row.item } } : { DeleteRequest: { Key: row.remove } });
  }
  return requests;
}

/** Every row of a table. */
export async function allRows<Schema extends z.ZodType>(
  documents: DynamoDBDocumentClient,
  table: Table,
  schema: Schema,
): Promise<z.output<Schema>[]> {
  const rows: z.output<Schema>[] = [];
  const pages = paginateScan({ client: documents }, { TableName: table, ConsistentRead: true });
  for await (const page of pages) {
    for (const item of page.Items ?? []) rows.push(schema.parse(item));
  }
  return rows;
}
