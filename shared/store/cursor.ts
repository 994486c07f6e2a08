import * as z from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { RowPage } from './pages.ts';

/** A page's position as an opaque text for the client to send back. */
export function encodeCursor(position: Readonly<Record<string, unknown>>): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** The cursor of a page that was read whole, by what it needs of the last row; none where the list ends. */
export function cursorAfter<Row>(
  { rows, next }: RowPage<Row>,
  positionOf: (last: Row) => Readonly<Record<string, unknown>>,
): { readonly cursor?: string } {
  const last = rows.at(-1);
  return next === undefined || last === undefined ? {} : { cursor: encodeCursor(positionOf(last)) };
}

/**
 * The position that a cursor stands for; undefined without a cursor. The schema must pin what a client may not
 * choose (`userId: z.literal(caller.userId)`), as anybody can write a cursor.
 *
 * @throws DomainError invalid_request naming `query.cursor`
 */
export function decodeCursor<Schema extends z.ZodType>(
  cursor: string | undefined,
  schema: Schema,
): z.output<Schema> | undefined {
  if (cursor === undefined) return undefined;
  const parsed = z.safeParse(schema, jsonOf(cursor));
  if (parsed.success) return parsed.data;
  throw new DomainError('invalid_request', 'The cursor is not one of this list', {
    'query.cursor': 'must be a cursor that this list gave',
  });
}

/** Bytes of the longest sort key that DynamoDB takes. */
const LONGEST_KEY = 1024;

/** A cursor that somebody made up may hold what no key can: half a character, or more than fits. */
function asInKey(_name: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (/\p{Surrogate}/u.test(value) || Buffer.byteLength(value) > LONGEST_KEY) throw new SyntaxError('No key');
  return value;
}

function jsonOf(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'), asInKey);
  } catch {
    return undefined;
  }
}
