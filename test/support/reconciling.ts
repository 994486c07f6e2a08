import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { type Damage, damageSchool } from '../../commands/reconcile/damage-school.ts';
import { fillSchool } from '../../commands/reconcile/fill-school.ts';
import { createLostRecords } from '../../commands/reconcile/lost-records.ts';
import {
  foundIn,
  repairedIn,
  runReconciliation,
  type Told,
} from '../../commands/reconcile/run-reconciliation.ts';
import { expectInStep } from './consistency.ts';
import { allEnded } from './jobs.ts';
import { type Reader, readAggregates, readLearners } from './readers.ts';
import { startSchool } from './school.ts';
import { startTraffic } from './traffic.ts';

/** What was written in the last so many seconds is left to the streams. */
const QUIET = 30;

const BUSY = 'anatomy';

/** What came of it. */
export interface Reconciling {
  readonly damages: readonly Damage[];
  readonly lost: number;
  readonly first: Told;
  readonly second: Told;
  /** Calls that people made meanwhile. */
  readonly calls: number;
}

/**
 * Fills a school, damages it, reconciles it twice while people study and others look on, and asserts that the first time
 * repairs what it finds, that the second time finds nothing, that nobody saw a number that was neither the damaged one
 * nor the true one, and that in the end everything is what a naive recomputation makes of the sources.
 */
export async function proveReconciliation(given: {
  readonly seed: number;
  readonly learners: number;
  readonly coursesEach: number;
  readonly rows: number;
  readonly people: number;
}): Promise<Reconciling> {
  const { people, ...of } = given;
  const lost = createLostRecords();
  const school = await startSchool({ intercept: lost.intercept });
  try {
    await fillSchool(school, of);
    const admin = await school.admin();
    // A recalculation would spread the damage of the progress rows that it goes by.
    await allEnded(school, admin);
    const damages = await damageSchool(school, lost, of);
    await school.quiet();
    const traffic = startTraffic(school, { courseId: BUSY, people, restMs: 100 });
    const learners = await readLearners(school, damages);
    const aggregates = readAggregates(school, BUSY);
    await sleep(1000 * QUIET);

    const wake = () => school.stack.schedules.fireNow('lockstep-wake-jobs');
    const run = (name: string) =>
      runReconciliation(admin, { jobId: `reconcile~${name}`, repair: true, quietSeconds: QUIET, wake });
    const first = await run('first');
    // What the repair itself brought about is derived by the streams.
    await sleep(1000 * QUIET);
    const second = await run('second');
    await traffic.stop();
    await school.quiet();
    await Promise.all([learners.stop(), aggregates.stop()]);

    expect({ found: foundIn(first.run), aside: first.aside }).toEqual({
      found: repairedIn(first.run),
      aside: 0,
    });
    expect(second.examples).toEqual([]);
    expect(foundIn(second.run)).toBe(0);
    await expectInStep(school);
    // In the end all is true, as was just seen, and so whatever was seen is either that or what the damage had made.
    expect(seenOtherwise(learners)).toEqual([]);
    expect(seenOtherwise(aggregates)).toEqual([]);
    return { damages, lost: lost.lost(), first, second, calls: traffic.calls() };
  } finally {
    await school.stack.stop();
  }
}

/** What somebody saw that was neither as it was found nor as it is in the end, or that went back. */
function seenOtherwise({ seen }: Reader): string[] {
  return [...seen].flatMap(([name, values]) => (values.length > 2 ? [`${name}: ${values.join(', ')}`] : []));
}
