import * as z from 'zod';

const Units = z.object({ CapacityUnits: z.number().default(0) });
const TableCapacity = z.object({
  TableName: z.string(),
  CapacityUnits: z.number().default(0),
  GlobalSecondaryIndexes: z.record(z.string(), Units).optional(),
  LocalSecondaryIndexes: z.record(z.string(), Units).optional(),
});

/** What a reply says was consumed, a list of one for single-table operations. */
export const ConsumedCapacity = z
  .union([TableCapacity, z.array(TableCapacity)])
  .transform((value) => [value].flat());
export type ConsumedCapacity = z.output<typeof ConsumedCapacity>;

/** Capacity units, indexes included, and requests. */
export interface Usage {
  readonly requests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface TableUsage extends Usage {
  /** The part of the units that went to secondary indexes. */
  readonly indexUnits: number;
}

export interface FunctionUsage extends Usage {
  readonly operations: Readonly<Record<string, number>>;
  /** A request that touches two tables counts as a request of each. */
  readonly tables: Readonly<Record<string, TableUsage>>;
}

/** Usage by function name. Plain data that later requests do not change. */
export type MeterSnapshot = Readonly<Record<string, FunctionUsage>>;

/**
 * Counts what every function asks of the database.
 *
 * Meter on dynoxide: DynamoDB Local bills a transactional write twice over (a 1 KB put counts 4 instead of 2),
 * and its figures are passed on as they are. Neither says what a failed condition consumed, which AWS bills;
 * such a request is counted without units.
 */
export interface Meter {
  countRequest(caller: string, operation: string, tables: readonly string[]): void;
  countUnits(caller: string, units: 'read' | 'write', consumed: ConsumedCapacity): void;
  snapshot(): MeterSnapshot;
  /** What was counted after `earlier` was taken. Functions and tables without any are left out. */
  since(earlier: MeterSnapshot): MeterSnapshot;
  reset(): void;
}

interface Counts {
  requests: number;
  readUnits: number;
  writeUnits: number;
  indexUnits: number;
}

interface FunctionCounts extends Counts {
  readonly operations: Map<string, number>;
  readonly tables: Map<string, Counts>;
}

export function createMeter(): Meter {
  const functions = new Map<string, FunctionCounts>();
  const countsOf = (caller: string) =>
    getOrAdd(functions, caller, () => ({ ...noCounts(), operations: new Map(), tables: new Map() }));
  const snapshot = () => mapToRecord(functions, freeze);
  return {
    countRequest: (caller, operation, tables) => {
      const counts = countsOf(caller);
      counts.requests++;
      counts.operations.set(operation, (counts.operations.get(operation) ?? 0) + 1);
      for (const table of tables) getOrAdd(counts.tables, table, noCounts).requests++;
    },
    countUnits: (caller, units, consumed) => {
      const counts = countsOf(caller);
      const field = units === 'read' ? 'readUnits' : 'writeUnits';
      for (const capacity of consumed) {
        const table = getOrAdd(counts.tables, capacity.TableName, noCounts);
        counts[field] += capacity.CapacityUnits;
        table[field] += capacity.CapacityUnits;
        table.indexUnits += indexUnits(capacity);
      }
    },
    snapshot,
    since: (earlier) => subtractAll(snapshot(), earlier),
    reset: () => functions.clear(),
  };
}

function indexUnits(capacity: ConsumedCapacity[number]): number {
  const indexes = { ...capacity.GlobalSecondaryIndexes, ...capacity.LocalSecondaryIndexes };
  return Object.values(indexes).reduce((sum, index) => sum + index.CapacityUnits, 0);
}

function noCounts(): Counts {
  return { requests: 0, readUnits: 0, writeUnits: 0, indexUnits: 0 };
}

function freeze(counts: FunctionCounts): FunctionUsage {
  const { requests, readUnits, writeUnits } = counts;
  return {
    requests,
    readUnits,
    writeUnits,
    operations: Object.fromEntries(counts.operations),
    tables: mapToRecord(counts.tables, (table) => ({ ...table })),
  };
}

function subtractAll(later: MeterSnapshot, earlier: MeterSnapshot): MeterSnapshot {
  const difference: Record<string, FunctionUsage> = {};
  for (const [name, usage] of Object.entries(later)) {
    const before = earlier[name];
    const requests = usage.requests - (before?.requests ?? 0);
    if (requests === 0) continue;
    difference[name] = {
      requests,
      readUnits: usage.readUnits - (before?.readUnits ?? 0),
      writeUnits: usage.writeUnits - (before?.writeUnits ?? 0),
      operations: subtractOperations(usage.operations, before?.operations ?? {}),
      tables: subtractTables(usage.tables, before?.tables ?? {}),
    };
  }
  return difference;
}

function subtractOperations(
  later: Readonly<Record<string, number>>,
  earlier: Readonly<Record<string, number>>,
): Record<string, number> {
  const entries = Object.entries(later).map(([name, count]) => [name, count - (earlier[name] ?? 0)] as const);
  return Object.fromEntries(entries.filter(([, count]) => count !== 0));
}

function subtractTables(
  later: FunctionUsage['tables'],
  earlier: FunctionUsage['tables'],
): Record<string, TableUsage> {
  const difference: Record<string, TableUsage> = {};
  for (const [name, usage] of Object.entries(later)) {
    const before = earlier[name] ?? noCounts();
    if (usage.requests === before.requests) continue;
    difference[name] = {
      requests: usage.requests - before.requests,
      readUnits: usage.readUnits - before.readUnits,
      writeUnits: usage.writeUnits - before.writeUnits,
      indexUnits: usage.indexUnits - before.indexUnits,
    };
  }
  return difference;
}

function getOrAdd<V>(map: Map<string, V>, key: string, create: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const created = create();
  map.set(key, created);
  return created;
}

function mapToRecord<V, R>(map: ReadonlyMap<string, V>, convert: (value: V) => R): Record<string, R> {
  return Object.fromEntries(Array.from(map, ([key, value]) => [key, convert(value)]));
}
