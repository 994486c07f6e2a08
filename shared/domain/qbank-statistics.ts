import type { Metrics } from './contribution.ts';
import { ownEntry } from './equal.ts';
import type { OptionId, TopicId } from './ids.ts';
import { ordinalsOf, type Bitmap } from './qbank-bitmap.ts';
import type { BankQuestionState } from './qbank-states.ts';
import { correlationOfOption, correlationOfRight } from './qbank-pairs.ts';

/** A correlation of n people that is none has a standard error of about 1 / sqrt(n). */
const STANDARD_ERRORS = 2;

export interface OptionFigures {
  readonly optionId: OptionId;
  readonly count: number;
  /** Of the first attempts, 0 to 1; null while there is none. */
  readonly share: number | null;
  /** Correlation of choosing it with the rest of the test, -1 to 1; null where it cannot be told. */
  readonly pointBiserial: number | null;
}

/** Something wrong with a question, maybe its key. `beyondChance`: too much for what so few people do by chance. */
export interface QuestionFlag {
  readonly kind: 'distractor_positive' | 'key_negative';
  readonly optionId: OptionId;
  readonly beyondChance: boolean;
}

/** The statistics of a version of a question. First attempts only, one a person; blanks apart. */
export interface QuestionFigures {
  /** People who answered. */
  readonly people: number;
  /** People who met it in a completed test and left it blank. */
  readonly blanks: number;
  /** Share of the people who were right, 0 to 1. */
  readonly facility: number | null;
  /** Of the facility: sqrt(F (1 - F) / (n - 1)). */
  readonly standardError: number | null;
  readonly meanSeconds: number | null;
  /** People of completed tests with another first attempt, on whom the correlations rest. */
  readonly pairs: number;
  /** 100 * Cov(x, T - x) / sqrt(Var(x) Var(T - x)), -100 to 100. */
  readonly discrimination: number | null;
  /** In the order of the question. */
  readonly options: readonly OptionFigures[];
  readonly flags: readonly QuestionFlag[];
}

/**
 * The statistics of a question from its aggregate (see qbank-contribution.ts for the metrics).
 *
 * Item-rest discrimination as Moodle defines it, and Pearson's correlation for each option, which is its
 * point-biserial. With all tests completed and nobody alone in one, `pairs` is `people`.
 */
export function questionFiguresOf(
  metrics: Readonly<Metrics>,
  question: Pick<BankQuestionState, 'optionIds' | 'key'>,
): QuestionFigures {
  const of = (name: string): number => ownEntry(metrics, name) ?? 0;
  const people = of('answers');
  const facility = people > 0 ? of('correct') / people : null;
  const discrimination = correlationOfRight(metrics);
  const options = question.optionIds.map((optionId): OptionFigures => {
    const count = of(`option.${optionId}`);
    return {
      optionId,
      count,
      share: people > 0 ? count / people : null,
      pointBiserial: correlationOfOption(metrics, optionId),
    };
  });
  return {
    people,
    blanks: of('blanks'),
    facility,
    standardError:
      facility !== null && people > 1 ? Math.sqrt((facility * (1 - facility)) / (people - 1)) : null,
    meanSeconds: people > 0 ? of('seconds') / people : null,
    pairs: of('pairs'),
    discrimination: discrimination === null ? null : 100 * discrimination,
    options,
    flags: flagsOf(options, question.key, of('pairs')),
  };
}

/** Who does well elsewhere chooses a distractor, or avoids the key: either may be the wrong one. */
function flagsOf(options: readonly OptionFigures[], key: OptionId, pairs: number): QuestionFlag[] {
  return options.flatMap(({ optionId, pointBiserial }): QuestionFlag[] => {
    if (pointBiserial === null || pointBiserial === 0) return [];
    if (optionId === key ? pointBiserial > 0 : pointBiserial < 0) return [];
    const beyondChance = Math.abs(pointBiserial) * Math.sqrt(pairs) > STANDARD_ERRORS;
    return [{ kind: optionId === key ? 'key_negative' : 'distractor_positive', optionId, beyondChance }];
  });
}

/** The scores of a course's tests. */
export interface ScoreFigures {
  readonly tests: number;
  /** 0 to 100; null while there is none. */
  readonly mean: number | null;
  /** Standard deviation of a sample (n - 1), in points; null while there are fewer than two. */
  readonly deviation: number | null;
  /** How many tests have a score of 0, 1, ... 100 whole percent. */
  readonly histogram: number[];
}

function histogramOf(metrics: Readonly<Metrics>): number[] {
  return Array.from({ length: 101 }, (_, percent) => ownEntry(metrics, `percent.${percent}`) ?? 0);
}

/** The figures of `scoresAggregate`, whose scores are hundredths. */
export function scoreFiguresOf(metrics: Readonly<Metrics>): ScoreFigures {
  const of = (name: string): number => ownEntry(metrics, name) ?? 0;
  const [tests, sum] = [of('scored'), of('scoreSum')];
  const scaled = BigInt(tests) * BigInt(of('scoreSquares')) - BigInt(sum) * BigInt(sum);
  return {
    tests,
    mean: tests > 0 ? sum / 100 / tests : null,
    deviation: tests > 1 ? Math.sqrt(Number(scaled) / (tests * (tests - 1))) / 100 : null,
    histogram: histogramOf(metrics),
  };
}

/** Nothing is said of a person's place among fewer: it would say too much of too few. */
export const LEAST_PEERS = 5;

/**
 * How many percent of the others in `peersAggregate` are lower; who is level is not. Null while they are too few.
 *
 * @param accuracy one's own in whole percent, which is in the aggregate as well
 */
export function percentileOf(
  accuracy: number,
  metrics: Readonly<Metrics>,
): { readonly percentile: number | null; readonly peers: number } {
  const histogram = histogramOf(metrics);
  const add = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
  const peers = Math.max(0, add(histogram) - 1);
  if (peers < LEAST_PEERS) return { percentile: null, peers };
  return { percentile: (100 * add(histogram.slice(0, accuracy))) / peers, peers };
}

export interface TopicFigures {
  readonly topic: TopicId;
  /** Distinct questions answered. */
  readonly answered: number;
  /** Share of right ones among the first attempts of completed tests, 0 to 1; null while there is none. */
  readonly accuracy: number | null;
  readonly firstAnswers: number;
}

/** What a student did in a course's bank. */
export interface StudentBankFigures {
  readonly tests: number;
  /** 0 to 100; null while no test has a score. */
  readonly meanScore: number | null;
  /** The bank's topics in the order of the alphabet. */
  readonly topics: readonly TopicFigures[];
}

/**
 * The figures of `studentAggregate`, and how many questions of each topic were answered.
 *
 * @param questions the bank
 * @param answered the ordinals that were ever answered
 */
export function studentFiguresOf(
  metrics: Readonly<Metrics>,
  questions: readonly Pick<BankQuestionState, 'topic' | 'ordinal'>[],
  answered: Bitmap,
): StudentBankFigures {
  const of = (name: string): number => ownEntry(metrics, name) ?? 0;
  const ordinals = new Set(ordinalsOf(answered));
  const topics = [...new Set(questions.map(({ topic }) => topic))].sort();
  return {
    tests: of('tests'),
    meanScore: of('scored') > 0 ? of('scoreSum') / 100 / of('scored') : null,
    topics: topics.map((topic): TopicFigures => {
      const firstAnswers = of(`first.${topic}`);
      return {
        topic,
        answered: questions.filter((each) => each.topic === topic && ordinals.has(each.ordinal)).length,
        firstAnswers,
        accuracy: firstAnswers > 0 ? of(`right.${topic}`) / firstAnswers : null,
      };
    }),
  };
}

/** What the tests of a course, or of the school, add up to in its total. */
export interface BankFigures {
  readonly answers: number;
  readonly correct: number;
  readonly tests: number;
  /** 0 to 100; null while no test has a score. */
  readonly meanScore: number | null;
}

/** The question bank's part of `course#X|total` and `school|total`. */
export function bankFiguresOf(metrics: Readonly<Metrics>): BankFigures {
  const of = (name: string): number => ownEntry(metrics, name) ?? 0;
  const scored = of('qbankScored');
  return {
    answers: of('qbankAnswers'),
    correct: of('qbankCorrect'),
    tests: of('qbankTests'),
    meanScore: scored > 0 ? of('qbankScoreSum') / 100 / scored : null,
  };
}
