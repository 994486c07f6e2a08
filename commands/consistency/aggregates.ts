import type { Tables } from './read-tables.ts';

/** Attributes of an analytics row that are no metric. */
const NOT_METRICS = new Set(['scope', 'part', 'version', 'updatedAt', 'causedBy', 'causedAt']);

type Sums = Map<string, Map<string, number>>;

function add(sums: Sums, aggregate: string, metric: string, amount: number): void {
  const metrics = sums.get(aggregate) ?? new Map<string, number>();
  sums.set(aggregate, metrics.set(metric, (metrics.get(metric) ?? 0) + amount));
}

/** Compares every aggregate, the sum of its shards, with the sum of its ledger rows. */
export function aggregateMismatches(tables: Tables): { aggregates: number; wrong: string[] } {
  const fromLedger: Sums = new Map();
  for (const row of tables.ledger) {
    for (const [aggregate, metrics] of Object.entries(row.contribution)) {
      for (const [metric, amount] of Object.entries(metrics)) add(fromLedger, aggregate, metric, amount);
    }
  }
  const kept: Sums = new Map();
  for (const row of tables.analytics) {
    const aggregate = `${row.scope}|${row.part.slice(0, row.part.lastIndexOf('#'))}`;
    for (const [metric, amount] of Object.entries(row)) {
      if (!NOT_METRICS.has(metric) && typeof amount === 'number') add(kept, aggregate, metric, amount);
    }
  }
  const aggregates = new Set([...fromLedger.keys(), ...kept.keys()]);
  const wrong: string[] = [];
  for (const aggregate of aggregates) {
    const ledger = fromLedger.get(aggregate) ?? new Map<string, number>();
    const sums = kept.get(aggregate) ?? new Map<string, number>();
    const metrics = new Set([...ledger.keys(), ...sums.keys()]);
    if ([...metrics].some((metric) => (ledger.get(metric) ?? 0) !== (sums.get(metric) ?? 0)))
      wrong.push(aggregate);
  }
  return { aggregates: aggregates.size, wrong };
}
