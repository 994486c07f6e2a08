import type { ProvedCell } from '../../commands/matrix/prove-matrix.ts';
import { MARK, REQUIREMENT } from '../../shared/domain/requirement.ts';

/** `1: Request Approval → Student Courses`. */
function nameOf({ section, source, target }: Pick<ProvedCell, 'section' | 'source' | 'target'>): string {
  return `${section}: ${source} → ${target}`;
}

/** Every cell of the requirement that has to hold. */
export const ALL_CELLS: readonly string[] = REQUIREMENT.flatMap(({ section, columns, rows }) =>
  rows.flatMap(({ name, cells }) =>
    columns
      .filter((_, index) => cells[index] === MARK)
      .map((target) => nameOf({ section, source: name, target })),
  ),
);

/** The cells that one of the patterns names, in which `*` stands for anything. Each pattern has to name some. */
export function cellsLike(...patterns: readonly string[]): string[] {
  const found = patterns.flatMap((pattern) => {
    const parts = pattern.split('*').map((part) => part.replace(/[.+()]/g, String.raw`\$&`));
    const cells = ALL_CELLS.filter((cell) => new RegExp(`^${parts.join('.*')}$`).test(cell));
    if (cells.length === 0) throw new Error(`No cell is like ${pattern}`);
    return cells;
  });
  return ALL_CELLS.filter((cell) => found.includes(cell));
}

/** The cells that do not hold. */
export function redCells(cells: readonly ProvedCell[]): string[] {
  const red = new Set(cells.filter(({ ok }) => !ok).map(nameOf));
  return ALL_CELLS.filter((cell) => red.has(cell));
}

/** Why, line by line, for whoever reads that a test failed. */
export function reasons(cells: readonly ProvedCell[]): string {
  return cells
    .filter(({ ok }) => !ok)
    .map((cell) => `${nameOf(cell)}: ${cell.why}`)
    .join('\n');
}
