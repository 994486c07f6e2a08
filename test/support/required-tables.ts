import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** A table of the requirement as the school wrote it. */
interface WrittenTable {
  readonly section: number;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The school's own document, beside the project; undefined where it is not. */
const document = [
  process.env.REQUIREMENT,
  path.resolve(import.meta.dirname, '../../../shared/sync-requirements-matrix.md'),
].find((file) => file !== undefined && existsSync(file));

/** The tables of its numbered sections, in their order; undefined without the document. */
export const writtenTables = document === undefined ? undefined : tablesOf(readFileSync(document, 'utf8'));

function tablesOf(markdown: string): WrittenTable[] {
  return markdown
    .split(/^## /m)
    .flatMap((text) => {
      const section = Number(/^\d+/.exec(text)?.[0]);
      return section > 0 ? tablesIn(text).map((lines) => ({ section, lines })) : [];
    })
    .map(({ section, lines: [columns = [], , ...rows] }) => ({ section, columns, rows }));
}

/** Runs of lines that begin with a bar, as their cells. */
function tablesIn(text: string): string[][][] {
  return (text.match(/(?:^\|.*\n)+/gm) ?? []).map((table) =>
    table
      .trim()
      .split('\n')
      .map((line) =>
        line
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      ),
  );
}
