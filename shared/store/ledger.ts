import type { LedgerRow } from '../contracts/rows.ts';
import type { LedgerEntry, Metrics } from '../domain/contribution.ts';
import { applyToLedger, coalesce, type LedgerChange } from '../domain/ledger.ts';
import { newestCause } from '../domain/stamp.ts';
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
import { asRead, LARGEST_TRANSACTION, transact, type Write } from './transact.ts';

export interface LedgerOptions {
  /** How many shards an aggregate has that many people move. */
  readonly shards: number;
  readonly now: () => Date;
  readonly settling?: SettleOptions;
  readonly random?: () => number;
  /** The most writes of one transaction; DynamoDB's limit unless a test wants many transactions. */
  readonly largest?: number;
}

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
 * @throws when the ledger cannot be read at all
 */
export async function applyEntries(
  documents: Documents,
  tables: Named<'ledger' | AggregateTable>,
  entries: readonly LedgerEntry[],
  options: LedgerOptions,
): Promise<AppliedEntries> {
  const merged = coalesce(entries);
  const ledgers = await settle(() => readLedgers(documents, tables, merged), options.settling);
  const bySource = new Map(merged.map((entry) => [entry.source, entry]));
  const changes = applyToLedger(ledgers, merged).ledgers;
  const chunks = chunksOf(changes, options.largest ?? LARGEST_TRANSACTION).map((chunk) =>
    chunk.flatMap(({ source }) => bySource.get(source) ?? []),
  );
  for (const [index, chunk] of chunks.entries()) {
    try {
      await applyChunk(documents, tables, chunk, options, ledgers);
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
      together.map((change) => ledgerPut(tables, change, now().toISOString())),
    );
  }
}

/** Applies entries in one transaction; in two when the ledger has meanwhile come to need more writes. */
async function applyChunk(
  documents: Documents,
  tables: Named<'ledger' | AggregateTable>,
  entries: readonly LedgerEntry[],
  options: LedgerOptions,
  known?: readonly LedgerRow[],
): Promise<void> {
  const fitted = await settle(async (attempt) => {
    const ledgers = attempt === 1 ? known : undefined;
    const current = ledgers ?? (await readLedgers(documents, tables, entries));
    const writes = writesOf(tables, applyToLedger(current, entries), options);
    if (writes.length > (options.largest ?? LARGEST_TRANSACTION) && entries.length > 1) return false;
    await transact(documents, writes);
    return true;
  }, options.settling);
  if (fitted) return;
  const half = Math.ceil(entries.length / 2);
  await applyChunk(documents, tables, entries.slice(0, half), options);
  await applyChunk(documents, tables, entries.slice(half), options);
}

function writesOf(
  tables: Named<'ledger' | AggregateTable>,
  applied: {
    readonly ledgers: readonly LedgerChange<LedgerRow>[];
    readonly deltas: Readonly<Record<string, Metrics>>;
  },
  { shards, now, random = Math.random }: LedgerOptions,
): Write[] {
  const updatedAt = now().toISOString();
  const cause = newestCause(applied.ledgers);
  if (cause === undefined) return [];
  // One shard for the whole transaction: transactions at the same moment then mostly share none.
  const shard = Math.min(shards - 1, Math.floor(random() * shards));
  return [
    ...applied.ledgers.map((change) => ledgerPut(tables, change, updatedAt)),
    ...Object.entries(applied.deltas).map(([aggregate, metrics]): Write => ({
      kind: 'add',
      table: tables[aggregateTable(aggregate)],
      key: analyticsKey(aggregate, Math.min(shard, shardsOf(aggregate, shards) - 1)),
      add: { ...metrics, version: 1 },
      set: { updatedAt, ...cause },
    })),
  ];
}

function ledgerPut(
  tables: Named<'ledger'>,
  { previous, ...change }: LedgerChange<LedgerRow>,
  updatedAt: string,
): Write {
  const version = (previous?.version ?? 0) + 1;
  const item = { ...previous, ...change, ...ledgerKey(change.source), version, updatedAt };
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
): Promise<LedgerRow[]> {
  const rows = await readRows(
    documents,
    entries.map((entry) => ledgerRow(tables, entry.source)),
  );
  return rows.filter((row) => row !== undefined);
}
