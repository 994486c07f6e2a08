import {
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  Metric,
  SingleValueWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { ALL_FLOWS, type HealthMetric, METERED_FLOWS } from '../../shared/contracts/sync-health.ts';
import type { Names } from './names.ts';

/** A metric of sync health as the function `measure-health` writes it, each minute the figure of that minute. */
export function healthMetric(names: Names, metricName: HealthMetric, flow: string): Metric {
  return new Metric({
    namespace: names.metrics,
    metricName,
    dimensionsMap: { Flow: flow },
    // A gauge: of two that fall into one minute the worse, and the lower score is the worse one.
    statistic: metricName === 'Score' ? 'Minimum' : 'Maximum',
    period: Duration.minutes(1),
    label: flow,
  });
}

const GRAPHS: readonly { readonly metric: HealthMetric; readonly title: string }[] = [
  { metric: 'DerivedP50', title: 'From what was written to what follows: half of the changes, ms' },
  { metric: 'DerivedP99', title: 'From what was written to what follows: 99 of 100 changes, ms' },
  { metric: 'PublishedP50', title: 'From what was done to the subscribers: half of the changes, ms' },
  { metric: 'PublishedP99', title: 'From what was done to the subscribers: 99 of 100 changes, ms' },
  { metric: 'Events', title: 'Changes in 15 minutes' },
  { metric: 'Waiting', title: 'Deliveries that failed and come again' },
  { metric: 'SetAside', title: 'Records set aside' },
  { metric: 'Drift', title: 'Values that the last reconciliation found out of step' },
];

const WIDTH = 24;
const HEIGHT = 6;

/** Sync health at a glance: the figures of GET /admin/sync-health over time. */
export class Dashboard extends Construct {
  constructor(scope: Construct, names: Names) {
    super(scope, 'SyncHealth');
    const ofEachFlow = (metric: HealthMetric) =>
      METERED_FLOWS.map((flow) => healthMetric(names, metric, flow));
    new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: names.of('sync-health'),
      widgets: [
        [
          new SingleValueWidget({
            title: 'Score',
            metrics: [healthMetric(names, 'Score', ALL_FLOWS), ...ofEachFlow('Score')],
            width: WIDTH,
            height: HEIGHT / 2,
          }),
        ],
        ...pairsOf(
          GRAPHS.map(
            ({ metric, title }) =>
              new GraphWidget({ title, left: ofEachFlow(metric), width: WIDTH / 2, height: HEIGHT }),
          ),
        ),
      ],
    });
  }
}

function pairsOf<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / 2) }, (_, row) => items.slice(2 * row, 2 * row + 2));
}
