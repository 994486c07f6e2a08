import { describe, expect, it } from 'vitest';
import { createStopwatch } from '../../commands/replay/latency.ts';
import { readOulad, type PresentationHistory } from '../../commands/replay/oulad.ts';
import { readFigures, replayPresentation } from '../../commands/replay/replay-presentation.ts';
import { expectInStep } from '../support/consistency.ts';
import { expectedFigures, oulad } from '../support/oulad.ts';
import { useSchool } from '../support/school.ts';

/** The same course with the steps of a few learners: one in seven, so that some withdrew. */
function oneInSeven(history: PresentationHistory): PresentationHistory {
  return { ...history, steps: history.steps.filter((step) => Number(step.learner) % 7 === 0) };
}

describe.skipIf(oulad === undefined)('A replay of real learners', () => {
  const school = useSchool({ delivery: 'twice' });

  it('gives their figures, again when it is run again, with every batch delivered twice', async () => {
    const [whole] = await readOulad(oulad ?? '', 'AAA/2014J');
    if (whole === undefined) throw new Error('The data has no AAA/2014J');
    const history = oneInSeven(whole);
    const expected = expectedFigures(history);
    for (let run = 1; run <= 2; run += 1) {
      const stopwatch = createStopwatch();
      await replayPresentation(school(), history, { atOnce: 8, stopwatch, onStep: () => undefined });
      const { mean, deviation, ...counts } = await readFigures(school(), history);
      const { mean: expectedMean, deviation: expectedDeviation, ...expectedCounts } = expected;
      expect(counts).toEqual(expectedCounts);
      expect(mean).toBeCloseTo(expectedMean ?? 0, 9);
      expect(deviation).toBeCloseTo(expectedDeviation ?? 0, 9);
      await expectInStep(school());
    }
  });
});
