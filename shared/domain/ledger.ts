import type { Contribution, LedgerEntry, Metrics } from './contribution.ts';
import { equal, ownEntry } from './equal.ts';
import type { Cause } from './stamp.ts';

/** The last contribution of a source to the aggregates. */
export type LedgerState = {
  readonly source: string;
  readonly sourceVersion: number;
  readonly contribution: Contribution;
};

/** A ledger row to write, and the row as it was read (undefined: there is none), which pins the write. */
export type LedgerChange<L extends LedgerState> = LedgerState & Cause & { readonly previous: L | undefined };

function joined(one: Contribution, other: Contribution): Contribution {
  const result: Contribution = {};
  for (const aggregate of new Set([...Object.keys(one), ...Object.keys(other)])) {
    const metrics: Metrics = { ...ownEntry(one, aggregate) };
    for (const [metric, value] of Object.entries(ownEntry(other, aggregate) ?? {})) {
      metrics[metric] = Math.max(ownEntry(metrics, metric) ?? value, value);
    }
    result[aggregate] = metrics;
  }
  return result;
}

/** Two entries of one source as one; which comes first does not matter. */
function combined(one: LedgerEntry, other: LedgerEntry): LedgerEntry {
  const oneIsNewer =
    one.sourceVersion === other.sourceVersion
      ? one.merge === 'join'
      : one.sourceVersion > other.sourceVersion;
  const [older, newer] = oneIsNewer ? [other, one] : [one, other];
  if (newer.merge === 'replace') return newer;
  return { ...newer, merge: older.merge, contribution: joined(older.contribution, newer.contribution) };
}

/** One entry per source, which has the effect of all. */
export function coalesce(entries: Iterable<LedgerEntry>): LedgerEntry[] {
  const bySource = new Map<string, LedgerEntry>();
  for (const entry of entries) {
    const known = bySource.get(entry.source);
    bySource.set(entry.source, known === undefined ? entry : combined(known, entry));
  }
  return [...bySource.values()];
}

/**
 * What the source contributes from now on, or undefined where nothing is to be written.
 *
 * A newer version that contributes the same is written nonetheless where it replaces: were the ledger left at
 * the older version, a record from between the two, delivered again, would be taken for news. A join cannot
 * be fooled like that, so it writes only what grows.
 */
function advanced(ledger: LedgerState | undefined, entry: LedgerEntry): LedgerState | undefined {
  const { source, sourceVersion } = entry;
  if (entry.merge === 'replace') {
    if (ledger !== undefined && sourceVersion <= ledger.sourceVersion) return undefined;
    return { source, sourceVersion, contribution: entry.contribution };
  }
  if (ledger !== undefined && sourceVersion < ledger.sourceVersion) return undefined;
  const contribution = joined(ledger?.contribution ?? {}, entry.contribution);
  return equal(contribution, ledger?.contribution ?? {})
    ? undefined
    : { source, sourceVersion, contribution };
}

function addDifference(
  sums: Map<string, Map<string, number>>,
  contribution: Contribution,
  sign: 1 | -1,
): void {
  for (const [aggregate, metrics] of Object.entries(contribution)) {
    const sum = sums.get(aggregate) ?? new Map<string, number>();
    sums.set(aggregate, sum);
    for (const [metric, value] of Object.entries(metrics)) {
      sum.set(metric, (sum.get(metric) ?? 0) + sign * value);
    }
  }
}

/**
 * Applies entries to the ledger rows that are in force (those of the entries' sources; others are ignored).
 * `deltas` is what the changed rows add to each aggregate, without zeros: written in the same transaction as
 * the rows, an aggregate is always the sum of its ledger rows.
 */
export function applyToLedger<L extends LedgerState>(
  current: Iterable<L>,
  entries: Iterable<LedgerEntry>,
): { readonly ledgers: LedgerChange<L>[]; readonly deltas: Record<string, Metrics> } {
  const bySource = new Map<string, L>();
  for (const ledger of current) bySource.set(ledger.source, ledger);
  const ledgers: LedgerChange<L>[] = [];
  const sums = new Map<string, Map<string, number>>();
  for (const entry of coalesce(entries)) {
    const previous = bySource.get(entry.source);
    const next = advanced(previous, entry);
    if (next === undefined) continue;
    ledgers.push({ ...next, causedBy: entry.causedBy, causedAt: entry.causedAt, previous });
    addDifference(sums, next.contribution, 1);
    if (previous !== undefined) addDifference(sums, previous.contribution, -1);
  }
  const deltas: Record<string, Metrics> = {};
  for (const [aggregate, sum] of sums) {
    const changed = [...sum].filter(([, value]) => value !== 0);
    if (changed.length > 0) deltas[aggregate] = Object.fromEntries(changed);
  }
  return { ledgers, deltas };
}
