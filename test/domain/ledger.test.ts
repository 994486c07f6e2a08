import { describe, expect, test } from 'vitest';
import { entriesOf, type LedgerEntry } from '../../shared/domain/contribution.ts';
import type { CourseId } from '../../shared/domain/ids.ts';
import { applyToLedger, type LedgerState } from '../../shared/domain/ledger.ts';
import { attempt, cause, completion, id, watched } from './builders.ts';
import { LedgerStore } from './ledger-store.ts';

function entry(over: Partial<LedgerEntry>): LedgerEntry {
  return {
    source: 's',
    sourceVersion: 1,
    merge: 'replace',
    contribution: { a: { n: 1 } },
    ...cause,
    ...over,
  };
}

describe('the ledger', () => {
  test.each<[string, LedgerEntry[][], number]>([
    ['counts a record once, however often it comes', [[entry({})], [entry({})], [entry({}), entry({})]], 1],
    [
      'counts the newest of a batch',
      [[entry({ sourceVersion: 2, contribution: { a: { n: 5 } } }), entry({})]],
      5,
    ],
    ['ignores what is older', [[entry({ sourceVersion: 2, contribution: { a: { n: 5 } } })], [entry({})]], 5],
    [
      'is not fooled by a record from between two that contribute the same',
      [
        [entry({ sourceVersion: 1 })],
        [entry({ sourceVersion: 2, contribution: { a: { n: 9 } } }), entry({ sourceVersion: 3 })],
        [entry({ sourceVersion: 2, contribution: { a: { n: 9 } } })],
      ],
      1,
    ],
    [
      'is not fooled by a record that comes after the removal, which came first of all',
      [[entry({ sourceVersion: 5, contribution: {} })], [entry({ sourceVersion: 4 })]],
      0,
    ],
    [
      'joins by the greatest',
      [[entry({ merge: 'join', contribution: { a: { n: 3 } } })], [entry({ merge: 'join' })]],
      3,
    ],
    [
      'lets a removal end a join',
      [
        [entry({ merge: 'join', sourceVersion: 4 })],
        [entry({ sourceVersion: 5, contribution: {} })],
        [entry({ merge: 'join', sourceVersion: 4 })],
      ],
      0,
    ],
    [
      'joins anew what comes after a removal',
      [
        [entry({ merge: 'join', contribution: { a: { n: 9 } } })],
        [entry({ sourceVersion: 5, contribution: {} }), entry({ merge: 'join', sourceVersion: 6 })],
      ],
      1,
    ],
    [
      'lets a removal end a join within one batch',
      [
        [entry({ merge: 'join', sourceVersion: 2 })],
        [
          entry({ sourceVersion: 5, contribution: {} }),
          entry({ merge: 'join', sourceVersion: 4, contribution: { a: { n: 7 } } }),
        ],
      ],
      0,
    ],
  ])('%s', (_rule, batches, expected) => {
    const store = new LedgerStore();
    for (const batch of batches) store.apply(batch);
    expect(store.totals().a?.n ?? 0).toBe(expected);
  });

  test('writes nothing for a beat that completes no minute', () => {
    const store = new LedgerStore();
    store.apply(entriesOf('videoProgress', watched('v1', [[0, 70]], { version: 1 })));
    expect(store.apply(entriesOf('videoProgress', watched('v1', [[0, 110]], { version: 2 })))).toBe(0);
    expect(store.apply(entriesOf('videoProgress', watched('v1', [[0, 120]], { version: 3 })))).toBe(1);
    expect(store.totals()['school|total']).toEqual({ watchMinutes: 2 });
  });

  test('sees a learner once a day, whatever was done and in however many courses', () => {
    const store = new LedgerStore();
    store.apply(entriesOf('chapterCompletions', completion('ch1')));
    store.apply(entriesOf('quizAttempts', attempt('q1', 1, 10, { courseId: id<CourseId>('c2') })));
    store.apply(entriesOf('videoProgress', watched('v1', [[0, 1]], { courseId: id<CourseId>('c2') })));
    expect(store.totals()).toMatchObject({
      'school|day#2026-11-22': { activeLearners: 1 },
      'course#c1|day#2026-11-22': { activeLearners: 1 },
      'course#c2|day#2026-11-22': { activeLearners: 1 },
    });
  });

  test('says nothing of ledger rows that no entry is about', () => {
    const other: LedgerState = { source: 'other', sourceVersion: 1, contribution: { a: { n: 9 } } };
    expect(applyToLedger([other], [])).toEqual({ ledgers: [], deltas: {} });
  });
});
