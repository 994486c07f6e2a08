import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { LegacyRow, Unreadable } from '../domain/legacy-row.ts';
import type { Documents } from './documents.ts';
import type { Key } from './keys.ts';
import { MalformedRow, parseRow } from './reads.ts';
import type { Condition, Put } from './transact.ts';

/** Rows as they are stored, whatever they look like. */
const AnyRow = z.record(z.string(), z.unknown());

/** A request for `readRows`: a row of whatever form. */
export function anyRow(table: string, key: Key) {
  return { table, key, schema: AnyRow } as const;
}

/** What queries read rows of whatever form with. */
export const ANY_ROW = AnyRow;

export interface ScannedPage {
  readonly rows: LegacyRow[];
  readonly next?: LegacyRow;
}

/** A page of one of the parts that a table is scanned in side by side, as it is now. */
export async function scanPart(
  documents: Documents,
  given: {
    readonly table: string;
    readonly part: number;
    readonly parts: number;
    readonly limit: number;
    readonly start: LegacyRow | undefined;
  },
): Promise<ScannedPage> {
  const { table, part, parts, limit, start } = given;
  const { Items = [], LastEvaluatedKey: next } = await documents.send(
    new ScanCommand({
      TableName: table,
      Segment: part,
      TotalSegments: parts,
      Limit: limit,
      ConsistentRead: true,
      ...(start !== undefined && { ExclusiveStartKey: { ...start } }),
    }),
  );
  return { rows: Items.map((item) => AnyRow.parse(item)), ...(next !== undefined && { next }) };
}

/** An expression has 4 kB; so many comparisons are half of that. */
const MOST_COMPARED = 120;

/**
 * The row must still be of the old school, and in every attribute as it was read: it has no version that would say so.
 * Broken numbers are left out: they may be stored with more digits than were read.
 */
export function unchanged(row: LegacyRow): Condition {
  const compared = Object.entries(row)
    .filter(([, value]) => isExact(value))
    .slice(0, MOST_COMPARED);
  return {
    expression: [
      'attribute_not_exists(#version)',
      ...compared.map((_, index) => `#was${index} = :was${index}`),
    ].join(' AND '),
    names: {
      '#version': 'version',
      ...Object.fromEntries(compared.map(([name], index) => [`#was${index}`, name])),
    },
    values: Object.fromEntries(compared.map(([, value], index) => [`:was${index}`, value])),
  };
}

function isExact(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value);
  if (value instanceof Set) return [...value].every(isExact);
  if (Array.isArray(value)) return value.every(isExact);
  return typeof value !== 'object' || value === null || Object.values(value).every(isExact);
}

/** Writes a row that fits its schema. @throws MalformedRow where it does not, naming what is wrong with it */
export function fittingPut(
  table: string,
  schema: z.ZodType,
  item: Readonly<Record<string, unknown>>,
  when: Condition,
): Put {
  parseRow(table, schema, item);
  return { kind: 'put', table, item, when };
}

/** The migrated row. @throws MalformedRow where it could not be read */
export function readable<Row extends object>(table: string, key: Key, migrated: Row | Unreadable): Row {
  if ('unreadable' in migrated) throw unreadable(table, key, migrated.unreadable);
  return migrated;
}

export function unreadable(table: string, key: Key, attributes: readonly string[]): MalformedRow {
  const names = Object.entries(key).map(([name, value]) => `${name}=${value}`);
  return new MalformedRow(table, names.join(' '), attributes);
}
