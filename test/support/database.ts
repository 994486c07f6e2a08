import { randomBytes } from 'node:crypto';
import { CreateTableCommand, type CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Engine } from '../../infra/local/dynamodb/engine-process.ts';
import { ENGINE_ACCESS, startEngine } from '../../infra/local/dynamodb/engine.ts';
import { tables as system } from '../../infra/table-specs.ts';
import { createDocuments, type Documents } from '../../shared/store/documents.ts';
import { TABLES, type Table, type Tables } from '../../shared/store/keys.ts';
import { testEngine } from './engines.ts';
import { createFaults, type Faults } from './faults.ts';

/** Every table, empty, on an embedded engine, and what a test can do to the wire. */
export interface Database {
  readonly documents: Documents;
  readonly tables: Tables;
  readonly faults: Faults;
  /** Another client of the same tables that meets no faults and is not metered. */
  readonly plain: Documents;
  /** All rows of a table. */
  rows(table: Table): Promise<Record<string, unknown>[]>;
  /** The same engine with another set of empty tables. */
  fresh(): Promise<Database>;
  stop(): Promise<void>;
}

/** For `beforeAll`: an engine takes a while to start, tables do not. */
export async function startDatabase(): Promise<Database> {
  return open(await startEngine({ kind: testEngine }));
}

async function open(engine: Engine): Promise<Database> {
  // The SDK's own tries would hide the faults; without them, a request may take what it takes on a busy machine.
  const requestHandler = { connectionTimeout: 60_000, requestTimeout: 60_000, throwOnRequestTimeout: true };
  const options = { ...ENGINE_ACCESS, endpoint: engine.endpoint, maxAttempts: 1, requestHandler };
  const documents = createDocuments(options);
  const plain = createDocuments(options);
  const faults = createFaults(documents);
  const mark = randomBytes(4).toString('hex');
  const name = (table: Table) => `${table}.${mark}`;
  for (const table of TABLES) await plain.send(new CreateTableCommand(tableInput(name(table), table)));
  const tables: Tables = mapTables(name);
  return {
    documents,
    tables,
    faults,
    plain,
    rows: async (table) => {
      const rows: Record<string, unknown>[] = [];
      let start: Record<string, unknown> | undefined;
      do {
        const page = await plain.send(
          new ScanCommand({ TableName: name(table), ConsistentRead: true, ExclusiveStartKey: start }),
        );
        rows.push(...(page.Items ?? []));
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return rows;
    },
    fresh: () => open(engine),
    stop: async () => {
      documents.destroy();
      plain.destroy();
      await engine.stop();
    },
  };
}

function mapTables(name: (table: Table) => string): Tables {
  return Object.fromEntries(TABLES.map((table) => [table, name(table)])) as unknown as Tables;
}

type SystemKey = { readonly partition: string; readonly sort?: string };

/** A table with the keys and indexes that the system gives it. */
function tableInput(name: string, table: Table): CreateTableCommandInput {
  const spec: { readonly key: SystemKey; readonly indexes?: Readonly<Record<string, SystemKey>> } =
    system[table];
  const indexes = Object.entries(spec.indexes ?? {});
  const attributes = new Set([spec.key, ...indexes.map(([, key]) => key)].flatMap(namesOf));
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...attributes].map((attribute) => ({
      AttributeName: attribute,
      AttributeType: 'S' as const,
    })),
    KeySchema: keySchema(spec.key),
    ...(indexes.length > 0 && {
      GlobalSecondaryIndexes: indexes.map(([IndexName, key]) => ({
        IndexName,
        KeySchema: keySchema(key),
        Projection: { ProjectionType: 'KEYS_ONLY' as const },
      })),
    }),
  };
}

function namesOf({ partition, sort }: SystemKey): string[] {
  return sort === undefined ? [partition] : [partition, sort];
}

function keySchema(key: SystemKey) {
  return namesOf(key).map((AttributeName, index) => ({
    AttributeName,
    KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
  }));
}
