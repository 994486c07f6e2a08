import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Damage } from '../../commands/reconcile/damage-school.ts';
import { allRows } from '../../commands/reconcile/tables.ts';
import { keptSums } from '../../commands/consistency/sums.ts';
import { AnalyticsRow } from '../../shared/contracts/rows.ts';
import type { TestSchool } from './school.ts';

/** Somebody who looks at the same numbers again and again, and remembers each value that was another one than before. */
export interface Reader {
  /** By the name of the number, what it was, in order. */
  readonly seen: ReadonlyMap<string, readonly string[]>;
  /** Looks once more, and then no more. */
  stop(): Promise<void>;
}

function startReader(restMs: number, look: () => Promise<ReadonlyMap<string, string>>): Reader {
  const seen = new Map<string, string[]>();
  let stopped = false;
  const once = async () => {
    const values = await look();
    for (const name of new Set([...seen.keys(), ...values.keys()])) {
      const value = values.get(name) ?? 'nothing';
      const before = seen.get(name) ?? [];
      if (before.at(-1) !== value) seen.set(name, [...before, value]);
    }
  };
  const reading = (async () => {
    while (!stopped) {
      await once();
      await sleep(restMs);
    }
    await once();
  })();
  // Told of by `stop`.
  const ended = Promise.allSettled([reading]);
  return {
    seen,
    async stop() {
      stopped = true;
      await ended;
      await reading;
    },
  };
}

/** Looks at the percentages of damaged learners: in both rows, and on the dashboards of a few of them. */
export async function readLearners(school: TestSchool, damages: readonly Damage[]): Promise<Reader> {
  const keys = damages
    .filter(({ table, key }) => {
      const isLearner = table === 'studentProgress' || table === 'enrollments';
      return isLearner && key.userId?.startsWith('learner-') === true;
    })
    .map(({ key }) => key);
  const pairs = [...new Map(keys.map((key) => [`${key.userId}#${key.courseId}`, key])).values()].slice(0, 50);
  const people = [...new Set(pairs.map(({ userId }) => String(userId)))].slice(0, 3);
  const students = await Promise.all(people.map((userId) => school.student(userId)));
  return startReader(150, async () => {
    const values = new Map<string, string>();
    const { Responses = {} } = await school.documents.send(
      new BatchGetCommand({
        RequestItems: {
          studentProgress: { Keys: pairs, ConsistentRead: true },
          enrollments: { Keys: pairs, ConsistentRead: true },
        },
      }),
    );
    for (const [table, attribute] of [
      ['studentProgress', 'totalProgress'],
      ['enrollments', 'progress'],
    ] as const) {
      for (const row of Responses[table] ?? []) {
        values.set(`${row.userId}#${row.courseId}: ${table}`, String(row[attribute]));
      }
    }
    for (const [index, student] of students.entries()) {
      const { body } = await student.call('get-student-dashboard');
      for (const { courseId, progress } of body.enrollments) {
        values.set(`${people[index]}#${courseId}: dashboard`, String(progress));
      }
    }
    return values;
  });
}

/** Looks at all sums, but those of a course in which somebody studies, and of the school. */
export function readAggregates(school: TestSchool, busyCourse: string): Reader {
  return startReader(500, async () => {
    const rows = [
      ...(await allRows(school.documents, 'analytics', AnalyticsRow)),
      ...(await allRows(school.documents, 'qbankQuestionStatistics', AnalyticsRow)),
    ];
    const values = new Map<string, string>();
    for (const [aggregate, metrics] of keptSums(rows)) {
      const isBusy = new RegExp(`[#|]${busyCourse}(\\||#|$)`).test(aggregate) || aggregate.includes('busy-');
      if (isBusy || aggregate.startsWith('school|')) continue;
      for (const [metric, amount] of metrics) values.set(`${aggregate}.${metric}`, String(amount));
    }
    return values;
  });
}
