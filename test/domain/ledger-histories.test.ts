import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  entriesOf,
  removedEntryOf,
  type LedgerEntry,
  type Metrics,
} from '../../shared/domain/contribution.ts';
import { coalesce } from '../../shared/domain/ledger.ts';
import { sumMetrics } from '../../shared/domain/totals.ts';
import { attempt, completion, enrollment, id, watched } from './builders.ts';
import { LedgerStore, tidy } from './ledger-store.ts';

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
        const store = new LedgerStore();
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
      { numRuns: 80 },
    );
  });

  test('coalesces a batch without changing its effect', () => {
    fc.assert(
      fc.property(delivery, ({ chaos, full }) => {
        const [whole, one] = [new LedgerStore(), new LedgerStore()];
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
