import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { UserId } from '../../shared/domain/ids.ts';
import type { LedgerEntry, Metrics } from '../../shared/domain/contribution.ts';
import { coalesce } from '../../shared/domain/ledger.ts';
import { answerQuestion } from '../../shared/domain/qbank-answer.ts';
import {
  peersAggregate,
  qbankEntriesOf,
  questionAggregate,
  scoresAggregate,
} from '../../shared/domain/qbank-contribution.ts';
import { finishTest } from '../../shared/domain/qbank-finish.ts';
import { questionFiguresOf, scoreFiguresOf } from '../../shared/domain/qbank-statistics.ts';
import type { AnswerState, MetState } from '../../shared/domain/qbank-states.ts';
import { closeTest } from '../../shared/domain/qbank-test.ts';
import { at, cause, id } from './builders.ts';
import { LedgerStore } from './ledger-store.ts';
import { naiveCorrelation } from './qbank-correlation.ts';
import { bankQuestion, openedTest, questionVersion, testQuestion } from './qbank-builders.ts';

// Bock and Lieberman 1970: 1,000 people, 5 questions, the patterns of their answers. Not part of the project.
const file = path.join(import.meta.dirname, '../../../shared/data/lsat7.csv');

const QUESTIONS = [0, 1, 2, 3, 4].map((ordinal) => testQuestion(`q${ordinal}`, ordinal));

function readPatterns(): number[][] {
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  return lines.flatMap((line) => {
    const numbers = line.split(',').map(Number);
    return Array.from({ length: numbers[5] ?? 0 }, () => numbers.slice(0, 5));
  });
}

/** Every image of every row of a person who answers by the pattern, some of it first otherwise. */
function imagesOf(pattern: readonly number[], person: number): LedgerEntry[] {
  const test1 = openedTest({ userId: id<UserId>(`u${person}`), questions: QUESTIONS });
  const entries: LedgerEntry[] = [];
  const answers: AnswerState[] = [];
  const mets: MetState[] = [];
  for (const [index, { questionId }] of QUESTIONS.entries()) {
    const choose = (
      right: boolean,
      answerId: string,
      answer: AnswerState | undefined,
      met: MetState | undefined,
    ) =>
      answerQuestion({
        test: test1,
        version: questionVersion(questionId),
        voided: false,
        answer,
        met,
        command: { questionId, optionId: id(right ? 'a' : 'b'), answerId: id(answerId), seconds: 20 + index },
        now: at(30 + 30 * index),
        cause,
      });
    const right = pattern[index] === 1;
    const changesMind = (person + index) % 3 === 0;
    let { standing, met } = choose(changesMind ? !right : right, 'a1', undefined, undefined);
    entries.push(...qbankEntriesOf('qbankQuestionAttempts', standing));
    if (changesMind) {
      standing = choose(right, 'a2', standing, met).standing;
      entries.push(...qbankEntriesOf('qbankQuestionAttempts', standing));
    }
    answers.push(standing);
    if (met !== undefined) mets.push(met);
  }
  const finished = finishTest({
    test: closeTest(test1, at(200), cause),
    answers,
    mets,
    record: undefined,
    voided: () => false,
    now: at(201),
    cause,
  });
  if (finished?.record === undefined) throw new Error('not finished');
  return [
    ...entries,
    ...qbankEntriesOf('qbankTests', finished.test),
    ...qbankEntriesOf('qbankRecords', finished.record),
  ];
}

/** Some order that is not theirs, the same in each run. */
function shuffled<T>(list: readonly T[], seed: number): T[] {
  const result = [...list];
  let state = seed;
  for (let left = result.length; left > 1; left -= 1) {
    state = (state * 48_271) % 2_147_483_647;
    const index = state % left;
    [result[left - 1], result[index]] = [result[index]!, result[left - 1]!];
  }
  return result;
}

describe.skipIf(!existsSync(file))('the statistics of LSAT7', () => {
  const patterns = existsSync(file) ? readPatterns() : [];
  const images = patterns.flatMap(imagesOf);

  const deliveries: [string, () => LedgerEntry[]][] = [
    ['in order', () => images],
    ['twice', () => [...images, ...images]],
    ['shuffled, each twice', () => shuffled([...images, ...images], 7)],
    ['backwards', () => [...images].reverse()],
  ];

  test.each(deliveries)(
    'are those of the literature and of a direct computation, delivered %s',
    (_how, deliver) => {
      const store = new LedgerStore();
      const records = deliver();
      // Of one batch of 2,000 the ledger sees what its own coalescing leaves.
      for (let from = 0; from < records.length; from += 2_000) store.apply(records.slice(from, from + 2_000));
      const totals = store.totals();

      const figures = QUESTIONS.map(({ questionId }) =>
        questionFiguresOf(totals[questionAggregate(id('c1'), questionId, 1)] ?? {}, bankQuestion(questionId)),
      );
      expect(figures.map(({ facility }) => facility)).toEqual([0.828, 0.658, 0.772, 0.606, 0.843]);
      for (const [index, question] of figures.entries()) {
        expect(question).toMatchObject({ people: 1000, pairs: 1000, blanks: 0, flags: [] });
        expect(question.meanSeconds).toBe(20 + index);
        const right = patterns.map((pattern) => pattern[index]!);
        const rest = patterns.map(
          (pattern) => pattern.reduce((sum, each) => sum + each, 0) - pattern[index]!,
        );
        const direct = naiveCorrelation(right, rest)!;
        expect(question.discrimination).toBeCloseTo(100 * direct, 9);
        const [a, b, c] = question.options;
        expect(a?.pointBiserial).toBeCloseTo(direct, 9);
        expect(b?.pointBiserial).toBeCloseTo(-direct, 9);
        expect(c?.pointBiserial).toBeNull();
        expect([a?.share, b?.count, c?.share]).toEqual([question.facility, 1000 - (a?.count ?? 0), 0]);
      }

      const scores = scoreFiguresOf(totals[scoresAggregate(id('c1'))] ?? {});
      expect([0, 20, 40, 60, 80, 100].map((percent) => scores.histogram[percent])).toEqual([
        12, 40, 114, 205, 321, 308,
      ]);
      expect(((scores.mean ?? 0) / 100) * 5).toBeCloseTo(3.707, 9);
      expect(((scores.deviation ?? 0) / 100) * 5).toBeCloseTo(1.199, 3);
      expect(totals['course#c1|total']).toMatchObject({
        qbankAnswers: 5000,
        qbankCorrect: 3707,
        qbankTests: 1000,
      });
      const peers = Object.entries(totals[peersAggregate(id('c1'))] ?? {});
      expect(peers.reduce((sum, [, count]) => sum + count, 0)).toBe(1000);
    },
  );

  test('agree between what follows each answer and what is frozen with each test', () => {
    const store = new LedgerStore();
    store.apply(coalesce(images));
    for (const { questionId } of QUESTIONS) {
      const metrics: Metrics = store.totals()[questionAggregate(id('c1'), questionId, 1)] ?? {};
      expect(metrics['pairs']).toBe(metrics['answers']);
      expect(metrics['pairs.x']).toBe(metrics['correct']);
      for (const option of ['a', 'b'])
        expect(metrics[`pairs.option.${option}`]).toBe(metrics[`option.${option}`]);
    }
  });
});
