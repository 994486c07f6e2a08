import { describe, expect, test } from 'vitest';
import {
  entriesOf,
  removedEntryOf,
  type LedgerEntry,
  type Metrics,
  userOfSource,
} from '../../shared/domain/contribution.ts';
import type { UserId } from '../../shared/domain/ids.ts';
import { qbankEntriesOf } from '../../shared/domain/qbank-contribution.ts';
import {
  accessRequest,
  attempt,
  completion,
  enrollment,
  id,
  payment,
  START,
  student,
  watched,
} from './builders.ts';
import { answered, completedTest, record, result } from './qbank-builders.ts';
import { LedgerStore } from './ledger-store.ts';

describe('what a row contributes', () => {
  test.each<[string, LedgerEntry[], Record<string, Metrics>]>([
    [
      'an enrollment counts in its course and the school',
      entriesOf('enrollments', enrollment({ progress: 37, attempted: true })),
      {
        'school|total': {
          enrollments: 1,
          'status.active': 1,
          'source.direct': 1,
          learnersWithAttempt: 1,
          progressCount: 1,
          progressSum: 37,
          'progress.3': 1,
        },
        'course#c1|total': {
          enrollments: 1,
          'status.active': 1,
          'source.direct': 1,
          learnersWithAttempt: 1,
          progressCount: 1,
          progressSum: 37,
          'progress.3': 1,
          learners: 1,
        },
      },
    ],
    [
      'a cancelled enrollment shows no progress, yet stays completed',
      entriesOf('enrollments', enrollment({ status: 'cancelled', progress: 100, completedAt: START })),
      {
        'school|total': { enrollments: 1, 'status.cancelled': 1, 'source.direct': 1, completions: 1 },
        'course#c1|total': { enrollments: 1, 'status.cancelled': 1, 'source.direct': 1, completions: 1 },
      },
    ],
    ['a student counts in the school', entriesOf('students', student()), { 'school|total': { learners: 1 } }],
    [
      'an attempt counts in its quiz too, and its learner was active that day',
      entriesOf('quizAttempts', attempt('q1', 1, 66.67)),
      {
        'school|total': { attempts: 1, scored: 1, scoreSum: 6667, scoreSquares: 44_448_889, passes: 1 },
        'course#c1|total': { attempts: 1, scored: 1, scoreSum: 6667, scoreSquares: 44_448_889, passes: 1 },
        'course#c1|quiz#q1': { attempts: 1, scored: 1, scoreSum: 6667, scoreSquares: 44_448_889, passes: 1 },
        'school|day#2026-11-22': { activeLearners: 1 },
        'course#c1|day#2026-11-22': { activeLearners: 1 },
      },
    ],
    [
      'a video counts in whole minutes and on each of its days',
      entriesOf(
        'videoProgress',
        watched(
          'v1',
          [
            [0, 90],
            [100, 129.999],
          ],
          { days: ['2026-11-22', '2026-11-23'] },
        ),
      ),
      {
        'school|total': { watchMinutes: 1 },
        'course#c1|total': { watchMinutes: 1 },
        'school|day#2026-11-22': { activeLearners: 1 },
        'course#c1|day#2026-11-22': { activeLearners: 1 },
        'school|day#2026-11-23': { activeLearners: 1 },
        'course#c1|day#2026-11-23': { activeLearners: 1 },
      },
    ],
    [
      'a completed chapter counts once',
      entriesOf('chapterCompletions', completion('ch1')),
      {
        'school|total': { chaptersCompleted: 1 },
        'course#c1|total': { chaptersCompleted: 1 },
        'school|day#2026-11-22': { activeLearners: 1 },
        'course#c1|day#2026-11-22': { activeLearners: 1 },
      },
    ],
  ])('%s', (_rule, entries, expected) => {
    const store = new LedgerStore();
    store.apply(entries);
    expect(store.totals()).toEqual(expected);
  });

  test('an attempt that just reaches its pass mark passes', () => {
    const [just] = entriesOf('quizAttempts', attempt('q1', 1, 50, { passMark: 50 }));
    expect(just?.contribution['school|total']).toMatchObject({ passes: 1 });
    const [below] = entriesOf('quizAttempts', attempt('q1', 1, 49.99, { passMark: 50 }));
    expect(below?.contribution['school|total']).not.toHaveProperty('passes');
  });

  test('an attempt without a mark has no score, and a score of 0 is one', () => {
    const [unmarked] = entriesOf('quizAttempts', attempt('q1', 1, null));
    expect(unmarked?.contribution['school|total']).toEqual({ attempts: 1 });
    const [zero] = entriesOf('quizAttempts', attempt('q1', 1, 0));
    expect(zero?.contribution['school|total']).toEqual({ attempts: 1, scored: 1 });
  });

  test('sources of different rows are never the same', () => {
    const sources = [
      ...entriesOf('enrollments', enrollment()),
      ...entriesOf('students', student()),
      ...entriesOf('quizAttempts', attempt('v1', 1, 5)),
      ...entriesOf('quizAttempts', attempt('v1', 2, 5)),
      ...entriesOf('videoProgress', watched('v1', [], { days: [] })),
      ...entriesOf('chapterCompletions', completion('v1')),
    ].map(({ source }) => source);
    expect(new Set(sources).size).toBe(sources.length - 2);
    expect(sources.filter((source) => source === 'active#u1#2026-11-22')).toHaveLength(3);
  });

  test('every source names its user as its second part', () => {
    const whose = { userId: id<UserId>('ann:2') };
    const entries = [
      ...entriesOf('enrollments', enrollment(whose)),
      ...entriesOf('students', student(whose)),
      ...entriesOf('accessRequests', accessRequest(whose)),
      ...entriesOf('payments', payment(whose)),
      ...entriesOf('quizAttempts', attempt('v1', 1, 5, whose)),
      ...entriesOf('videoProgress', watched('v1', [], whose)),
      ...entriesOf('chapterCompletions', completion('v1', whose)),
      ...qbankEntriesOf('qbankQuestionAttempts', answered('q1', 'a', whose)),
      ...qbankEntriesOf('qbankTests', completedTest([result('q1')], whose)),
      ...qbankEntriesOf('qbankRecords', record(whose)),
    ];
    expect(new Set(entries.map(({ source }) => source.split('#')[0])).size).toBe(11);
    for (const { source } of entries) expect(userOfSource(source), source).toBe('ann:2');
    expect(() => userOfSource('enrollments')).toThrow('names no user');
  });

  test('a row that is gone contributes nothing from its next version on', () => {
    const store = new LedgerStore();
    const row = enrollment({ version: 3 });
    store.apply(entriesOf('enrollments', row));
    store.apply([removedEntryOf('enrollments', row)]);
    store.apply(entriesOf('enrollments', row));
    expect(store.totals()).toEqual({});
  });
});
