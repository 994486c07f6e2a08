import { expect, it } from 'vitest';
import { FLOWS } from '../../shared/domain/sync-flow.ts';
import { proveReconciliation } from '../support/reconciling.ts';

it('a damaged school is in step again after one reconciliation, while people study and look on', async () => {
  const { damages, lost, first, second, calls } = await proveReconciliation({
    seed: 1,
    learners: 150,
    coursesEach: 2,
    rows: 30,
    people: 3,
  });
  expect(damages).toHaveLength(8 * 30);
  expect(lost).toBe(30);
  expect(calls).toBeGreaterThan(0);
  expect(first.run.flows.map(({ name }) => name)).toEqual([...FLOWS]);
  expect(first.examples.length).toBeGreaterThan(0);
  expect(second.run.flows.map(({ name }) => name)).toEqual([...FLOWS]);
}, 240_000);
