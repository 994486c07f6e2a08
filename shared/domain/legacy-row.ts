import { ID_PATTERN } from './ids.ts';
import type { Cause, Stamp } from './stamp.ts';

/**
 * How rows of the old school are read. It gave them no version, no cause and no time of their last change, wrote times
 * in more than one form, and lists as lists or as sets. What it called things is said beside each migration.
 */

/** A row as the old school left it: without a version. */
export type LegacyRow = Readonly<Record<string, unknown>>;

/** Why a row cannot be read: the attributes at fault, never their values. It is set aside and stays as it is. */
export type Unreadable = { readonly unreadable: readonly string[] };

/** When the migration runs, and what started it. */
export interface Migrating {
  readonly now: string;
  readonly cause: Cause;
}

/** Every row of today has one; no row of the old school had. */
export function isLegacy(row: LegacyRow): boolean {
  return row.version === undefined;
}

/** The first of the attributes that is a text and not empty. */
export function textAt(row: LegacyRow, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = row[name];
    if (typeof value === 'string' && value.trim() !== '') return value;
  }
  return undefined;
}

/** The first of the attributes that is a number, or a text that says one. */
export function numberAt(row: LegacyRow, ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const value = row[name];
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number === 'number' && Number.isFinite(number)) return number;
  }
  return undefined;
}

/** From here on a number counts milliseconds, below seconds: the year 1973 or the year 5138. */
const LEAST_MILLISECONDS = 100_000_000_000;

/** A moment, whether a text or a number of seconds or milliseconds since 1970, as rows have it today. */
export function momentOf(value: unknown): string | undefined {
  const moment =
    typeof value === 'string'
      ? Date.parse(value)
      : typeof value === 'number'
        ? value * (value < LEAST_MILLISECONDS ? 1000 : 1)
        : Number.NaN;
  // What lies outside of years of four digits is no time that a school has seen.
  return moment >= 0 && moment < 253_402_300_800_000 ? new Date(moment).toISOString() : undefined;
}

/** The first of the attributes that is a moment. */
export function timeAt(row: LegacyRow, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const time = momentOf(row[name]);
    if (time !== undefined) return time;
  }
  return undefined;
}

/** The oldest of those that are known. */
export function oldest(times: readonly (string | undefined)[]): string | undefined {
  return times.filter((time) => time !== undefined).sort()[0];
}

/** The members of a list or a set; none where the attribute is missing, undefined where it is something else. */
export function listAt(row: LegacyRow, name: string): readonly unknown[] | undefined {
  const value = row[name];
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  return value instanceof Set ? [...value] : undefined;
}

/** The parts of a sort key `one#other#...`, each an id; undefined where it is no such key. */
export function partsOf(key: unknown, length: number): readonly string[] | undefined {
  const parts = typeof key === 'string' ? key.split('#') : [];
  return parts.length === length && parts.every((part) => ID_PATTERN.test(part)) ? parts : undefined;
}

export function isRecord(value: unknown): value is LegacyRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Set);
}

/** The row without what has a place of its own today: whatever nobody understands is kept. */
export function keptOf(row: LegacyRow, ...placed: readonly string[]): LegacyRow {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !placed.includes(name)));
}

/** The first stamp of a row that is as old as `at`. */
export function firstStamp(at: string | undefined, { now, cause }: Migrating): Stamp {
  return { version: 1, updatedAt: now, causedBy: cause.causedBy, causedAt: at ?? cause.causedAt };
}
