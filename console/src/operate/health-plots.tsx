import { LineChart } from '@mantine/charts';
import type { HealthMinute } from '../../../shared/contracts/sync-health.ts';
import * as format from '../format.ts';
import { lagByMinute, scoreByMinute } from './minutes.ts';
import { Plot } from './plot.tsx';

const minute = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const timeOf = (at: string): string => minute.format(new Date(at));
/** Shorter than a tooltip says it. */
const tick = (value: number): string => (value >= 1000 ? `${value / 1000} s` : `${value} ms`);
const dots = { r: 2, strokeWidth: 1 };

interface LagOverTimeProps {
  readonly history: readonly HealthMinute[];
  readonly minutes: number;
  readonly flow: string;
  readonly stage: 'derived' | 'published';
}

export function LagOverTime({ history, minutes, flow, stage }: LagOverTimeProps) {
  const points = lagByMinute(history, minutes, flow, stage);
  const measured = points.filter(({ events }) => events > 0);
  return (
    <Plot
      id="lag-over-time"
      title={`Latency of ${flow}, ${stage === 'derived' ? 'until derived' : 'until told'}`}
      empty={
        measured.length === 0
          ? 'Nothing of this flow arrived in that time. Choose another flow or a longer time, or act on the School page.'
          : undefined
      }
      columns={['Minute', 'p50', 'p99', 'Changes']}
      rows={measured
        .map(({ at, p50, p99, events }) => [
          timeOf(at),
          format.milliseconds(p50),
          format.milliseconds(p99),
          format.count(events),
        ])
        .reverse()}
    >
      <LineChart
        h={220}
        data={points.map(({ at, p50, p99 }) => ({ at: timeOf(at), p50, p99 }))}
        dataKey="at"
        series={[
          { name: 'p50', color: 'indigo.5' },
          { name: 'p99', color: 'orange.6', strokeDasharray: '4 3' },
        ]}
        withLegend
        connectNulls={false}
        curveType="linear"
        dotProps={dots}
        valueFormatter={format.milliseconds}
        yAxisProps={{ width: 64, tickFormatter: tick }}
        xAxisProps={{ minTickGap: 24 }}
        tooltipAnimationDuration={0}
        lineProps={{ isAnimationActive: false }}
      />
    </Plot>
  );
}

interface ScoreOverTimeProps {
  readonly history: readonly HealthMinute[];
  readonly minutes: number;
}

export function ScoreOverTime({ history, minutes }: ScoreOverTimeProps) {
  const points = scoreByMinute(history, minutes);
  const measured = points.filter(({ score }) => score !== null);
  return (
    <Plot
      id="score-over-time"
      title="Score of all flows together"
      empty={
        measured.length === 0 ? 'There is no score of that time yet: it is measured every minute.' : undefined
      }
      columns={['Minute', 'Score']}
      rows={measured.map(({ at, score }) => [timeOf(at), format.percent(score)]).reverse()}
    >
      <LineChart
        h={220}
        data={points.map(({ at, score }) => ({ at: timeOf(at), Score: score }))}
        dataKey="at"
        series={[{ name: 'Score', color: 'teal.6' }]}
        connectNulls={false}
        curveType="linear"
        dotProps={dots}
        valueFormatter={format.percent}
        yAxisProps={{ width: 64, domain: [0, 100] }}
        xAxisProps={{ minTickGap: 24 }}
        tooltipAnimationDuration={0}
        lineProps={{ isAnimationActive: false }}
      />
    </Plot>
  );
}
