import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { OptionId, TopicId } from '../../shared/domain/ids.ts';
import type { Metrics } from '../../shared/domain/contribution.ts';
import {
  contributionOfAnswer,
  contributionOfRecord,
  contributionOfTest,
  peersAggregate,
  qbankEntriesOf,
  questionAggregate,
  removedQbankEntryOf,
  scoresAggregate,
  studentAggregate,
} from '../../shared/domain/qbank-contribution.ts';
import { bitmapWith } from '../../shared/domain/qbank-bitmap.ts';
import { pairMetrics } from '../../shared/domain/qbank-pairs.ts';
import {
  bankFiguresOf,
  LEAST_PEERS,
  percentileOf,
  questionFiguresOf,
  scoreFiguresOf,
  studentFiguresOf,
} from '../../shared/domain/qbank-statistics.ts';
import { sumMetrics } from '../../shared/domain/totals.ts';
import { id } from './builders.ts';
import { naiveCorrelation } from './qbank-correlation.ts';
import { answered, bankQuestion, completedTest, openedTest, record, result } from './qbank-builders.ts';

const ofQuestion = questionAggregate(id('c1'), id('q0'), 1);
const ofStudent = studentAggregate(id('u1'), id('c1'));

describe('an answer contributes', () => {
  test('to its question live, if it is a first attempt, to the course, and to the school', () => {
    const course = { qbankAnswers: 1, qbankCorrect: 1 };
    expect(contributionOfAnswer(answered('q0'))).toEqual({
      [ofQuestion]: { answers: 1, correct: 1, seconds: 10, 'option.a': 1 },
      'course#c1|total': course,
      'school|total': course,
    });
  });

  test('to no figure of its question if the student had met the version before', () => {
    const again = contributionOfAnswer(answered('q0', 'b', { first: false }));
    expect(again).toEqual({ 'course#c1|total': { qbankAnswers: 1 }, 'school|total': { qbankAnswers: 1 } });
  });

  test('nothing to the student, whom it would tell whether it is right', () => {
    expect(contributionOfAnswer(answered('q0'))[ofStudent]).toBeUndefined();
  });

  test('nothing where its question is void', () => {
    expect(contributionOfAnswer(answered('q0', 'a', { voided: true }))).toEqual({});
  });
});

describe('a test contributes', () => {
  const results = [
    result('q0'),
    result('q1', { optionId: null, correct: false, topic: id<TopicId>('lung') }),
    result('q2', { optionId: id<OptionId>('b'), correct: false, first: false }),
    result('q3', { optionId: id<OptionId>('b'), correct: false }),
    result('q4', { voided: true }),
  ];

  test('nothing before it is completed, and no entry of the ledger', () => {
    expect(contributionOfTest(openedTest())).toEqual({});
    expect(qbankEntriesOf('qbankTests', openedTest())).toEqual([]);
    expect(qbankEntriesOf('qbankTests', { ...completedTest(results), status: 'abandoned' })).toEqual([]);
  });

  test('its score to the course and the school, and the first attempts to its student by topic', () => {
    const made = contributionOfTest(completedTest(results, { score: 33.33 }));
    expect(made['school|total']).toEqual({ qbankTests: 1, qbankScored: 1, qbankScoreSum: 3333 });
    expect(made['course#c1|total']).toEqual(made['school|total']);
    expect(made[scoresAggregate(id('c1'))]).toEqual({
      scored: 1,
      scoreSum: 3333,
      scoreSquares: 3333 ** 2,
      'percent.33': 1,
    });
    expect(made[ofStudent]).toEqual({
      'first.heart': 2,
      'right.heart': 1,
      tests: 1,
      scored: 1,
      scoreSum: 3333,
    });
  });

  test('its blanks apart, and each first attempt beside the other first attempts', () => {
    const made = contributionOfTest(completedTest(results));
    expect(made[questionAggregate(id('c1'), id('q1'), 1)]).toEqual({ blanks: 1 });
    // Beside q0 there is q3 alone, which is wrong: the blank, the second attempt and the void one are not there.
    expect(made[ofQuestion]).toEqual({ pairs: 1, 'pairs.x': 1, 'pairs.option.a': 1 });
    expect(made[questionAggregate(id('c1'), id('q3'), 1)]).toMatchObject({ pairs: 1, 'pairs.option.b': 1 });
    expect(made[questionAggregate(id('c1'), id('q3'), 1)]?.['pairs.x']).toBeUndefined();
    for (const questionId of ['q2', 'q4'])
      expect(made).not.toHaveProperty([questionAggregate(id('c1'), id(questionId), 1)]);
  });

  test('no pair where it has a single first attempt', () => {
    expect(contributionOfTest(completedTest([result('q0')]))[ofQuestion]).toBeUndefined();
  });

  test('without a score where all is void', () => {
    const made = contributionOfTest(completedTest([result('q0', { voided: true })], { score: null }));
    expect(made).toEqual({
      'school|total': { qbankTests: 1 },
      'course#c1|total': { qbankTests: 1 },
      [ofStudent]: { tests: 1 },
    });
    expect(bankFiguresOf(made['school|total']!)).toEqual({
      answers: 0,
      correct: 0,
      tests: 1,
      meanScore: null,
    });
  });

  test('to fewer aggregates than a transaction has room for', () => {
    const most = Array.from({ length: 80 }, (_, index) => result(`q${index}`));
    expect(Object.keys(contributionOfTest(completedTest(most))).length).toBeLessThan(99);
  });
});

test('a row that is gone takes back what it contributed', () => {
  expect(removedQbankEntryOf('qbankQuestionAttempts', answered('q0', 'a', { version: 4 }))).toMatchObject({
    source: 'qbankQuestionAttempts#u1#c1#t1#q0',
    sourceVersion: 5,
    contribution: {},
  });
});

describe('the statistics of a question', () => {
  interface Person {
    option: 'a' | 'b' | 'c';
    others: number;
    right: number;
  }
  const people = fc.array(
    fc
      .record({
        option: fc.constantFrom('a', 'b', 'c'),
        others: fc.integer({ min: 1, max: 79 }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
      })
      .map(({ option, others, share }): Person => ({
        option: option as 'a',
        others,
        right: Math.round(share * others),
      })),
    { maxLength: 60 },
  );
  const metricsOf = (list: readonly Person[]): Metrics =>
    sumMetrics(
      list.flatMap(({ option, others, right }) => [
        contributionOfAnswer(answered('q0', option))[ofQuestion] ?? {},
        pairMetrics({ optionId: option, correct: option === 'a', others, othersRight: right }),
      ]),
    );
  const question = bankQuestion('q0');

  test('are those of a direct computation, however long the tests of the people were', () => {
    fc.assert(
      fc.property(people, (list) => {
        const figures = questionFiguresOf(metricsOf(list), question);
        const rest = list.map(({ others, right }) => right / others);
        const chose = (option: string): number[] => list.map((each) => (each.option === option ? 1 : 0));
        const expectClose = (actual: number | null, expected: number | null, factor = 1): void => {
          if (expected === null || actual === null) expect(actual).toBe(expected);
          else expect(actual / factor).toBeCloseTo(expected, 6);
        };
        expectClose(figures.discrimination, naiveCorrelation(chose('a'), rest), 100);
        for (const { optionId, count, share, pointBiserial } of figures.options) {
          const chosen = chose(optionId).filter((one) => one === 1).length;
          expect(count).toBe(chosen);
          expect(share).toBe(list.length === 0 ? null : chosen / list.length);
          expectClose(pointBiserial, naiveCorrelation(chose(optionId), rest));
        }
        expect(figures).toMatchObject({ people: list.length, pairs: list.length, blanks: 0 });
      }),
    );
  });

  test('take up the same room for tests of any length', () => {
    const kinds = Array.from({ length: 79 }, (_, index): Person[] => [
      { option: 'a', others: index + 1, right: index },
      { option: 'b', others: index + 1, right: 1 },
    ]).flat();
    expect(Object.keys(metricsOf(kinds)).length).toBe(Object.keys(metricsOf(kinds.slice(8, 10))).length);
  });

  test('stay exact where a million people have answered', () => {
    const one = pairMetrics({ optionId: 'a', correct: true, others: 4, othersRight: 3 });
    for (const value of Object.values(one)) expect(Number.isSafeInteger(value * 1_000_000)).toBe(true);
  });

  test('come off again without a trace', () => {
    fc.assert(
      fc.property(people, people, (stay, leave) => {
        const leaving = Object.entries(metricsOf(leave)).map(([name, value]): [string, number] => [
          name,
          -value,
        ]);
        const rest = sumMetrics([metricsOf([...leave, ...stay]), Object.fromEntries(leaving)]);
        expect(Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== 0))).toEqual(
          Object.fromEntries(Object.entries(metricsOf(stay)).filter(([, value]) => value !== 0)),
        );
      }),
    );
  });

  test.each<[string, Metrics, object]>([
    [
      'nothing that cannot be told of nobody',
      { blanks: 2 },
      { people: 0, blanks: 2, facility: null, standardError: null, meanSeconds: null, discrimination: null },
    ],
    [
      'no error of one person',
      { answers: 1, correct: 1, seconds: 9, 'option.a': 1 },
      { people: 1, facility: 1, standardError: null, meanSeconds: 9 },
    ],
    [
      'facility, its standard error and the mean time',
      { answers: 5, correct: 2, seconds: 50, 'option.a': 2, 'option.b': 3 },
      { facility: 0.4, standardError: Math.sqrt(0.24 / 4), meanSeconds: 10, flags: [] },
    ],
  ])('tell %s', (_rule, metrics, expected) => {
    const figures = questionFiguresOf(metrics, question);
    expect(figures).toMatchObject(expected);
    expect(figures.options.map(({ optionId }) => optionId)).toEqual(['a', 'b', 'c']);
  });

  test('flag a distractor that goes with a high rest score, and a key that goes with a low one', () => {
    const group = (size: number): Person[] =>
      Array.from({ length: size }, (): Person[] => [
        { option: 'b', others: 4, right: 4 },
        { option: 'b', others: 4, right: 3 },
        { option: 'a', others: 4, right: 1 },
        { option: 'c', others: 4, right: 0 },
      ]).flat();
    const kinds = [
      { kind: 'key_negative', optionId: 'a' },
      { kind: 'distractor_positive', optionId: 'b' },
    ];
    expect(questionFiguresOf(metricsOf(group(1)), question).flags).toEqual(
      kinds.map((each) => ({ ...each, beyondChance: false })),
    );
    expect(questionFiguresOf(metricsOf(group(20)), question).flags).toEqual(
      kinds.map((each) => ({ ...each, beyondChance: true })),
    );
    const right: Person[] = [
      { option: 'a', others: 4, right: 4 },
      { option: 'b', others: 4, right: 0 },
    ];
    expect(questionFiguresOf(metricsOf(right), question).flags).toEqual([]);
  });
});

describe('the figures of scores and students', () => {
  test('of the scores are mean, deviation of a sample, and how many have each percent', () => {
    const rows = [100, 66.67, 66.67].map((score) => completedTest([result('q0')], { score }));
    const metrics = sumMetrics(rows.map((row) => contributionOfTest(row)[scoresAggregate(id('c1'))] ?? {}));
    const figures = scoreFiguresOf(metrics);
    expect(figures.tests).toBe(3);
    expect(figures.mean).toBeCloseTo(77.78, 9);
    expect(figures.deviation).toBeCloseTo(33.33 / Math.sqrt(3), 9);
    expect([figures.histogram[66], figures.histogram[100], figures.histogram.length]).toEqual([2, 1, 101]);
    expect(scoreFiguresOf({})).toMatchObject({ tests: 0, mean: null, deviation: null });
  });

  test('of a student are by topic: distinct questions, and first attempts of completed tests', () => {
    const metrics =
      contributionOfTest(completedTest([result('q0'), result('q1', { correct: false })], { score: 50 }))[
        ofStudent
      ] ?? {};
    const questions = ['heart', 'lung', 'heart', 'liver'].map((topic, ordinal) => ({
      topic: id<TopicId>(topic),
      ordinal,
    }));
    expect(studentFiguresOf(metrics, questions, bitmapWith([0, 1, 2, 9]))).toEqual({
      tests: 1,
      meanScore: 50,
      topics: [
        { topic: 'heart', answered: 2, firstAnswers: 2, accuracy: 0.5 },
        { topic: 'liver', answered: 0, firstAnswers: 0, accuracy: null },
        { topic: 'lung', answered: 1, firstAnswers: 0, accuracy: null },
      ],
    });
    expect(studentFiguresOf({}, [], '')).toEqual({ tests: 0, meanScore: null, topics: [] });
  });

  const peers = (accuracies: readonly number[]): Metrics =>
    sumMetrics(
      accuracies.map(
        (firstRight) =>
          contributionOfRecord(record({ firstAnswers: 100, firstRight }))[peersAggregate(id('c1'))] ?? {},
      ),
    );

  test.each<[string, number, number[], number | null, number]>([
    ['the share of the others who are lower', 70, [70, 10, 20, 30, 80, 90], 60, 5],
    ['not those who are level', 70, [70, 70, 70, 70, 70, 10], 20, 5],
    ['nothing among too few', 70, [70, 10, 20, 30, 80], null, 4],
    ['nothing of nobody', 70, [], null, 0],
    ['0 of the lowest', 0, [0, 10, 20, 30, 80, 90], 0, 5],
    ['100 of whom nobody equals', 100, [0, 10, 20, 30, 80, 100], 100, 5],
  ])('a percentile is %s', (_rule, own, all, percentile, count) => {
    expect(percentileOf(own, peers(all))).toEqual({ percentile, peers: count });
  });

  test('a percentile is that of a count of the peers, one by one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: LEAST_PEERS + 1 }),
        ([own = 0, ...others]) => {
          const lower = others.filter((each) => each < own).length;
          expect(percentileOf(own, peers([own, ...others]))).toEqual({
            percentile: (100 * lower) / others.length,
            peers: others.length,
          });
        },
      ),
    );
  });

  test('a student without a first attempt is nobody to be compared with', () => {
    expect(contributionOfRecord(record())).toEqual({});
  });
});
