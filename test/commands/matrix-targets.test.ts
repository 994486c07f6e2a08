import { describe, expect, it } from 'vitest';
import { bankProgress, bankSources } from '../../commands/matrix/bank-sources.ts';
import {
  adminActions,
  enrollmentSources,
  requestSources,
  studentActions,
} from '../../commands/matrix/enrollment-sources.ts';
import {
  progressSources,
  quizSources,
  studyActions,
  videoSources,
} from '../../commands/matrix/progress-sources.ts';
import type { Source } from '../../commands/matrix/prove-row.ts';
import { requiredTarget, viewNamed } from '../../shared/domain/required-targets.ts';
import { MARK, REQUIREMENT } from '../../shared/domain/requirement.ts';

/** The sources of the proof by the table that they prove. */
const PROVED: readonly (readonly [title: string, sources: Readonly<Record<string, Source>>])[] = [
  ['Enrollment State Sync', enrollmentSources],
  ['Progress Sync', { ...progressSources, ...bankProgress }],
  ['Request Status Sync', requestSources],
  ['Video Progress Sync', videoSources],
  ['Quiz Attempts Sync', quizSources],
  ['Q-Bank Statistics Sync', bankSources],
  ['Cross-App Sync (Student → Admin)', { ...studentActions, ...studyActions }],
  ['Cross-App Sync (Admin → Student)', adminActions],
];

describe('Where a cell is seen to hold', () => {
  it('is told for every column of the requirement, or why it is nowhere', () => {
    for (const table of REQUIREMENT) {
      for (const column of table.columns) {
        const target = requiredTarget(table, column);
        if (target.by === 'none') expect(target.why, `${table.title}: ${column}`).not.toBe('');
      }
    }
  });

  it('is nowhere only for what does not happen, but is so or is not', () => {
    const hidden = REQUIREMENT.filter(({ columns, rows, ...table }) =>
      columns.some(
        (column, index) =>
          rows.some(({ cells }) => cells[index] === MARK) &&
          requiredTarget({ columns, rows, ...table }, column).by === 'none',
      ),
    );
    expect(hidden.map(({ section }) => section)).toEqual([8, 10]);
  });

  it('is a view of that name for every page of the requirement', () => {
    const pages = REQUIREMENT.find(({ section }) => section === 9)?.rows.map(({ name }) => viewNamed(name));
    expect(new Set(pages).size).toBe(9);
    expect(pages).not.toContain(undefined);
  });

  it('is the view, and the tables, that the proof of the cell looks at', () => {
    for (const [title, sources] of PROVED) {
      const table = REQUIREMENT.find((each) => each.title === title)!;
      for (const [name, { targets }] of Object.entries(sources)) {
        for (const [column, { told }] of Object.entries(targets)) {
          const target = requiredTarget(table, column);
          expect(target.by === 'view' ? target.view : undefined, `${title}: ${name} → ${column}`).toBe(
            told?.view,
          );
          if (target.by === 'view')
            expect(target.tables).toEqual(expect.arrayContaining([...(told?.by ?? [])]));
        }
      }
    }
  });

  it('has an end: a column that the requirement does not have is no place', () => {
    expect(() => requiredTarget(REQUIREMENT[0]!, 'Moon')).toThrow('Moon');
  });
});
