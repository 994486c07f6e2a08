import type * as z from 'zod';
import type { Documents } from './documents.ts';
import { readRows, type RowRequest } from './reads.ts';

type RequestLists = Readonly<Record<string, readonly RowRequest[]>>;

/** Rows at the positions of their requests, list by list; undefined for no such row. */
export type RowLists<Lists extends RequestLists> = {
  -readonly [Name in keyof Lists]: (z.output<Lists[Name][number]['schema']> | undefined)[];
};

/**
 * Reads several lists of rows as they are now, together: one request for each hundred different keys.
 *
 * @throws as `readRows`
 */
export function readLists<const Lists extends RequestLists>(
  documents: Documents,
  lists: Lists,
): Promise<RowLists<Lists>>;
export async function readLists(
  documents: Documents,
  lists: RequestLists,
): Promise<Record<string, unknown[]>> {
  const rows = await readRows(documents, Object.values(lists).flat());
  const read: Record<string, unknown[]> = {};
  let at = 0;
  for (const [name, requests] of Object.entries(lists)) {
    read[name] = rows.slice(at, at + requests.length);
    at += requests.length;
  }
  return read;
}
