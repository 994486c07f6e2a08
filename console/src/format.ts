/** How figures are written, everywhere alike. */

const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const tenth = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const date = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const dateAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** Where there is no number yet. */
const NONE = '–';

export function count(value: number): string {
  return whole.format(value);
}

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : `${tenth.format(value)}\u00a0%`;
}

export function score(value: number | null | undefined): string {
  return value === null || value === undefined ? NONE : tenth.format(value);
}

/** Notifications are counted up to this number. */
const MOST_UNREAD = 100;

export function unread(value: number): string {
  return value >= MOST_UNREAD ? `${count(MOST_UNREAD)}+` : count(value);
}

export function milliseconds(value: number | null): string {
  if (value === null) return NONE;
  return Math.round(value) < 10_000 ? `${whole.format(value)} ms` : `${tenth.format(value / 1000)} s`;
}

export function timeOfDay(at: Date): string {
  return clock.format(at);
}

export function day(timestamp: string): string {
  return date.format(new Date(timestamp));
}

/** When, with the day. */
export function moment(timestamp: string): string {
  return dateAndTime.format(new Date(timestamp));
}

/** How long something took, or has taken until now. */
export function duration(from: string, to: string | undefined): string {
  const seconds = Math.max(0, (to === undefined ? Date.now() : Date.parse(to)) - Date.parse(from)) / 1000;
  if (seconds < 90) return several(Math.round(seconds), 'second');
  return seconds < 5400
    ? several(Math.round(seconds / 60), 'minute')
    : several(Math.round(seconds / 3600), 'hour');
}

/** Of an amount in minor units. */
export function money({ amount, currency }: { readonly amount: number; readonly currency: string }): string {
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  return format.format(amount / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

export function several(number: number, one: string, many = `${one}s`): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}
