import type { Tables } from './read-tables.ts';
import { add, differences, keptSums, type Sums } from './sums.ts';

/** Compares every aggregate, the sum of its shards, with the sum of its ledger rows. */
export function aggregateMismatches(tables: Tables): { aggregates: number; wrong: string[] } {
  const fromLedger: Sums = new Map();
  for (const row of tables.ledger) {
    for (const [aggregate, metrics] of Object.entries(row.contribution)) {
      for (const [metric, amount] of Object.entries(metrics)) add(fromLedger, aggregate, metric, amount);
    }
  }
  const kept = keptSums([...tables.analytics, ...tables.statistics]);
  return {
    aggregates: new Set([...fromLedger.keys(), ...kept.keys()]).size,
    wrong: differences(fromLedger, kept),
  };
}
