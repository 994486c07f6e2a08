import { percentile, type PresentationFigures } from './figures.ts';
import { createStopwatch } from './latency.ts';
import type { PresentationHistory } from './oulad.ts';
import { readFigures, replayPresentation } from './replay-presentation.ts';
import { fixed, type Replay } from './replay.ts';

/** What `--json` writes. Latencies are in milliseconds from an HTTP reply to the subscriber's event. */
interface OuladReport {
  readonly presentations: readonly PresentationFigures[];
  readonly consistency: Parameters<Replay['tell']>[1]['consistency'];
  readonly seconds: number;
  /** HTTP commands a second, from the first to the last one's reply and quiet streams. */
  readonly eventsPerSecond: number;
  readonly latency: { readonly p50: number | null; readonly p99: number | null };
}

/** The histories of presentations, one after the other. */
export function ouladReplay(histories: readonly PresentationHistory[]): Replay {
  const stopwatch = createStopwatch();
  return {
    steps: histories.reduce((sum, history) => sum + history.steps.length, 0),
    unit: 'steps',
    async run(school, options) {
      for (const history of histories) await replayPresentation(school, history, { ...options, stopwatch });
    },
    async tell(school, { seconds, consistency }) {
      const presentations: PresentationFigures[] = [];
      for (const history of histories) presentations.push(await readFigures(school, history));
      const latencies = stopwatch.latencies();
      const latency = {
        p50: rounded(percentile(latencies, 0.5)),
        p99: rounded(percentile(latencies, 0.99)),
      };
      const eventsPerSecond = Math.round(commandsOf(histories) / seconds);
      const json: OuladReport = { presentations, consistency, seconds, eventsPerSecond, latency };
      return {
        json,
        table: Object.fromEntries(
          presentations.map(({ name, mean, deviation, ...counts }) => [
            name,
            { ...counts, mean: fixed(mean, 4), deviation: fixed(deviation, 4) },
          ]),
        ),
        lines: [
          `${seconds} s, ${eventsPerSecond} commands a second; ` +
            `from reply to subscriber p50 ${latency.p50} ms, p99 ${latency.p99} ms`,
        ],
      };
    },
  };
}

function commandsOf(histories: readonly PresentationHistory[]): number {
  const steps = histories.flatMap((history) => history.steps);
  return steps.reduce((sum, step) => sum + (step.kind === 'attempt' && step.score !== null ? 2 : 1), 0);
}

function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 10) / 10;
}
