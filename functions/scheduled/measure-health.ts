import * as z from 'zod';
import { ALL_FLOWS, type HealthMetric } from '../../shared/contracts/sync-health.ts';
import type { FlowHealth, SyncHealth } from '../../shared/domain/sync-health.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Log, MetricReport } from '../../shared/runtime/logger.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { keepHealth } from '../../shared/store/health.ts';
import { keepScores } from '../../shared/store/health-history.ts';
import type { Named } from '../../shared/store/keys.ts';
import { foldMeasurements } from '../../shared/store/measurements.ts';

export const usedTables = ['measurements', 'health', 'jobs', 'failures'] as const;
export const environment = z.object({ ...tableVariables(usedTables), METRICS_NAMESPACE: z.string().min(1) });

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly namespace: string;
  readonly clock: Clock;
  readonly logger: Log;
}

/**
 * Makes the figures of the school's health anew: sums what the containers measured, counts what was set aside, looks up
 * what the last reconciliation found. They are kept in one row, whose change the stream tells the admins, and written
 * for CloudWatch; the scores are kept by the minute too.
 *
 * Requests: those of `foldMeasurements`, `keepHealth` and `keepScores`.
 *
 * @returns the score
 */
export function measureHealth({ documents, tables, namespace, clock, logger }: Dependencies) {
  return async (): Promise<{ readonly score: number | null }> => {
    const at = clock();
    const measured = await foldMeasurements(documents, tables, at);
    const health = await keepHealth(documents, tables, measured, at);
    await keepScores(documents, tables, health, at);
    for (const report of reportsOf(health)) {
      logger.metrics('health_measured', { namespace, at, ...report });
    }
    return { score: health.score };
  };
}

function reportsOf({
  flows,
  score,
  setAside,
}: Pick<SyncHealth, 'flows' | 'score' | 'setAside'>): Pick<MetricReport, 'dimensions' | 'metrics'>[] {
  return [
    ...flows.map((flow) => ({ dimensions: { Flow: flow.name }, metrics: metricsOf(flow) })),
    {
      dimensions: { Flow: ALL_FLOWS },
      metrics: { Score: ['Percent', score], SetAside: ['Count', setAside.waiting] },
    },
  ];
}

function metricsOf({
  derived,
  published,
  waiting,
  setAside,
  drift,
  score,
}: FlowHealth): Readonly<Record<HealthMetric, MetricReport['metrics'][string]>> {
  return {
    DerivedP50: ['Milliseconds', derived.minutes.p50],
    DerivedP99: ['Milliseconds', derived.minutes.p99],
    PublishedP50: ['Milliseconds', published.minutes.p50],
    PublishedP99: ['Milliseconds', published.minutes.p99],
    Events: ['Count', derived.minutes.events],
    Waiting: ['Count', waiting.retrying],
    SetAside: ['Count', setAside],
    Drift: ['Count', drift && drift.missing + drift.wrong + drift.orphaned],
    Score: ['Percent', score],
  };
}
