import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Lab, Learner } from './lab.ts';

/** The tables that hold what a student is, has and was told, apart from what the student did. */
const OWN_TABLES = [
  'students',
  'accessRequests',
  'payments',
  'enrollments',
  'studentProgress',
  'waivers',
  'certificates',
  'notifications',
];

/** A student's rows by table. */
export type StudentRows = Readonly<Record<string, readonly Record<string, unknown>[]>>;

/** All rows of a student, or those in some tables. */
export async function rowsOf(
  { school }: Pick<Lab, 'school'>,
  { userId }: Pick<Learner, 'userId'>,
  names: readonly string[] = OWN_TABLES,
): Promise<StudentRows> {
  const tables = await Promise.all(
    names.map(async (TableName) => {
      const { Items = [] } = await school.documents.send(
        new QueryCommand({
          TableName,
          KeyConditionExpression: 'userId = :user',
          ExpressionAttributeValues: { ':user': userId },
          ConsistentRead: true,
        }),
      );
      return [TableName, Items] as const;
    }),
  );
  return Object.fromEntries(tables);
}

/** The rows as text, their attributes in one order: the database gives them in any. */
export function textOf(rows: StudentRows): string {
  return JSON.stringify(rows, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

/** What must be the same of two students who did the same: which rows they have, in which status and version. */
export function shapeOf(rows: StudentRows): string {
  return Object.entries(rows)
    .flatMap(([table, ofTable]) => ofTable.map((row) => `${table} ${shapeOfRow(table, row)}`))
    .join('\n');
}

function shapeOfRow(table: string, row: Record<string, unknown>): string {
  const { version, status, kind, source, progress, totalProgress, waived } = row;
  // The first version of a request is a time.
  const counted = table === 'accessRequests' ? undefined : version;
  return JSON.stringify({ version: counted, status, kind, source, progress, totalProgress, waived });
}
