import { Cron } from 'croner';

/** When a schedule fires next. */
export interface ScheduleTimes {
  /** The first time after `after`; undefined when there is none. */
  next(after: Date): Date | undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = {
  minute: 60_000,
  minutes: 60_000,
  hour: 3_600_000,
  hours: 3_600_000,
  day: 86_400_000,
  days: 86_400_000,
};

/**
 * Reads an EventBridge Scheduler expression: `rate(5 minutes)`, `cron(0 3 * * ? *)` (minutes, hours, day of
 * month, month, day of week with Sunday = 1, year) or `at(2026-01-02T03:04:05)`. Cron and at are in `timeZone`;
 * a rate counts from `start`. Throws for what EventBridge would refuse.
 */
export function parseScheduleExpression(expression: string, timeZone: string, start: Date): ScheduleTimes {
  const [, kind = '', body = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  if (kind === 'rate') return rate(expression, body, start);
  if (kind === 'cron') return cron(expression, body, timeZone);
  if (kind === 'at') return at(expression, body, timeZone);
  throw new Error(`Not a schedule expression: ${expression}`);
}

function rate(expression: string, body: string, start: Date): ScheduleTimes {
  const [, count = '', unit = ''] = /^([1-9]\d*) (minutes?|hours?|days?)$/.exec(body) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs === undefined) throw new Error(`Not a rate: ${expression}`);
  const interval = Number(count) * unitMs;
  return {
    next(after) {
      const periods = Math.max(1, Math.floor((after.getTime() - start.getTime()) / interval) + 1);
      return new Date(start.getTime() + periods * interval);
    },
  };
}

function cron(expression: string, body: string, timezone: string): ScheduleTimes {
  const fields = body.trim().split(/\s+/);
  const [minutes = '', hours = '', dayOfMonth = '', month = '', dayOfWeek = '', year = ''] = fields;
  if (fields.length !== 6) throw new Error(`A cron expression needs six fields: ${expression}`);
  // EventBridge wants one of the two days left open; `?` and `*` mean the same to what follows.
  if ([dayOfMonth, dayOfWeek].filter((field) => field === '?').length !== 1) {
    throw new Error(`Day of month or day of week must be ?, and not both: ${expression}`);
  }
  const open = (field: string) => (field === '?' ? '*' : field);
  const pattern = ['0', minutes, hours, open(dayOfMonth), month, open(dayOfWeek), year].join(' ');
  const job = new Cron(pattern, {
    mode: '7-part',
    timezone,
    paused: true,
    alternativeWeekdays: true,
    sloppyRanges: true,
  });
  return { next: (after) => job.nextRun(after) ?? undefined };
}

function at(expression: string, body: string, timezone: string): ScheduleTimes {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body)) throw new Error(`Not a time: ${expression}`);
  const job = new Cron(body, { timezone, paused: true });
  return { next: (after) => job.nextRun(after) ?? undefined };
}
