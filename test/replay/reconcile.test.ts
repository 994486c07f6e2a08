import { expect, it } from 'vitest';
import { proveReconciliation } from '../support/reconciling.ts';

it('10,000 enrollments with 500 damaged rows in every derived table and 500 lost records are in step after one run', async () => {
  const { damages, lost, first, second, calls } = await proveReconciliation({
    seed: 1,
    learners: 2500,
    coursesEach: 4,
    rows: 500,
    people: 4,
  });
  const byTable = new Map<string, number>();
  for (const { table } of damages) byTable.set(table, (byTable.get(table) ?? 0) + 1);
  expect([...new Set(byTable.values())]).toEqual([500]);
  expect(byTable.size).toBe(8);
  expect(lost).toBe(500);
  expect(calls).toBeGreaterThan(100);
  for (const [name, { run }] of Object.entries({ first, second })) {
    console.log(`The ${name} run took ${run.seconds} s and ${run.units} units`);
    console.table(run.flows);
  }
}, 900_000);
