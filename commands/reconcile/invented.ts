import { emptyFacts, RULE_VERSION } from '../../shared/domain/progress.ts';
import { bitmapWith } from '../../shared/domain/qbank-bitmap.ts';
import type { Table } from '../../shared/store/keys.ts';
import type { Chance } from './chance.ts';

const AT = '2026-01-01T10:00:00.000Z';
const stamp = { version: 1, updatedAt: AT, causedBy: 'invented', causedAt: AT };

/** Rows that nothing tells of. */
const INVENTIONS: Partial<
  Readonly<Record<Table, (index: number, chance: Chance) => Record<string, unknown>>>
> = {
  studentProgress: (index, chance) => ({
    userId: `stranger-${index}`,
    courseId: 'anatomy',
    ...emptyFacts(),
    totalProgress: chance.draw(100),
    completedItems: 1,
    requiredItems: 4,
    outlineVersion: 1,
    ruleVersion: RULE_VERSION,
    ...stamp,
  }),
  ledger: (index, chance) => ({
    userId: `learner-0000${index % 10}`,
    source: `chapterCompletions#learner-0000${index % 10}#anatomy#ghost-${index}`,
    sourceVersion: 1,
    contribution: { 'school|total': { chaptersCompleted: 1 + chance.draw(3) } },
    ...stamp,
  }),
  analytics: (index, chance) => ({
    scope: `course#ghost-${index}`,
    part: `total#${chance.draw(4)}`,
    enrollments: 1 + chance.draw(9),
    ...stamp,
  }),
  qbankQuestionStatistics: (index, chance) => ({
    scope: 'bank#anatomy',
    part: `question#ghost-${index}#000001#0`,
    answers: 1 + chance.draw(9),
    ...stamp,
  }),
  qbankRecords: (index) => ({
    userId: `learner-0000${index % 10}`,
    courseId: `ghost-${index}`,
    tests: 2,
    firstAnswers: 5,
    firstRight: 1,
    seen: bitmapWith([1, 2, 3]),
    solved: bitmapWith([2]),
    ...stamp,
  }),
  // Of a certificate that is not there.
  notifications: (index) => ({
    userId: `learner-0000${index % 10}`,
    notificationId: `${AT}.certificate_issued.ghost-${index}`,
    kind: 'certificate_issued',
    courseId: `ghost-${index}`,
    details: { title: 'Ghosts', code: 'BOO' },
    createdAt: AT,
    expiresAt: 4_000_000_000,
    ...stamp,
  }),
};

/** So many rows of a table that nothing tells of; none where nobody could tell. */
export function invented(table: Table, count: number, chance: Chance): Record<string, unknown>[] {
  const make = INVENTIONS[table];
  return make === undefined ? [] : Array.from({ length: count }, (_, index) => make(index, chance));
}
