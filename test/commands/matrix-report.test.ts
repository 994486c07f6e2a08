import { describe, expect, it } from 'vitest';
import type { ProvedCell } from '../../commands/matrix/prove-matrix.ts';
import { printed, reportOf } from '../../commands/matrix/report.ts';
import { MARK, REQUIREMENT } from '../../shared/domain/requirement.ts';

/** A cell for each that has to hold, all proved but those that are named. */
function cells(...broken: readonly (readonly [section: number, source: string, target: string])[]) {
  return REQUIREMENT.flatMap(({ section, columns, rows }) =>
    rows.flatMap((row) =>
      columns
        .filter((_, index) => row.cells[index] === MARK)
        .map((target): ProvedCell => {
          const ok = !broken.some(
            ([ofSection, source, column]) =>
              ofSection === section && source === row.name && column === target,
          );
          return { section, source: row.name, target, ok, ms: ok ? 12.4 : null, why: ok ? 'seen' : 'lost' };
        }),
    ),
  );
}

const LOST = [9, 'Student Profile', 'Auto-Refresh'] as const;

describe('the report of the matrix', () => {
  it('scores 100 only where every cell holds', () => {
    expect(reportOf(cells()).score).toBe(100);
    expect(reportOf(cells(LOST)).score).toBe(99.4);
  });

  it('has the documented shape', () => {
    const report = reportOf(cells(LOST));
    expect(report).toEqual({
      score: 99.4,
      cells: expect.any(Array),
      sections: expect.any(Array),
      health: expect.any(Array),
    });
    expect(report.cells).toHaveLength(180);
    expect(report.cells.find(({ ok }) => !ok)).toEqual({
      section: 9,
      source: 'Student Profile',
      target: 'Auto-Refresh',
      ok: false,
      ms: null,
      why: 'lost',
    });
    expect(report.sections[8]).toEqual({
      section: 9,
      titles: ['Real-Time Sync Status'],
      cells: 27,
      ok: 26,
      score: 96.2,
      ms: { p50: 12.4, max: 12.4 },
    });
  });

  it('gives the health scores that the requirement lists, each of its own section', () => {
    const { health } = reportOf(cells([1, 'Admin Enrollment', 'Admin Requests']));
    expect(health).toEqual([
      { name: 'Enrollment Sync', score: 96.7 },
      { name: 'Progress Sync', score: 100 },
      { name: 'Request Sync', score: 100 },
      { name: 'Video Progress', score: 100 },
      { name: 'Quiz Progress', score: 100 },
      { name: 'Cross-App Sync', score: 100 },
    ]);
  });

  it('counts both tables of section 7 as one section', () => {
    const { sections } = reportOf(cells([7, 'Unenroll', 'Student Courses']));
    expect(sections.find(({ section }) => section === 7)).toMatchObject({ cells: 26, ok: 25 });
  });

  it('prints a mark with its latency where a cell holds, and a cross and the reason where it does not', () => {
    const text = printed(reportOf(cells(LOST)));
    const row = text.split('\n').find((line) => /^\| Student Profile .*pushed/.test(line));
    expect(row?.split('|').map((cell) => cell.trim())).toEqual([
      '',
      'Student Profile',
      '✅ 12 ms',
      '❌',
      'pushed',
      '✅ 12 ms',
      '',
    ]);
    expect(text).toContain('- 9. Student Profile → Auto-Refresh: lost');
    expect(text).toContain('**Overall Sync Health**: **99.4%** (179 of 180 cells)');
  });

  it('takes a cell that nobody proved for one that does not hold', () => {
    const report = reportOf([]);
    expect(report.score).toBe(0);
    const text = printed(report);
    expect(text).not.toContain('✅');
    expect(text.match(/❌/g)).toHaveLength(180);
  });
});
