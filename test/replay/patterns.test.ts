import { describe, expect, it } from 'vitest';
import type { PatternTable } from '../../commands/replay/patterns.ts';
import { readPatternFigures, replayPatterns } from '../../commands/replay/replay-patterns.ts';
import { expectInStep } from '../support/consistency.ts';
import { expectedPatternFigures } from '../support/patterns.ts';
import { useSchool } from '../support/school.ts';

/** The last question is answered right by everybody: it correlates with nothing. */
const patterns: PatternTable = {
  name: 'class',
  questions: 4,
  people: Array.from({ length: 24 }, (_, person) => [person % 2 === 0, person % 3 > 0, person % 5 > 1, true]),
};

describe('A replay of answer patterns', () => {
  const school = useSchool({ delivery: 'shuffled', seed: 7 });

  it('gives the figures of a direct computation, again when it is run again, with batches delivered shuffled', async () => {
    for (let run = 1; run <= 2; run += 1) {
      let steps = 0;
      await replayPatterns(school(), patterns, { atOnce: 8, onStep: () => (steps += 1) });
      expect(steps).toBe(24);
      expect(await readPatternFigures(school(), patterns)).toEqual(expectedPatternFigures(patterns));
      await expectInStep(school());
    }
  }, 180_000);
});
