import type { LedgerRow } from '../contracts/rows.ts';
import type { LedgerEntry, Metrics } from '../domain/contribution.ts';
import { applyToLedger, coalesce, type LedgerChange } from '../domain/ledger.ts';
import { colouredBy, type Cut, cutNumber } from '../domain/cut.ts';
import { newestCause } from '../domain/stamp.ts';
import { RawShard } from './aggregates.ts';
import { atCut, cutIn, cutRow, notAfter } from './cut.ts';
import type { Documents } from './documents.ts';
import {
  type AggregateTable,
  aggregateTable,
  analyticsKey,
  ledgerKey,
  type Named,
  shardsOf,
} from './keys.ts';
import { readRows } from './reads.ts';
import { ledgerRow } from './rows.ts';
import { settle, type SettleOptions } from './settle.ts';
import { asRead, type Condition, LARGEST_TRANSACTION, transact, type Write } from './transact.ts';
import { Unsettled } from './unsettled.ts';

export interface LedgerOptions {
  /** How many shards an aggregate has that many people move. */
  readonly shards: number;
  readonly now: () => Date;
  readonly settling?: SettleOptions;
  readonly random?: () => number;
  /** The most writes of one transaction; DynamoDB's limit unless a test wants many transactions. */
  readonly largest?: number;
}

/** What it takes to apply entries. */
export type LedgerTables = Named<'ledger' | 'aggregateSnapshots' | AggregateTable>;

/** What became of the entries; all those not named are applied. */
export interface AppliedEntries {
  /** Sources whose entries are not applied, with why. */
  readonly failure?: { readonly sources: ReadonlySet<string>; readonly error: unknown };
}

/**
 * Brings entries into the ledger, and their differences into the aggregates, in transactions that write both:
 * an aggregate is always the sum of its ledger rows, however often an entry comes and wherever this stops.
 * Nothing is read or written again for a source that has not changed.
 *
 * Costs 2 write units for each changed source, and 2 for each aggregate of a transaction of up to 100 writes.
 * Stops at the first transaction that does not settle.
 *
 * Every transaction is of the newest cut (cut.ts), which is read with the ledger. That a shard is not of another one
 * is a condition, which costs nothing; where it fails, the next round reads the shards, and beside the first addition
 * after a cut writes a copy of what the shard was.
 *
 * @throws when the ledger cannot be read at all
 */
export async function applyEntries(
  documents: Documents,
  tables: LedgerTables,
  entries: readonly LedgerEntry[],
  options: LedgerOptions,
): Promise<AppliedEntries> {
  const merged = coalesce(entries);
  const read = await settle(() => readLedgers(documents, tables, merged), options.settling);
  const bySource = new Map(merged.map((entry) => [entry.source, entry]));
  const changes = applyToLedger(read.ledgers, merged).ledgers;
  const chunks = chunksOf(changes, options.largest ?? LARGEST_TRANSACTION).map((chunk) =>
    chunk.flatMap(({ source }) => bySource.get(source) ?? []),
  );
  for (const [index, chunk] of chunks.entries()) {
    try {
      await applyChunk(documents, tables, chunk, options, read);
    } catch (error) {
      const left = chunks.slice(index).flat();
      return { failure: { sources: new Set(left.map((entry) => entry.source)), error } };
    }
  }
  return {};
}

/**
 * Writes ledger rows as they are to be, each held to the row as it was read, and leaves the aggregates alone: whether an
 * aggregate already has what its ledger row has lost, or has not, no single row can tell. Whoever calls this compares
 * the aggregates with their ledger afterwards, so that each goes from what it was to what is true in one step.
 *
 * @throws Unsettled where a row has moved since: those of other transactions may be written
 */
export async function restoreLedger(
  documents: Documents,
  tables: Named<'ledger'>,
  changes: readonly LedgerChange<LedgerRow>[],
  { now }: Pick<LedgerOptions, 'now'>,
): Promise<void> {
  for (let at = 0; at < changes.length; at += LARGEST_TRANSACTION) {
    const together = changes.slice(at, at + LARGEST_TRANSACTION);
    await transact(
      documents,
      together.map((change) => ledgerPut(tables, change, { updatedAt: now().toISOString() })),
    );
  }
}

/** The ledger rows of some sources, and the cut that they are changed under. */
interface LedgersRead {
  readonly ledgers: readonly LedgerRow[];
  readonly cut: Cut;
}

/** Applies entries in one transaction; in two when the ledger has meanwhile come to need more writes. */
async function applyChunk(
  documents: Documents,
  tables: LedgerTables,
  entries: readonly LedgerEntry[],
  options: LedgerOptions,
  known?: LedgersRead,
): Promise<void> {
  const largest = options.largest ?? LARGEST_TRANSACTION;
  let stale = false;
  const fitted = await settle(async (attempt) => {
    const read = attempt === 1 ? known : undefined;
    const { ledgers, cut } = read ?? (await readLedgers(documents, tables, entries));
    const { ledgers: changes, deltas } = applyToLedger(ledgers, entries);
    const additions = additionsOf(tables, deltas, options);
    // Most often the ledger was behind, and all shards are of this cut: nothing is to be kept then.
    const kept = stale && cut.open ? await olderShards(documents, additions, cut) : [];
    const writes = writesOf(tables, { changes, additions, kept, cut }, options);
    if (writes.length > largest && entries.length > 1) return false;
    try {
      if (kept.length > 0 && writes.length > largest) await keepBeforehand(documents, tables, kept, cut);
      await transact(documents, writes);
    } catch (error) {
      stale = error instanceof Unsettled && error.reason === 'stale';
      throw error;
    }
    return true;
  }, options.settling);
  if (fitted) return;
  const half = Math.ceil(entries.length / 2);
  await applyChunk(documents, tables, entries.slice(0, half), options);
  await applyChunk(documents, tables, entries.slice(half), options);
}

/** What is added to one shard. */
interface Addition {
  readonly table: string;
  readonly key: ReturnType<typeof analyticsKey>;
  readonly metrics: Metrics;
}

function additionsOf(
  tables: LedgerTables,
  deltas: Readonly<Record<string, Metrics>>,
  { shards, random = Math.random }: LedgerOptions,
): Addition[] {
  // One shard for the whole transaction: transactions at the same moment then mostly share none.
  const shard = Math.min(shards - 1, Math.floor(random() * shards));
  return Object.entries(deltas).map(([aggregate, metrics]) => ({
    table: tables[aggregateTable(aggregate)],
    key: analyticsKey(aggregate, Math.min(shard, shardsOf(aggregate, shards) - 1)),
    metrics,
  }));
}

/** A shard as it was before its first addition after a cut. */
interface OlderShard {
  readonly table: string;
  readonly key: ReturnType<typeof analyticsKey>;
  readonly row: RawShard;
}

/** The shards, of those to be added to, that nobody has added to since the cut. */
async function olderShards(
  documents: Documents,
  additions: readonly Addition[],
  cut: Cut,
): Promise<OlderShard[]> {
  const rows = await readRows(
    documents,
    additions.map(({ table, key }) => ({ table, key, schema: RawShard })),
  );
  // There is a newer cut than this one.
  if (rows.some((row) => cutNumber(row?.cut) > cut.number)) throw new Unsettled('stale');
  return additions.flatMap(({ table, key }, index) => {
    const row = rows[index];
    return row === undefined || cutNumber(row.cut) === cut.number ? [] : [{ table, key, row }];
  });
}

function snapshotPut(tables: LedgerTables, { row }: OlderShard, { number }: Cut): Write {
  const item = { ...row, cut: number };
  return { kind: 'put', table: tables.aggregateSnapshots, item, when: notAfter(number) };
}

/** The row is at the version that was seen; a malformed row may have any, or none. */
export function asSeen({ version }: RawShard): Condition {
  if (version === undefined) {
    return { expression: 'attribute_not_exists(#version)', names: { '#version': 'version' } };
  }
  return {
    expression: '#version = :read',
    names: { '#version': 'version' },
    values: { ':read': version },
  };
}

/** Keeps shards by themselves, where one entry moves more aggregates than fit a transaction with their copies. */
async function keepBeforehand(
  documents: Documents,
  tables: LedgerTables,
  kept: readonly OlderShard[],
  cut: Cut,
): Promise<never> {
  const most = LARGEST_TRANSACTION / 2;
  for (let start = 0; start < kept.length; start += most) {
    await transact(
      documents,
      kept.slice(start, start + most).flatMap((shard): Write[] => {
        const { table, key, row } = shard;
        const marked = { add: { version: 1 }, set: { cut: cut.number }, when: asSeen(row) };
        return [snapshotPut(tables, shard, cut), { kind: 'add', table, key, ...marked }];
      }),
    );
  }
  throw new Unsettled('stale');
}

function writesOf(
  tables: LedgerTables,
  given: {
    readonly changes: readonly LedgerChange<LedgerRow>[];
    readonly additions: readonly Addition[];
    readonly kept: readonly OlderShard[];
    readonly cut: Cut;
  },
  { now }: LedgerOptions,
): Write[] {
  const { changes, additions, kept, cut } = given;
  const updatedAt = now().toISOString();
  const cause = newestCause(changes);
  if (cause === undefined) return [];
  const older = new Map(kept.map((shard) => [shard.key, shard.row]));
  const ofShard = cut.open ? atCut(cut.number) : notAfter(cut.number);
  return [
    ...changes.map((change) => {
      const coloured = colouredBy(cut, change.previous);
      if (coloured === undefined) throw new Unsettled('stale');
      return ledgerPut(tables, change, { ...coloured, updatedAt });
    }),
    ...additions.map(({ table, key, metrics }): Write => {
      const row = older.get(key);
      return {
        kind: 'add',
        table,
        key,
        add: { ...metrics, version: 1 },
        set: { updatedAt, ...cause, ...(cut.open && { cut: cut.number }) },
        when: row === undefined ? ofShard : asSeen(row),
      };
    }),
    ...kept.map((shard) => snapshotPut(tables, shard, cut)),
  ];
}

function ledgerPut(
  tables: Named<'ledger'>,
  { previous, ...change }: LedgerChange<LedgerRow>,
  marks: Readonly<Record<string, unknown>> & { readonly updatedAt: string },
): Write {
  const version = (previous?.version ?? 0) + 1;
  const item = { ...previous, ...change, ...ledgerKey(change.source), ...marks, version };
  return { kind: 'put', table: tables.ledger, item, when: asRead(previous, 'source') };
}

/**
 * Packs changes so that ledger rows and their aggregates fit a transaction. Those of the same aggregates are
 * kept together, because each transaction pays for each of its aggregates.
 */
function chunksOf(changes: readonly LedgerChange<LedgerRow>[], largest: number): LedgerChange<LedgerRow>[][] {
  const touched = (change: LedgerChange<LedgerRow>) => [
    ...new Set([...Object.keys(change.contribution), ...Object.keys(change.previous?.contribution ?? {})]),
  ];
  const sorted = changes
    .map((change) => ({ change, aggregates: touched(change).sort() }))
    .sort((one, other) => compare(one.aggregates.join(), other.aggregates.join()));
  const chunks: LedgerChange<LedgerRow>[][] = [];
  let chunk: LedgerChange<LedgerRow>[] = [];
  let inChunk = new Set<string>();
  for (const { change, aggregates } of sorted) {
    const together = new Set([...inChunk, ...aggregates]);
    if (chunk.length > 0 && chunk.length + 1 + together.size > largest) {
      chunks.push(chunk);
      chunk = [];
      inChunk = new Set();
    }
    chunk.push(change);
    for (const aggregate of aggregates) inChunk.add(aggregate);
  }
  return chunk.length > 0 ? [...chunks, chunk] : chunks;
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

async function readLedgers(
  documents: Documents,
  tables: Named<'ledger'>,
  entries: readonly LedgerEntry[],
): Promise<LedgersRead> {
  const [cut, ...ledgers] = await readRows(documents, [
    cutRow(tables),
    ...entries.map((entry) => ledgerRow(tables, entry.source)),
  ]);
  return { ledgers: ledgers.filter((row) => row !== undefined), cut: cutIn(cut) };
}
