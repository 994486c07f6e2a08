import { describe, expect, it } from 'vitest';
import { expectNothingLost } from '../support/cut-off.ts';
import { useSchool } from '../support/school.ts';

// Nothing here comes from reading now and then.
const options = { revalidateMs: 300_000, pollMs: 300_000, backoffMs: 200 };

describe('A client that is cut off while the school changes', () => {
  const school = useSchool();

  it('ends with exactly the state of one that was not', async () => {
    const { whole, broken, heardMeanwhile } = await expectNothingLost(school(), {
      userId: 'ada',
      // Nothing happens after: no news makes it read what it missed.
      rounds: [3, 6, 0],
      ms: 2000,
      by: 'cut',
      options,
    });
    expect(heardMeanwhile).toBe(0);
    for (const states of Object.values(broken.states)) {
      expect(states.slice(0, 4)).toEqual(['connecting', 'live', 'polling', 'live']);
    }
    expect(whole.states.student).toEqual(['connecting', 'live', 'closed']);
    expect(whole.errors).toEqual([]);
  }, 180_000);
});
