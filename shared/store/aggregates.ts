import * as z from 'zod';
import type { AnalyticsRow } from '../contracts/rows.ts';
import type { Metrics } from '../domain/contribution.ts';
import { sumMetrics } from '../domain/totals.ts';

/** A shard as it is stored, whatever its attributes have become. */
export const RawShard = z.looseObject({ scope: z.string(), part: z.string() });
export type RawShard = z.infer<typeof RawShard>;

/** The metrics that shards of one aggregate add up to; a shard that nothing was ever added to is undefined. */
export function sumShards(shards: Iterable<AnalyticsRow | undefined>): Metrics {
  return sumMetrics([...shards].map((shard) => (shard === undefined ? {} : metricsOf(shard))));
}

function metricsOf(shard: AnalyticsRow): Metrics {
  const { version: _version, ...attributes } = shard;
  const metrics: Record<string, number> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'number') metrics[name] = value;
  }
  return metrics;
}
