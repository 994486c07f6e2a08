import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { damageSchool } from '../../commands/reconcile/damage-school.ts';
import { fillSchool } from '../../commands/reconcile/fill-school.ts';
import { createLostRecords } from '../../commands/reconcile/lost-records.ts';
import { type Flow, FLOWS } from '../../shared/domain/sync-flow.ts';
import { expectInStep } from '../support/consistency.ts';
import { ended } from '../support/jobs.ts';
import { describeSchool, type TestSchool } from '../support/school.ts';

/** What was written in the last so many seconds is left to the streams; without traffic they need no more. */
const QUIET = 1;

async function run(school: TestSchool, id: string) {
  await school.quiet();
  await sleep(1000 * QUIET);
  const admin = await school.admin();
  const params = { jobId: `reconcile~${id}` };
  await admin.call('start-job', { params, body: { kind: 'reconcile', quietSeconds: QUIET } });
  const job = await ended(school, admin, params.jobId);
  expect(job).toMatchObject({ status: 'done', aside: 0 });
  return { flows: job.flows ?? [], examples: job.examples ?? [] };
}

const drift = (flows: readonly Flow[]) =>
  flows.reduce((sum, { missing, wrong, orphaned }) => sum + missing + wrong + orphaned, 0);
const repaired = (flows: readonly Flow[]) => flows.reduce((sum, flow) => sum + flow.repaired, 0);

const lost = createLostRecords();

describeSchool(
  'a damaged school',
  (school) => {
    it('is in step again after one reconciliation, and the next one finds nothing', async () => {
      const of = { seed: 1, learners: 40, coursesEach: 2, rows: 8 };
      await fillSchool(school(), of);
      const damages = await damageSchool(school(), lost, of);
      expect(damages).toHaveLength(8 * of.rows);

      const first = await run(school(), '1');
      expect(lost.lost()).toBe(of.rows);
      expect(first.flows.map(({ name }) => name)).toEqual([...FLOWS]);
      expect(drift(first.flows)).toBeGreaterThan(damages.length / 2);
      expect(repaired(first.flows)).toBe(drift(first.flows));

      const second = await run(school(), '2');
      expect(second.examples).toEqual([]);
      expect(drift(second.flows)).toBe(0);
      await expectInStep(school());
    }, 180_000);
  },
  { intercept: lost.intercept },
);
