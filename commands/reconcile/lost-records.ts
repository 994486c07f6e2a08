import type { StackOptions } from '../../infra/local/stack.ts';
import type { StreamEventRecord } from '../../infra/local/streams/stream-records.ts';
import { tables } from '../../infra/table-specs.ts';
import type { Table } from '../../shared/store/keys.ts';

/** Rows whose records no consumer gets, as when a stream has held them for longer than a day. */
export interface LostRecords {
  /** For the stack: what its streams deliver. */
  readonly intercept: NonNullable<StackOptions['intercept']>;
  /** Loses the records of a row as it is about to be written; newer versions of it are told of. */
  lose(table: Table, item: Readonly<Record<string, unknown>>): void;
  /** How many rows some consumer did not hear of. */
  lost(): number;
}

export function createLostRecords(): LostRecords {
  const losing = new Set<string>();
  const lost = new Set<string>();
  const isLost = (record: StreamEventRecord) => {
    if (losing.size === 0) return false;
    const name = nameOfRecord(record);
    if (!losing.has(name)) return false;
    lost.add(name);
    return true;
  };
  return {
    intercept: () => (records) => records.filter((record) => !isLost(record)),
    lose: (table, item) => losing.add(nameOf(table, item)),
    lost: () => lost.size,
  };
}

function nameOf(table: Table, item: Readonly<Record<string, unknown>>): string {
  const { partition, sort }: { readonly partition: string; readonly sort?: string } = tables[table].key;
  const key = sort === undefined ? [item[partition]] : [item[partition], item[sort]];
  return JSON.stringify([table, ...key, Number(item.version)]);
}

function nameOfRecord({ eventSourceARN, dynamodb }: StreamEventRecord): string {
  const name = /:table\/([^/]+)/.exec(eventSourceARN)?.[1] ?? '';
  const table = Object.keys(tables).find((each): each is Table => each === name);
  if (table === undefined) return '';
  const item = Object.entries(dynamodb.NewImage ?? {}).map(([attribute, value]) => [
    attribute,
    valueOf(value),
  ]);
  return nameOf(table, Object.fromEntries(item));
}

/** Of a text or a number in DynamoDB's JSON. */
function valueOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('S' in value) return value.S;
  return 'N' in value ? value.N : undefined;
}
