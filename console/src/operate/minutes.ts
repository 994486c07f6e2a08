import type { HealthMinute } from '../../../shared/contracts/sync-health.ts';

const MINUTE_MS = 60_000;

export interface LagMinute {
  /** When the minute began. */
  readonly at: string;
  /** Milliseconds; null where nothing arrived, or nobody measured. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly events: number;
}

export interface ScoreMinute {
  readonly at: string;
  readonly score: number | null;
}

/** Each minute of the time shown, also those that nobody measured: so many minutes are so wide, whatever happened in them. */
function eachMinute(
  history: readonly HealthMinute[],
  minutes: number,
): (readonly [string, HealthMinute | undefined])[] {
  const last = history.at(-1)?.at;
  if (last === undefined) return [];
  const known = new Map(history.map((minute) => [minute.at, minute]));
  return Array.from({ length: minutes }, (_, index) => {
    const at = new Date(Date.parse(last) - (minutes - 1 - index) * MINUTE_MS).toISOString();
    return [at, known.get(at)];
  });
}

/** How long the changes of a flow took, minute by minute up to the last that was measured. */
export function lagByMinute(
  history: readonly HealthMinute[],
  minutes: number,
  flow: string,
  stage: 'derived' | 'published',
): LagMinute[] {
  return eachMinute(history, minutes).map(([at, minute]) => {
    const lag = minute?.flows.find(({ name }) => name === flow)?.[stage];
    return { at, p50: lag?.p50 ?? null, p99: lag?.p99 ?? null, events: lag?.events ?? 0 };
  });
}

/** The score over all flows, minute by minute up to the last that was measured. */
export function scoreByMinute(history: readonly HealthMinute[], minutes: number): ScoreMinute[] {
  return eachMinute(history, minutes).map(([at, minute]) => ({ at, score: minute?.score ?? null }));
}

/** The flow of which most arrived, to begin with. */
export function busiestFlow(history: readonly HealthMinute[], stage: 'derived' | 'published'): string {
  const events = new Map<string, number>();
  for (const { flows } of history) {
    for (const flow of flows) events.set(flow.name, (events.get(flow.name) ?? 0) + flow[stage].events);
  }
  const [busiest] = [...events].sort(([, one], [, other]) => other - one);
  return busiest?.[0] ?? 'progress';
}
