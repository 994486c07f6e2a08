import { expect, it } from 'vitest';
import { proveReconciliation } from '../support/reconciling.ts';

/** Each learner is in four courses. The whole proof, with ENROLLMENTS=10000, takes ten minutes on two cores. */
const ENROLLMENTS = Number(process.env.ENROLLMENTS ?? 1000);
const ROWS = ENROLLMENTS / 20;

it('a damaged school with lost records is in step after one reconciliation, while people study and look on', async () => {
  const { damages, lost, first, second, calls } = await proveReconciliation({
    seed: 1,
    learners: ENROLLMENTS / 4,
    coursesEach: 4,
    rows: ROWS,
    people: 4,
  });
  const byTable = new Map<string, number>();
  for (const { table } of damages) byTable.set(table, (byTable.get(table) ?? 0) + 1);
  expect([...new Set(byTable.values())]).toEqual([ROWS]);
  expect(byTable.size).toBe(8);
  expect(lost).toBe(ROWS);
  expect(calls).toBeGreaterThan(100);
  for (const [name, { run }] of Object.entries({ first, second })) {
    console.log(`The ${name} run took ${run.seconds} s and ${run.units} units`);
    console.table(run.flows);
  }
}, 1_800_000);
