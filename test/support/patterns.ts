import { expect } from 'vitest';
import type { PatternTable } from '../../commands/replay/patterns.ts';
import { naiveCorrelation } from '../domain/qbank-correlation.ts';

/** What is computed in another order may differ by so little. */
const close = (value: number | null): unknown => (value === null ? null : expect.closeTo(value, 9));

const negative = (value: number | null): number | null => (value === null ? null : -value);

/** What a table of answer patterns must amount to, computed straight from it: counts exactly, the rest to 9 digits. */
export function expectedPatternFigures({ questions, people }: PatternTable) {
  const scores = people.map((answers) => answers.filter(Boolean).length);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1);
  return {
    people: people.length,
    mean: close(mean),
    deviation: close(Math.sqrt(variance)),
    histogram: Array.from(
      { length: questions + 1 },
      (_, right) => scores.filter((score) => score === right).length,
    ),
    questions: Array.from({ length: questions }, (_, index) => {
      const right = people.map((answers) => (answers[index] === true ? 1 : 0));
      const rest = right.map((own, person) => (scores[person] ?? 0) - own);
      const wrong = right.filter((own) => own === 0).length;
      const correlation = naiveCorrelation(right, rest);
      return {
        n: people.length,
        facility: (people.length - wrong) / people.length,
        discrimination: close(correlation === null ? null : 100 * correlation),
        options: [
          { share: (people.length - wrong) / people.length, pointBiserial: close(correlation) },
          { share: wrong / people.length, pointBiserial: close(negative(correlation)) },
        ],
      };
    }),
  };
}
