import type { AnalyticsRow } from '../../shared/contracts/rows.ts';

/** Metrics by aggregate. Some sums exceed what a double tells exactly. */
export type Sums = Map<string, Map<string, bigint>>;

/** Attributes of an aggregate's row that are no metric. */
const NOT_METRICS = new Set(['scope', 'part', 'version', 'updatedAt', 'causedBy', 'causedAt']);

export function add(sums: Sums, aggregate: string, metric: string, amount: number | bigint): void {
  const metrics = sums.get(aggregate) ?? new Map<string, bigint>();
  sums.set(aggregate, metrics.set(metric, (metrics.get(metric) ?? 0n) + BigInt(amount)));
}

/** What is kept of each aggregate: the sum of its shards. */
export function keptSums(rows: readonly AnalyticsRow[]): Sums {
  const kept: Sums = new Map();
  for (const row of rows) {
    const aggregate = `${row.scope}|${row.part.slice(0, row.part.lastIndexOf('#'))}`;
    for (const [metric, amount] of Object.entries(row)) {
      if (!NOT_METRICS.has(metric) && typeof amount === 'number') add(kept, aggregate, metric, amount);
    }
  }
  return kept;
}

/** The aggregates with a metric that is not the same in both; what is not there is 0. */
export function differences(one: Sums, other: Sums): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((aggregate) => {
    const [left, right] = [one.get(aggregate), other.get(aggregate)];
    const metrics = new Set([...(left?.keys() ?? []), ...(right?.keys() ?? [])]);
    return [...metrics].some((metric) => (left?.get(metric) ?? 0n) !== (right?.get(metric) ?? 0n));
  });
}
