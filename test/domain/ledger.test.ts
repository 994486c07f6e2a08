import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  entriesOf,
  removedEntryOf,
  type LedgerEntry,
  type Metrics,
} from '../../shared/domain/contribution.ts';
import type { CourseId } from '../../shared/domain/ids.ts';
import { applyToLedger, coalesce, type LedgerState } from '../../shared/domain/ledger.ts';
import { sumMetrics, totalsOf } from '../../shared/domain/totals.ts';
import { attempt, cause, completion, enrollment, id, START, student, watched } from './builders.ts';

/** Ledger and aggregates as a store holds them. */
class Store {
  readonly ledgers = new Map<string, LedgerState>();
  readonly aggregates = new Map<string, Map<string, number>>();

  /** Applies a batch and gives the number of ledger rows written. */
  apply(entries: readonly LedgerEntry[]): number {
    const { ledgers, deltas } = applyToLedger(this.ledgers.values(), entries);
    for (const { source, sourceVersion, contribution, previous } of ledgers) {
      expect(previous).toBe(this.ledgers.get(source));
      this.ledgers.set(source, { source, sourceVersion, contribution });
    }
    for (const [aggregate, metrics] of Object.entries(deltas)) {
      const sums = this.aggregates.get(aggregate) ?? new Map<string, number>();
      this.aggregates.set(aggregate, sums);
      for (const [metric, value] of Object.entries(metrics)) {
        expect(Number.isSafeInteger(value)).toBe(true);
        expect(value).not.toBe(0);
        sums.set(metric, (sums.get(metric) ?? 0) + value);
      }
    }
    return ledgers.length;
  }

  /** Without the metrics that have come back to 0. */
  totals(): Record<string, Metrics> {
    return tidy(
      Object.fromEntries([...this.aggregates].map(([name, sums]) => [name, Object.fromEntries(sums)])),
    );
  }
}

function tidy(aggregates: Record<string, Metrics>): Record<string, Metrics> {
  return Object.fromEntries(
    Object.entries(aggregates)
      .map(([name, metrics]): [string, Metrics] => [
        name,
        Object.fromEntries(Object.entries(metrics).filter(([, value]) => value !== 0)),
      ])
      .filter(([, metrics]) => Object.keys(metrics).length > 0),
  );
}

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
    const store = new Store();
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

  test('a row that is gone contributes nothing from its next version on', () => {
    const store = new Store();
    const row = enrollment({ version: 3 });
    store.apply(entriesOf('enrollments', row));
    store.apply([removedEntryOf('enrollments', row)]);
    store.apply(entriesOf('enrollments', row));
    expect(store.totals()).toEqual({});
  });
});

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
    const store = new Store();
    for (const batch of batches) store.apply(batch);
    expect(store.totals().a?.n ?? 0).toBe(expected);
  });

  test('writes nothing for a beat that completes no minute', () => {
    const store = new Store();
    store.apply(entriesOf('videoProgress', watched('v1', [[0, 70]], { version: 1 })));
    expect(store.apply(entriesOf('videoProgress', watched('v1', [[0, 110]], { version: 2 })))).toBe(0);
    expect(store.apply(entriesOf('videoProgress', watched('v1', [[0, 120]], { version: 3 })))).toBe(1);
    expect(store.totals()['school|total']).toEqual({ watchMinutes: 2 });
  });

  test('sees a learner once a day, whatever was done and in however many courses', () => {
    const store = new Store();
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

describe('any delivery of any history', () => {
  interface World {
    /** Every record there was, in order. */
    records: LedgerEntry[][];
    /** What a recount of the last state of every row would give. */
    recount: Record<string, Metrics>;
  }

  const step = fc.record({
    user: fc.constantFrom('u1', 'u2'),
    course: fc.constantFrom('c1', 'c2'),
    what: fc.constantFrom('enrollment', 'video', 'attempt', 'chapter', 'removal'),
    number: fc.integer({ min: 0, max: 100 }),
    day: fc.constantFrom('2026-11-22', '2026-11-23'),
    mark: fc.option(fc.integer({ min: 0, max: 10_000 })),
    status: fc.constantFrom('active', 'completed', 'cancelled'),
  });

  const world: fc.Arbitrary<World> = fc.array(step, { maxLength: 25 }).map((steps) => {
    const records: LedgerEntry[][] = [];
    const versions = new Map<string, number>();
    const enrollments = new Map<string, { status: string; progress: number; course: string } | undefined>();
    const seconds = new Map<string, { course: string; seconds: number }>();
    const scores = new Map<string, { course: string; mark: number | null }>();
    const chapters = new Map<string, string>();
    const seen = new Set<string>();
    for (const { user, course, what, number, day, mark, status } of steps) {
      const key = `${what === 'removal' ? 'enrollment' : what} ${user} ${course} ${what === 'attempt' || what === 'chapter' ? number % 2 : ''}`;
      const version = (versions.get(key) ?? 0) + 1;
      const whose = { userId: id<never>(user), courseId: id<never>(course), version };
      if (what === 'enrollment' || what === 'removal') {
        const row = enrollment({ ...whose, status: status as 'active', progress: number });
        if (what === 'removal') {
          if (enrollments.get(key) === undefined) continue;
          records.push([removedEntryOf('enrollments', { ...row, version: version - 1 })]);
          enrollments.set(key, undefined);
        } else {
          records.push(entriesOf('enrollments', row));
          enrollments.set(key, { status, progress: number, course });
        }
      } else if (what === 'video') {
        const before = seconds.get(key)?.seconds ?? 0;
        const after = Math.max(before, number * 5);
        seconds.set(key, { course, seconds: after });
        // A row keeps all its days, so a later image tells what an earlier one told.
        const days = ['2026-11-22', '2026-11-23'].filter(
          (each) => each === day || seen.has(`${key}|${each}`),
        );
        for (const each of days) seen.add(`${key}|${each}`);
        records.push(entriesOf('videoProgress', watched('v1', [[0, after]], { ...whose, days })));
      } else if (what === 'attempt') {
        const submittedAt = '2026-11-22T10:00:00.000Z';
        scores.set(key, { course, mark });
        seen.add(`${key}|2026-11-22`);
        records.push(
          entriesOf(
            'quizAttempts',
            attempt('q1', number % 2, mark === null ? null : mark / 100, { ...whose, submittedAt }),
          ),
        );
      } else {
        if (chapters.has(key)) continue;
        chapters.set(key, course);
        seen.add(`${key}|${day}`);
        records.push(
          entriesOf(
            'chapterCompletions',
            completion(`ch${number % 2}`, { ...whose, completedAt: `${day}T10:00:00.000Z` }),
          ),
        );
      }
      versions.set(key, version);
    }

    const recount: Record<string, Metrics> = {};
    const add = (aggregate: string, metric: string, value: number): void => {
      const metrics = (recount[aggregate] ??= {});
      metrics[metric] = (metrics[metric] ?? 0) + value;
    };
    for (const each of enrollments.values()) {
      if (each === undefined) continue;
      for (const aggregate of ['school|total', `course#${each.course}|total`]) {
        add(aggregate, 'enrollments', 1);
        add(aggregate, 'source.direct', 1);
        add(aggregate, `status.${each.status}`, 1);
        if (each.status === 'cancelled') continue;
        add(aggregate, 'progressCount', 1);
        add(aggregate, 'progressSum', each.progress);
        add(aggregate, `progress.${Math.trunc(each.progress / 10)}`, 1);
        if (aggregate !== 'school|total') add(aggregate, 'learners', 1);
      }
    }
    for (const { course, seconds: all } of seconds.values()) {
      for (const aggregate of ['school|total', `course#${course}|total`])
        add(aggregate, 'watchMinutes', Math.trunc(all / 60));
    }
    for (const { course, mark } of scores.values()) {
      for (const aggregate of ['school|total', `course#${course}|total`, `course#${course}|quiz#q1`]) {
        add(aggregate, 'attempts', 1);
        if (mark === null) continue;
        add(aggregate, 'scored', 1);
        add(aggregate, 'scoreSum', mark);
        add(aggregate, 'scoreSquares', mark ** 2);
        if (mark >= 5000) add(aggregate, 'passes', 1);
      }
    }
    for (const course of chapters.values()) {
      for (const aggregate of ['school|total', `course#${course}|total`])
        add(aggregate, 'chaptersCompleted', 1);
    }
    const sightings = [...seen].map((key) => {
      const [who = '', day = ''] = key.split('|');
      const [, user = '', course = ''] = who.split(' ');
      return { user, course, day };
    });
    for (const day of ['2026-11-22', '2026-11-23']) {
      add(
        `school|day#${day}`,
        'activeLearners',
        new Set(sightings.filter((each) => each.day === day).map(({ user }) => user)).size,
      );
      for (const course of ['c1', 'c2']) {
        const users = sightings
          .filter((each) => each.day === day && each.course === course)
          .map(({ user }) => user);
        add(`course#${course}|day#${day}`, 'activeLearners', new Set(users).size);
      }
    }
    return { records, recount: tidy(recount) };
  });

  /** Records lost, repeated and out of order, in batches; then a full pass over the newest of every row, in any order. */
  const delivery = world.chain(({ records, recount }) =>
    fc.record({
      recount: fc.constant(recount),
      chaos: fc.shuffledSubarray([...records, ...records]),
      full: fc.shuffledSubarray(records, { minLength: records.length }),
      sizes: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 30 }),
    }),
  );

  test('leaves every aggregate equal to the sum of its ledger rows and to a recount', () => {
    fc.assert(
      fc.property(delivery, ({ recount, chaos, full, sizes }) => {
        const store = new Store();
        const records = [...chaos, ...full];
        for (const size of [...sizes, records.length]) {
          store.apply(records.splice(0, size).flat());
          // Between any two batches, whatever was lost so far.
          const sums: Record<string, Metrics[]> = {};
          for (const { contribution } of store.ledgers.values()) {
            for (const [aggregate, metrics] of Object.entries(contribution))
              (sums[aggregate] ??= []).push(metrics);
          }
          expect(store.totals()).toEqual(
            tidy(Object.fromEntries(Object.entries(sums).map(([name, list]) => [name, sumMetrics(list)]))),
          );
        }
        expect(store.totals()).toEqual(recount);
        expect(store.apply(full.flat())).toBe(0);
      }),
      { numRuns: 150 },
    );
  });

  test('coalesces a batch without changing its effect', () => {
    fc.assert(
      fc.property(delivery, ({ chaos, full }) => {
        const [whole, one] = [new Store(), new Store()];
        const before = chaos.flat();
        whole.apply(before);
        for (const each of before) one.apply([each]);
        const once = coalesce(full.flat());
        expect(new Set(once.map(({ source }) => source)).size).toBe(once.length);
        whole.apply(once);
        for (const each of full.flat()) one.apply([each]);
        expect(whole.totals()).toEqual(one.totals());
      }),
    );
  });
});

describe('totals', () => {
  test('of nothing are zeros, and null where there is no mean', () => {
    expect(totalsOf({})).toEqual({
      enrollments: 0,
      byStatus: { active: 0, completed: 0, cancelled: 0 },
      bySource: { direct: 0, admin: 0, request: 0, payment: 0 },
      learners: 0,
      completions: 0,
      meanProgress: null,
      progressDistribution: Array.from({ length: 11 }, () => 0),
      quizzes: {
        attempts: 0,
        scored: 0,
        passes: 0,
        meanScore: null,
        scoreDeviation: null,
        learnersWithAttempt: 0,
      },
      chaptersCompleted: 0,
      watchMinutes: 0,
    });
  });

  test('put 100 percent in a band of its own', () => {
    const shards = [0, 9, 10, 99, 100].map(
      (progress) => entriesOf('enrollments', enrollment({ progress }))[0]?.contribution['school|total'] ?? {},
    );
    expect(totalsOf(sumMetrics(shards))).toMatchObject({
      meanProgress: 43.6,
      progressDistribution: [2, 1, 0, 0, 0, 0, 0, 0, 0, 1, 1],
    });
  });

  test('have the mean and the deviation of the scores, to a billionth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 200 }),
        (hundredths) => {
          const scores = hundredths.map((each) => each / 100);
          const metrics = sumMetrics(
            scores.map(
              (score, index) =>
                entriesOf('quizAttempts', attempt('q1', index, score))[0]?.contribution['school|total'] ?? {},
            ),
          );
          const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
          const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
          const { quizzes } = totalsOf(metrics);
          expect(Math.abs((quizzes.meanScore ?? -1) - mean)).toBeLessThan(1e-9);
          expect(Math.abs((quizzes.scoreDeviation ?? -1) - Math.sqrt(variance))).toBeLessThan(
            1e-9 + (variance < 1e-12 ? 1e-6 : 0),
          );
        },
      ),
    );
  });

  test('have no deviation where all scores are one, however many', () => {
    const n = 3_000_000;
    const metrics = { scored: n, scoreSum: n * 6667, scoreSquares: n * 6667 * 6667 };
    expect(totalsOf(metrics).quizzes).toMatchObject({ scoreDeviation: 0 });
  });
});
