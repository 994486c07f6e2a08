import * as z from 'zod';
import { UserId } from '../contracts/fields.ts';
import { personView } from '../contracts/person-view.ts';
import type { StudentRow } from '../contracts/rows.ts';
import type { AdminStudents } from '../contracts/students.ts';
import { DomainError } from '../domain/errors.ts';
import type * as ids from '../domain/ids.ts';
import { searchable, type SearchKey, searchKey } from '../domain/profile.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import type { Documents } from './documents.ts';
import { INDEXES, type Named } from './keys.ts';
import { queryRows } from './pages.ts';
import { readRows } from './reads.ts';
import { studentRow } from './rows.ts';

/** The two indexes that are searched. */
const NAMES = {
  index: INDEXES.studentsByName,
  prefix: 'namePrefix',
  key: 'nameKey',
  schema: z
    .object({ userId: UserId, nameKey: z.string() })
    .transform(({ userId, nameKey: key }) => ({ key, userId })),
} as const;
const EMAILS = {
  index: INDEXES.studentsByEmail,
  prefix: 'emailPrefix',
  key: 'emailKey',
  schema: z
    .object({ userId: UserId, emailKey: z.string() })
    .transform(({ userId, emailKey: key }) => ({ key, userId })),
} as const;

/** A row of an index: where a page of it ends. */
interface Position {
  readonly key: string;
  readonly userId: ids.UserId;
}

/**
 * The students whose name or e-mail address begins so, accents and case aside: by name first, then those of whom
 * only the address does. Without enrollments.
 *
 * Requests a page: Query students/byName and students/byEmail at once, BatchGet of students.
 *
 * @throws DomainError invalid_request for a search of less than two letters, or a cursor of another list
 */
export async function studentsFound(
  documents: Documents,
  tables: Named<'students'>,
  { search, limit, cursor }: { search: string; limit: number; cursor: string | undefined },
): Promise<AdminStudents> {
  const sought = searchKey(search);
  if (sought === undefined || !searchable(sought)) {
    throw new DomainError('invalid_request', 'One letter is no search', {
      'query.search': 'must have at least two letters or digits',
    });
  }
  const { names: afterName, emails: afterEmail } = decodeCursor(cursor, cursorOf(sought)) ?? {};
  const [names, emails] = await Promise.all([
    find(documents, tables, NAMES, sought, limit, afterName),
    find(documents, tables, EMAILS, sought, limit, afterEmail),
  ]);
  // The names come first, so of the addresses there is only as much as the page has room for.
  const byEmail = emails.rows.slice(0, limit - names.rows.length);
  const students = await readRows(
    documents,
    [...names.rows, ...byEmail].map(({ userId }) => studentRow(tables, userId)),
  );
  const next = {
    names: positionOf(names.rows, names.ended, afterName),
    emails: positionOf(byEmail, emails.ended && byEmail.length === emails.rows.length, afterEmail),
  };
  const more = next.names !== null || next.emails !== null;
  return {
    students: students.flatMap((row, index) => {
      if (row === undefined) return [];
      // The indexes lag behind the row, and who is found by the name is not shown a second time.
      const named = begins(row, 'nameKey', sought);
      const shown = index < names.rows.length ? named : !named && begins(row, 'emailKey', sought);
      return shown ? [personView(row.userId, row)] : [];
    }),
    ...(more && { cursor: encodeCursor({ list: 'found', search: sought.key, ...next }) }),
  };
}

function cursorOf({ key }: SearchKey) {
  const position = z
    .strictObject({ key: z.string().startsWith(key).max(1000), userId: UserId })
    .nullable()
    .optional();
  return z.strictObject({
    list: z.literal('found'),
    search: z.literal(key),
    names: position,
    emails: position,
  });
}

async function find(
  documents: Documents,
  tables: Named<'students'>,
  { index, prefix, key, schema }: typeof NAMES | typeof EMAILS,
  sought: SearchKey,
  limit: number,
  after: Position | null | undefined,
): Promise<{ readonly rows: readonly Position[]; readonly ended: boolean }> {
  if (after === null) return { rows: [], ended: true };
  const { rows, next } = await queryRows<z.ZodType<Position>>(documents, {
    table: tables.students,
    index,
    schema,
    partition: [prefix, sought.prefix],
    sort: { attribute: key, beginsWith: sought.key },
    limit,
    start: after && { [prefix]: sought.prefix, [key]: after.key, userId: after.userId },
  });
  return { rows, ended: next === undefined };
}

/** After what the next page of an index starts; null once it has come to its end. */
function positionOf(
  shown: readonly Position[],
  ended: boolean,
  before: Position | null | undefined,
): Position | null | undefined {
  return ended ? null : (shown.at(-1) ?? before);
}

function begins(row: StudentRow, key: 'nameKey' | 'emailKey', sought: SearchKey): boolean {
  return row[key]?.startsWith(sought.key) === true;
}
