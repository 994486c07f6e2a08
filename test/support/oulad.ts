import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PresentationFigures } from '../../commands/replay/figures.ts';
import type { PresentationHistory } from '../../commands/replay/oulad.ts';

/** The Open University Learning Analytics Dataset, beside the project; undefined where it is not. */
export const oulad = [
  process.env.OULAD,
  path.resolve(import.meta.dirname, '../../../shared/data/oulad'),
].find((folder) => folder !== undefined && existsSync(folder));

if (oulad === undefined) console.warn('Skipped: there is no OULAD folder; name one by the variable OULAD');

/** What a history must add up to, counted straight from its steps. */
export function expectedFigures({ name, steps }: PresentationHistory): PresentationFigures {
  const attempts = steps.filter((step) => step.kind === 'attempt');
  const scores = attempts.flatMap(({ score }) => (score === null ? [] : [score]));
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
  return {
    name,
    enrollments: steps.filter((step) => step.kind === 'enroll').length,
    cancelled: steps.filter((step) => step.kind === 'withdraw').length,
    attempts: attempts.length,
    scored: scores.length,
    mean,
    deviation: Math.sqrt(variance),
    passed: scores.filter((score) => score >= 40).length,
    learnersWithAttempt: new Set(attempts.map(({ learner }) => learner)).size,
  };
}
