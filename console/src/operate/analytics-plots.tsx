import { BarChart } from '@mantine/charts';
import type { ViewData } from '../../../shared/client/watched-views.ts';
import * as format from '../format.ts';
import { Plot } from './plot.tsx';

type Analytics = ViewData<'AdminAnalytics'>;

const bars = { isAnimationActive: false } as const;

/** `0-9`, ... `90-99` and `100` percent. */
function stepName(step: number): string {
  return step === 10 ? '100' : `${step * 10}-${step * 10 + 9}`;
}

export function ProgressDistribution({ totals }: { readonly totals: Analytics['totals'] }) {
  const steps = totals.progressDistribution.map((enrollments, step) => ({
    step: stepName(step),
    enrollments,
  }));
  const all = totals.progressDistribution.reduce((sum, each) => sum + each, 0);
  return (
    <Plot
      id="progress-distribution"
      title="Enrollments by percent of progress"
      empty={all === 0 ? 'Nobody is enrolled. Enroll a student on the School page.' : undefined}
      columns={['Percent', 'Enrollments', 'Share']}
      rows={steps.map(({ step, enrollments }) => [
        step,
        format.count(enrollments),
        format.percent((100 * enrollments) / Math.max(1, all)),
      ])}
    >
      <BarChart
        h={230}
        data={steps}
        dataKey="step"
        series={[{ name: 'enrollments', label: 'Enrollments', color: 'indigo.5' }]}
        valueFormatter={format.count}
        yAxisProps={{ allowDecimals: false, width: 44 }}
        tooltipAnimationDuration={0}
        barProps={bars}
      />
    </Plot>
  );
}

const monthDay = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', timeZone: 'UTC' });

export function ActivityByDay({ days }: { readonly days: Analytics['activeLearners'] }) {
  const active = days.filter(({ learners }) => learners > 0);
  const dayName = (day: string): string => monthDay.format(new Date(day));
  return (
    <Plot
      id="activity-by-day"
      title={`Learners who did something, last ${days.length} days`}
      empty={
        active.length === 0
          ? 'Nobody did anything in that time. Act as a student on the School page.'
          : undefined
      }
      columns={['Day', 'Learners']}
      rows={active.map(({ day, learners }) => [dayName(day), format.count(learners)]).reverse()}
    >
      <BarChart
        h={230}
        data={days.map(({ day, learners }) => ({ day: dayName(day), learners }))}
        dataKey="day"
        series={[{ name: 'learners', label: 'Learners', color: 'teal.6' }]}
        valueFormatter={format.count}
        yAxisProps={{ allowDecimals: false, width: 44 }}
        xAxisProps={{ minTickGap: 16 }}
        tooltipAnimationDuration={0}
        barProps={bars}
      />
    </Plot>
  );
}

/** Percent of each bar of the histogram. */
const WIDTH = 5;

export function ScoresOfTests({ scores }: { readonly scores: NonNullable<Analytics['qbankScores']> }) {
  const { tests, mean, deviation, histogram } = scores;
  const steps = Array.from({ length: 100 / WIDTH + 1 }, (_, step) => {
    const from = step * WIDTH;
    const own = histogram.slice(from, from + WIDTH).reduce((sum, each) => sum + each, 0);
    return { step: from === 100 ? '100' : `${from}-${from + WIDTH - 1}`, tests: own };
  });
  return (
    <Plot
      id="scores-of-tests"
      title={`Completed tests by score: ${format.several(tests, 'test')}, mean ${format.score(mean)}, deviation ${format.score(deviation)}`}
      empty={tests === 0 ? 'No test was completed yet. Take one as a student on the School page.' : undefined}
      columns={['Score', 'Tests']}
      rows={steps.filter((each) => each.tests > 0).map((each) => [each.step, format.count(each.tests)])}
    >
      <BarChart
        h={200}
        data={steps}
        dataKey="step"
        series={[{ name: 'tests', label: 'Tests', color: 'grape.5' }]}
        valueFormatter={format.count}
        yAxisProps={{ allowDecimals: false, width: 44 }}
        xAxisProps={{ minTickGap: 12 }}
        tooltipAnimationDuration={0}
        barProps={bars}
      />
    </Plot>
  );
}
