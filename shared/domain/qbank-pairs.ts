import type { Metrics } from './contribution.ts';
import { ownEntry } from './equal.ts';

/**
 * A first attempt beside the rest of its test, as whole numbers that add up and come off again without a trace. The
 * rest score, the share k/m of the others that were right, is told in units of which every m up to 20 (and 21, 22, 24,
 * 26, ...) has a whole number, so that it is exact for those; for the others it is off by less than 3e-9. One scale
 * for all m keeps the aggregate at one size however the tests of a question differ in length.
 */
const REST_UNIT = 232_792_560; // the least common multiple of 1 to 20

/** Squares of rest scores exceed what a double tells exactly, so they are kept in two parts. */
const SQUARE_PART = 100_000_000n;

/** What a question's aggregate gets from a first attempt when its test is completed; nothing where it was alone. */
export function pairMetrics(attempt: {
  readonly optionId: string;
  readonly correct: boolean;
  /** First attempts at the other questions of the test, and how many of them were right. */
  readonly others: number;
  readonly othersRight: number;
}): Metrics {
  const { optionId, correct, others, othersRight } = attempt;
  if (others < 1) return {};
  const rest = Math.round((othersRight * REST_UNIT) / others);
  const square = BigInt(rest) ** 2n;
  return {
    pairs: 1,
    'pairs.x': correct ? 1 : 0,
    'pairs.y': rest,
    'pairs.xy': correct ? rest : 0,
    'pairs.yyHigh': Number(square / SQUARE_PART),
    'pairs.yyLow': Number(square % SQUARE_PART),
    [`pairs.option.${optionId}`]: 1,
    [`pairs.rest.${optionId}`]: rest,
  };
}

function big(metrics: Readonly<Metrics>, name: string): bigint {
  return BigInt(ownEntry(metrics, name) ?? 0);
}

/** Pearson's correlation of a 0/1 variable with the rest score; null where n < 2 or one of them does not vary. */
function correlation(metrics: Readonly<Metrics>, ones: bigint, restOfOnes: bigint): number | null {
  const n = big(metrics, 'pairs');
  const sum = big(metrics, 'pairs.y');
  const squares = big(metrics, 'pairs.yyHigh') * SQUARE_PART + big(metrics, 'pairs.yyLow');
  const varianceOfOnes = n * ones - ones * ones;
  const varianceOfRest = n * squares - sum * sum;
  if (n < 2n || varianceOfOnes <= 0n || varianceOfRest <= 0n) return null;
  const covariance = Number(n * restOfOnes - ones * sum);
  // Divisors of n or n - 1, and the unit of the rest, cancel out.
  return covariance / (Math.sqrt(Number(varianceOfOnes)) * Math.sqrt(Number(varianceOfRest)));
}

/** Of being right with the rest score; -1 to 1. */
export function correlationOfRight(metrics: Readonly<Metrics>): number | null {
  return correlation(metrics, big(metrics, 'pairs.x'), big(metrics, 'pairs.xy'));
}

/** Of choosing the option with the rest score; -1 to 1. */
export function correlationOfOption(metrics: Readonly<Metrics>, optionId: string): number | null {
  return correlation(
    metrics,
    big(metrics, `pairs.option.${optionId}`),
    big(metrics, `pairs.rest.${optionId}`),
  );
}
