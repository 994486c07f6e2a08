import * as z from 'zod';

/** The environment variable that names a table: `studentProgress` -> `TABLE_STUDENT_PROGRESS`. */
export function tableVariable(table: string): string {
  return `TABLE_${table.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The shape, for `z.object`, of the variables that name the given tables. */
export function tableVariables(tables: readonly string[]): Record<string, z.ZodString> {
  return Object.fromEntries(tables.map((table) => [tableVariable(table), z.string().min(1)]));
}

/**
 * The names of the given tables, by table, out of a parsed environment.
 *
 * @throws Error naming the variable that is missing.
 */
export function tableNames<Table extends string>(
  environment: Readonly<Record<string, unknown>>,
  tables: readonly Table[],
): Readonly<Record<Table, string>> {
  const names: Partial<Record<Table, string>> = {};
  for (const table of tables) {
    const name = environment[tableVariable(table)];
    if (typeof name !== 'string')
      throw new Error(`The environment variable ${tableVariable(table)} is missing`);
    names[table] = name;
  }
  if (!namesAll(names, tables)) throw new Error('A table has no name');
  return names;
}

/**
 * Parses `process.env` with a function's schema. Called once, while a function is loaded, so that a function
 * with a wrong environment never takes a request.
 *
 * @throws Error naming the variables that are wrong, without their values.
 */
export function readEnvironment<Schema extends z.ZodObject>(
  schema: Schema,
  variables: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const parsed = z.safeParse(schema, variables);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`The environment is wrong: ${wrong.join('; ')}`);
}

function namesAll<Table extends string>(
  names: Partial<Record<Table, string>>,
  tables: readonly Table[],
): names is Record<Table, string> {
  return tables.every((table) => names[table] !== undefined);
}
