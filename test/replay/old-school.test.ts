import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { type Flow, scoreOf } from '../../shared/domain/sync-flow.ts';
import { legacySchool } from '../fixtures/legacy-school.ts';
import { expectInStep } from '../support/consistency.ts';
import { ended } from '../support/jobs.ts';
import { describeSchool, type TestSchool } from '../support/school.ts';

/** What was written in the last so many seconds is left to the streams; without traffic they need no more. */
const QUIET = 1;

async function run(school: TestSchool, kind: 'migrate' | 'reconcile', id: string) {
  await school.quiet();
  await sleep(1000 * QUIET);
  const admin = await school.admin();
  const params = { jobId: `${kind}~${id}` };
  await admin.call('start-job', { params, body: { kind, quietSeconds: QUIET } });
  const job = await ended(school, admin, params.jobId);
  expect(job).toMatchObject({ status: 'done', aside: 0 });
  return { flows: job.flows ?? [], examples: job.examples ?? [], counts: job.counts };
}

const drift = (flows: readonly Flow[]) =>
  flows.reduce((sum, { missing, wrong, orphaned }) => sum + missing + wrong + orphaned, 0);

describeSchool('a school of old', (school) => {
  it('is in full health after one migration, and the next one writes nothing', async () => {
    for (const [table, rows] of Object.entries(legacySchool({ seed: 7, learners: 150 }))) {
      for (let at = 0; at < rows.length; at += 25) {
        const puts = rows.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
        await school().documents.send(new BatchWriteCommand({ RequestItems: { [table]: puts } }));
      }
    }
    await run(school(), 'migrate', '1');
    const { flows, examples } = await run(school(), 'reconcile', '1');
    expect(examples).toEqual([]);
    expect(drift(flows)).toBe(0);
    expect(scoreOf(flows)).toBe(100);
    await expectInStep(school());
    const again = await run(school(), 'migrate', '2');
    expect(drift(again.flows)).toBe(0);
    expect(Object.entries(again.counts).filter(([name]) => name.endsWith('.migrated'))).toEqual([]);
  }, 600_000);
});
