import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { SyncClientOptions } from '../../shared/client/sync-client.ts';
import { CHANGES_A_ROUND, manyChanges, WATCHED_COURSE } from './many-changes.ts';
import { readNineViews, watchNineViews } from './nine-views.ts';
import type { TestSchool } from './school.ts';
import { wireTo } from './wire.ts';

interface Cut {
  readonly userId: string;
  /** Rounds of changes before the wire breaks, while it is broken, and after. */
  readonly rounds: readonly [before: number, during: number, after: number];
  /** How long it is broken at least. */
  readonly ms: number;
  /** `hush`: nothing tells the client that nothing comes through. */
  readonly by: 'cut' | 'hush';
  readonly options?: Partial<SyncClientOptions>;
}

/**
 * Two people look at the same nine views while the school changes, and one of them is cut off in the middle. Expects
 * that both end with what the school tells who asks then.
 */
export async function expectNothingLost(school: TestSchool, cut: Cut) {
  const { userId, rounds, ms, by, options } = cut;
  const change = await manyChanges(school, userId);
  const wire = await wireTo(school.url);
  const watching = { userId, courseId: WATCHED_COURSE, options };
  const whole = watchNineViews(school, watching);
  const broken = watchNineViews(school, { ...watching, url: wire.url });
  try {
    await expect.poll(() => whole.live() && broken.live()).toBe(true);
    let next = 0;
    const make = async (rounds: number, each: number = 0): Promise<void> => {
      for (const end = next + rounds; next < end; next += 1) await Promise.all([change(next), sleep(each)]);
    };
    await make(rounds[0]);
    const since = Date.now();
    wire[by]();
    // What had come through before is shown yet.
    await sleep(500);
    // That nothing comes through any more is the client's own finding.
    const heard = () => broken.updates.filter(({ cause }) => cause !== 'state').length;
    const heardBefore = heard();
    await make(rounds[1], ms / rounds[1]);
    const [heardMeanwhile, cutMs] = [heard() - heardBefore, Date.now() - since];
    wire.mend();
    await make(rounds[2]);
    await school.quiet();

    const quietSince = Date.now();
    const told = await readNineViews(await school.student(userId), await school.admin(), WATCHED_COURSE);
    const patience = { timeout: 60_000, interval: 50 };
    await expect.poll(() => whole.shown(), patience).toEqual(told);
    await expect.poll(() => broken.shown(), patience).toEqual(told);
    const backMs = Date.now() - quietSince;
    expect(broken.shown()).toEqual(whole.shown());
    await expect.poll(() => broken.live(), patience).toBe(true);
    return { whole, broken, heardMeanwhile, cutMs, backMs, changes: next * CHANGES_A_ROUND };
  } finally {
    whole.close();
    broken.close();
    await wire.close();
  }
}
