import type { PatternTable } from './patterns.ts';
import {
  CALLS_BESIDE_ANSWERS,
  type PatternFigures,
  readPatternFigures,
  replayPatterns,
} from './replay-patterns.ts';
import { fixed, type Replay } from './replay.ts';

/** What `--json` writes. */
interface PatternReport extends PatternFigures {
  /** From the first call to quiet streams. */
  readonly seconds: number;
}

/** A table of answer patterns. */
export function patternReplay(patterns: PatternTable): Replay {
  const people = patterns.people.length;
  return {
    steps: people,
    unit: 'people',
    run: (school, options) => replayPatterns(school, patterns, options),
    async tell(school, { seconds }) {
      const figures = await readPatternFigures(school, patterns);
      const json: PatternReport = { ...figures, seconds };
      const answers = people * patterns.questions;
      const calls = answers + people * CALLS_BESIDE_ANSWERS;
      return {
        json,
        table: Object.fromEntries(
          figures.questions.map(({ n, facility, discrimination, options: [right, wrong] }, index) => [
            `q${index + 1}`,
            {
              people: n,
              facility,
              discrimination: fixed(discrimination, 6),
              'right: share': right?.share,
              'point-biserial': fixed(right?.pointBiserial, 9),
              'wrong: share': wrong?.share,
              'point-biserial of wrong': fixed(wrong?.pointBiserial, 9),
            },
          ]),
        ),
        lines: [
          `${figures.people} people, ${fixed(figures.mean, 4)} right on average, deviation ` +
            `${fixed(figures.deviation, 4)}; with 0, 1, ... right: ${figures.histogram.join(' ')}`,
          `${seconds} s, ${Math.round(answers / seconds)} answers a second, ` +
            `${Math.round(calls / seconds)} calls a second`,
        ],
      };
    },
  };
}
