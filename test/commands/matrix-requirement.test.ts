import { describe, expect, it } from 'vitest';
import { HEALTH_SCORES, MARK, REQUIREMENT, type Cell } from '../../shared/domain/requirement.ts';
import { writtenTables } from '../support/required-tables.ts';

type Kind = 'to hold' | 'not applicable' | 'plain';

function kindOf(cell: Cell): Kind {
  if (cell === MARK) return 'to hold';
  return cell === 'N/A' ? 'not applicable' : 'plain';
}

function writtenKindOf(cell: string, column: string | undefined): Kind {
  // The one place where the school now differs: nothing is polled, so that an interval is nowhere missing.
  if (column === 'Poll Interval') return 'plain';
  if (/^(?:✅|⚠️|❌)/u.test(cell)) return 'to hold';
  return cell === 'N/A' ? 'not applicable' : 'plain';
}

describe('the requirement', () => {
  it('has 180 cells that have to hold, in ten sections', () => {
    const cells = REQUIREMENT.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
    expect(cells.filter((cell) => cell === MARK)).toHaveLength(180);
    expect([...new Set(REQUIREMENT.map(({ section }) => section))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('gives every row a cell for every column', () => {
    for (const { title, columns, rows } of REQUIREMENT) {
      for (const { name, cells } of rows) expect(cells, `${title}: ${name}`).toHaveLength(columns.length);
    }
  });

  it('names no cell twice', () => {
    const names = REQUIREMENT.flatMap(({ section, columns, rows }) =>
      rows.flatMap(({ name }) => columns.map((column) => `${section}: ${name} → ${column}`)),
    );
    expect(new Set(names).size).toBe(names.length);
  });

  it('scores sections that it has', () => {
    const sections = HEALTH_SCORES.flatMap((score) => score.sections);
    expect(REQUIREMENT.map(({ section }) => section)).toEqual(expect.arrayContaining(sections));
  });

  it.skipIf(writtenTables === undefined)(
    'has the tables, rows, columns and kinds of cells that the school wrote down',
    () => {
      const ours = REQUIREMENT.map(({ section, heading, columns, rows }) => ({
        section,
        columns: [heading, ...columns],
        rows: rows.map(({ name, cells }) => [name, ...cells.map(kindOf)]),
      }));
      const theirs = writtenTables?.map(({ section, columns, rows }) => ({
        section,
        columns,
        rows: rows.map(([name, ...cells]) => [
          name,
          ...cells.map((cell, index) => writtenKindOf(cell, columns[index + 1])),
        ]),
      }));
      expect(ours).toEqual(theirs);
    },
  );
});
