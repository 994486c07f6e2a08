import { describe, expect, it } from 'vitest';
import { expectNothingLost } from '../support/cut-off.ts';
import { startSchool } from '../support/school.ts';

/** Five hundred changes, three hundred of them while nothing comes through. */
const rounds = [10, 30, 10] as const;
const MINUTE = 60_000;

describe('A client that is cut off for a minute in the middle of 500 changes', () => {
  it.each([
    ['by connections that break', 'cut'],
    ['by a network that says nothing', 'hush'],
  ] as const)(
    'ends with exactly the state of one that was not: %s',
    async (_how, by) => {
      const school = await startSchool();
      try {
        // The client's own times.
        const figures = await expectNothingLost(school, { userId: 'ada', rounds, ms: MINUTE, by });
        const { whole, broken, changes, cutMs, heardMeanwhile, backMs } = figures;
        console.log(
          `${by}: ${changes} changes, cut off for ${Math.round(cutMs / 1000)} s, in step ${backMs} ms after the last ` +
            `change (${whole.updates.length} updates of who was not cut off, ${broken.updates.length} of who was)`,
        );
        expect(changes).toBe(500);
        expect(cutMs).toBeGreaterThanOrEqual(MINUTE);
        expect(heardMeanwhile).toBe(0);
        expect(broken.updates.length).toBeLessThan(whole.updates.length);
      } finally {
        await school.stack.stop();
      }
    },
    600_000,
  );
});
