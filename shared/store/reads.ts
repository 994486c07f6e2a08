import { BatchGetCommand, GetCommand, TransactGetCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { Documents } from './documents.ts';
import type { Key } from './keys.ts';
import { Unsettled } from './unsettled.ts';

/** A row to read: where it is and what it must look like. `rows.ts` makes them. */
export interface RowRequest<Schema extends z.ZodType = z.ZodType> {
  readonly table: string;
  readonly key: Key;
  readonly schema: Schema;
}

/** A stored row that does not fit its schema. No retry can mend it. */
export class MalformedRow extends Error {
  override readonly name = 'MalformedRow';

  constructor(table: string, key: string, paths: readonly string[]) {
    super(`A row of ${table} is malformed: ${key} in ${paths.join(', ')}`);
  }
}

/** The results of `readRows` and `readSnapshot`, at the positions of their requests; undefined for no such row. */
export type RowsOf<Requests extends readonly RowRequest[]> = {
  -readonly [At in keyof Requests]: z.output<Requests[At]['schema']> | undefined;
};

const LARGEST_BATCH = 100;

/** Reads a row as it is now. @throws MalformedRow */
export async function readRow<Schema extends z.ZodType>(
  documents: Documents,
  request: RowRequest<Schema>,
): Promise<z.output<Schema> | undefined> {
  const { table, key, schema } = request;
  const { Item } = await documents.send(
    new GetCommand({ TableName: table, Key: { ...key }, ConsistentRead: true }),
  );
  return Item === undefined ? undefined : parseRow(table, schema, Item);
}

/**
 * Reads rows as they are now, each on its own; one request for each hundred different keys, all at once.
 *
 * @throws MalformedRow, Unsettled when the database leaves keys unread for too long
 */
export function readRows<const Requests extends readonly RowRequest[]>(
  documents: Documents,
  requests: Requests,
): Promise<RowsOf<Requests>>;
export async function readRows(documents: Documents, requests: readonly RowRequest[]): Promise<unknown[]> {
  const wanted = new Map(requests.map((request) => [identity(request.table, request.key), request]));
  const found = new Map<string, unknown>();
  const keyNames = new Map(requests.map(({ table, key }) => [table, Object.keys(key)]));
  const all = [...wanted.values()];
  const batches = Array.from({ length: Math.ceil(all.length / LARGEST_BATCH) }, (_, index) =>
    all.slice(index * LARGEST_BATCH, (index + 1) * LARGEST_BATCH),
  );
  const items = await Promise.all(batches.map((batch) => getBatch(documents, batch)));
  for (const [table, item] of items.flat()) {
    const key = Object.fromEntries((keyNames.get(table) ?? []).map((name) => [name, String(item[name])]));
    found.set(identity(table, key), item);
  }
  return requests.map(({ table, key, schema }) => {
    const item = found.get(identity(table, key));
    return item === undefined ? undefined : parseRow(table, schema, item);
  });
}

/**
 * Reads up to a hundred rows as they were at one moment, where rows must agree with each other. Costs twice.
 *
 * @throws MalformedRow
 */
export function readSnapshot<const Requests extends readonly RowRequest[]>(
  documents: Documents,
  requests: Requests,
): Promise<RowsOf<Requests>>;
export async function readSnapshot(
  documents: Documents,
  requests: readonly RowRequest[],
): Promise<unknown[]> {
  const { Responses = [] } = await documents.send(
    new TransactGetCommand({
      TransactItems: requests.map(({ table, key }) => ({ Get: { TableName: table, Key: { ...key } } })),
    }),
  );
  return requests.map(({ table, schema }, index) => {
    const item = Responses[index]?.Item;
    return item === undefined ? undefined : parseRow(table, schema, item);
  });
}

/** Reads an item as a row. @throws MalformedRow naming the attributes, not their values. */
export function parseRow<Schema extends z.ZodType>(
  table: string,
  schema: Schema,
  item: unknown,
): z.output<Schema> {
  const parsed = z.safeParse(schema, item);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.slice(0, 5).map((issue) => issue.path.join('.') || '(row)');
  throw new MalformedRow(table, keyTextOf(item), paths);
}

const TRIES = 6;

async function getBatch(
  documents: Documents,
  batch: readonly RowRequest[],
): Promise<[table: string, item: Record<string, unknown>][]> {
  const found: [string, Record<string, unknown>][] = [];
  let pending: Record<string, { Keys: Record<string, unknown>[]; ConsistentRead: true }> = {};
  for (const { table, key } of batch) {
    (pending[table] ??= { Keys: [], ConsistentRead: true }).Keys.push({ ...key });
  }
  for (let attempt = 1; Object.keys(pending).length > 0; attempt += 1) {
    const reply = await documents.send(new BatchGetCommand({ RequestItems: pending }));
    for (const [table, items] of Object.entries(reply.Responses ?? {})) {
      for (const item of items) found.push([table, item]);
    }
    pending = {};
    for (const [table, { Keys = [] }] of Object.entries(reply.UnprocessedKeys ?? {})) {
      if (Keys.length > 0) pending[table] = { Keys, ConsistentRead: true };
    }
    if (Object.keys(pending).length === 0) break;
    if (attempt === TRIES) throw new Unsettled('throttled');
    await new Promise((resolve) => {
      setTimeout(resolve, Math.random() * 20 * 2 ** attempt);
    });
  }
  return found;
}

function identity(table: string, key: Key): string {
  const parts = Object.keys(key)
    .sort()
    .map((name) => [name, key[name]]);
  return JSON.stringify([table, parts]);
}

/** Ids only: the attributes that serve in keys. */
function keyTextOf(item: unknown): string {
  if (typeof item !== 'object' || item === null) return '(no key)';
  const names = [
    'userId',
    'courseId',
    'part',
    'completion',
    'video',
    'attempt',
    'source',
    'scope',
    'waiver',
    'paymentId',
    'certificate',
    'notificationId',
    'failureId',
    'test',
    'meeting',
    'jobId',
  ];
  const found = Object.entries(item).filter(
    ([name, value]) => names.includes(name) && typeof value === 'string',
  );
  return found.map(([name, value]) => `${name}=${String(value)}`).join(' ');
}
