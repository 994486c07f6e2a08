import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLedger } from '../../shared/domain/check-ledger.ts';
import { entriesOf, type LedgerEntry } from '../../shared/domain/contribution.ts';
import { applyToLedger, type LedgerState } from '../../shared/domain/ledger.ts';
import type { CourseId } from '../../shared/domain/ids.ts';
import type { Cause } from '../../shared/domain/stamp.ts';
import * as build from './builders.ts';

type Stored = LedgerState & Cause;

/** Ledger rows as the stream leaves them when it has applied the entries. */
function applied(entries: readonly LedgerEntry[]): Stored[] {
  return applyToLedger<Stored>([], entries).ledgers.map(({ previous: _previous, ...row }) => row);
}

const request = build.accessRequest();
const attempt = build.attempt('test', 1, 40);
const film = build.watched('film', [[0, 600]], { days: ['2026-11-21', '2026-11-22'] });
const entries = [
  ...entriesOf('accessRequests', request),
  ...entriesOf('quizAttempts', attempt),
  ...entriesOf('videoProgress', film),
];

function check(ledgers: readonly Stored[], all = entries, settled = all) {
  return checkLedger({ ledgers, entries: all, settled });
}

const found = (...given: Parameters<typeof check>) =>
  check(...given).findings.map(
    ({ flow, drift, reason, subject }) => `${flow} ${drift} ${reason} ${subject.split('#')[1]}`,
  );

const without = (source: string) => applied(entries).filter((row) => !row.source.startsWith(source));
const changed = (source: string, over: Partial<Stored>) =>
  applied(entries).map((row) => (row.source.startsWith(source) ? { ...row, ...over } : row));

describe('the check of a ledger', () => {
  it('finds nothing where each row is what its source says', () => {
    expect(check(applied(entries))).toEqual({
      checked: { analytics: 5, qbank: 0 },
      findings: [],
      repair: [],
    });
  });

  it('names what never arrived, what was changed, and what nothing says', () => {
    expect(found(without('quizAttempts'))).toEqual(['analytics missing not_applied quizAttempts']);
    expect(found(changed('quizAttempts', { contribution: {} }))).toEqual([
      'analytics wrong altered quizAttempts',
    ]);
    expect(found(applied(entries), entriesOf('quizAttempts', attempt))).toEqual([
      'analytics orphaned unsourced accessRequests',
      'analytics orphaned unsourced videoProgress',
      'analytics orphaned unsourced active',
    ]);
  });

  it('finds a version that its source has not reached, which would keep all news out', () => {
    expect(found(changed('quizAttempts', { sourceVersion: 900 }))).toEqual([
      'analytics wrong altered quizAttempts',
    ]);
    expect(found(changed('videoProgress', { sourceVersion: 900 }))).toEqual([
      'analytics wrong altered videoProgress',
    ]);
  });

  it('does not mind an older version that says the same: it came to nothing', () => {
    expect(
      found(applied(entries), [...entriesOf('quizAttempts', { ...attempt, version: 2 }), ...entries]),
    ).toEqual([]);
  });

  it('leaves to the streams what was said a moment ago, as far as they may have come with it', () => {
    const marked = entriesOf('quizAttempts', { ...attempt, version: 2, score: 90 });
    expect(found(applied(entries), [...entries, ...marked], entries)).toEqual([]);
    expect(found(applied([...entries, ...marked]), [...entries, ...marked], entries)).toEqual([]);
    // What stands is neither what was said before nor what is said now.
    const made = changed('quizAttempts', { sourceVersion: 2, contribution: {} });
    expect(found(made, [...entries, ...marked], entries)).toEqual(['analytics wrong altered quizAttempts']);
  });

  it('counts a day no more than once, whoever of two courses tells of it later', () => {
    const elsewhere = entriesOf(
      'chapterCompletions',
      build.completion('read', { courseId: build.id<CourseId>('c2') }),
    );
    expect(found(applied(entries), [...entries, ...elsewhere], entries)).toEqual([]);
    expect(found(applied(entries), [...entries, ...elsewhere])).toEqual([
      'analytics wrong altered active',
      'analytics missing not_applied chapterCompletions',
    ]);
  });

  it('restores whatever was done to the rows, so that a second look finds nothing', () => {
    const harm = fc.constantFrom<Partial<Stored> | undefined>(
      undefined,
      {},
      { contribution: {} },
      { contribution: { 'school|total': { enrollments: 9 } } },
      { sourceVersion: 99 },
    );
    fc.assert(
      fc.property(fc.array(harm, { minLength: 6, maxLength: 6 }), fc.boolean(), (harms, stray) => {
        const rows = applied(entries).flatMap((row, index) =>
          harms[index] === undefined ? [] : [{ ...row, ...harms[index] }],
        );
        const made = {
          source: 'enrollments#u1#c9',
          sourceVersion: 3,
          contribution: { a: { b: 1 } },
          ...build.cause,
        };
        const damaged = stray ? [...rows, made] : rows;
        const mended = new Map(damaged.map((row) => [row.source, row]));
        for (const { previous: _previous, ...row } of check(damaged).repair) mended.set(row.source, row);
        expect(check([...mended.values()]).findings).toEqual([]);
      }),
    );
  });
});
