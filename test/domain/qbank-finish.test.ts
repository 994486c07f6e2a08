import { describe, expect, test } from 'vitest';
import type { QuestionId, TestId } from '../../shared/domain/ids.ts';
import { bitmapWith } from '../../shared/domain/qbank-bitmap.ts';
import { finishTest, scoreOf, voidAnswer, voidInTest } from '../../shared/domain/qbank-finish.ts';
import { accuracyOf } from '../../shared/domain/qbank-record.ts';
import { MOST_QUESTIONS_OF_A_TEST } from '../../shared/domain/qbank-test.ts';

import { mayBecome } from '../../shared/domain/status.ts';
import { at, cause, id } from './builders.ts';
import {
  answered,
  completedTest,
  handedIn,
  met,
  openedTest,
  record,
  result,
  testQuestion,
} from './qbank-builders.ts';

function finish(given: Partial<Parameters<typeof finishTest>[0]> = {}) {
  return finishTest({
    test: handedIn(),
    answers: [answered('q0', 'a', { seconds: 20 }), answered('q2', 'b')],
    mets: [met('q0'), met('q2')],
    record: undefined,
    voided: () => false,
    now: at(101),
    cause,
    ...given,
  });
}

describe('finishing a test', () => {
  test('completes it as of its closing, with a result for each question, blanks being wrong', () => {
    expect(finish()?.test).toMatchObject({
      status: 'completed',
      completedAt: at(100),
      score: 33.33,
      results: [
        { questionId: 'q0', optionId: 'a', correct: true, first: true, seconds: 20 },
        { questionId: 'q1', optionId: null, correct: false, first: true, seconds: 0 },
        { questionId: 'q2', optionId: 'b', correct: false, first: true, seconds: 10 },
      ],
      version: 3,
    });
  });

  test('remembers the blanks as met: their key is shown now', () => {
    expect(finish()?.mets).toMatchObject([
      { questionId: 'q1', versions: { 1: { firstIn: 't1' } }, version: 1 },
    ]);
  });

  test('ends the changing of answers in the test that had a question first', () => {
    const elsewhere = met('q0', { versions: { 1: { firstIn: id<TestId>('t0') } } });
    const done = finish({ answers: [answered('q0', 'a', { first: false })], mets: [elsewhere] });
    expect(done?.mets.find(({ questionId }) => questionId === 'q0')).toMatchObject({
      versions: { 1: { firstIn: 't0', shown: true } },
      version: 2,
    });
    expect(done?.test.results?.[0]?.first).toBe(false);
  });

  test('counts first attempts in the record of the student, and what was seen and solved', () => {
    const done = finish({
      record: record({ tests: 4, firstAnswers: 10, firstRight: 3, seen: bitmapWith([9]) }),
    });
    expect(done?.record).toMatchObject({
      tests: 5,
      firstAnswers: 12,
      firstRight: 4,
      seen: bitmapWith([0, 1, 2, 9]),
      solved: bitmapWith([0]),
      version: 2,
    });
  });

  test('abandons it where nothing was answered: no score, no result, nothing met', () => {
    for (const status of ['pending', 'in_progress'] as const) {
      const done = finish({ test: handedIn({ status }), answers: [] });
      expect(done).toMatchObject({ test: { status: 'abandoned', closedAt: at(100), version: 3 }, mets: [] });
      expect(done?.record).toBeUndefined();
      expect(done?.test.results).toBeUndefined();
      expect(mayBecome('qbankTests', status, 'abandoned')).toBe(true);
    }
  });

  test('is done once', () => {
    expect(finish({ test: { ...handedIn(), status: 'completed' } })).toBeUndefined();
    expect(finish({ test: { ...handedIn(), status: 'abandoned' }, answers: [] })).toBeUndefined();
  });

  test('leaves a void question out of the score and the record, and not out of what was met', () => {
    const done = finish({ voided: ({ questionId }) => questionId === id<QuestionId>('q0') });
    expect(done).toMatchObject({ test: { score: 0 }, record: { firstAnswers: 1, firstRight: 0 } });
    expect(done?.test.results?.[0]?.voided).toBe(true);
    expect(done?.record?.seen).toBe(bitmapWith([0, 1, 2]));
  });

  test('fits one transaction however many questions there are', () => {
    const questions = Array.from({ length: MOST_QUESTIONS_OF_A_TEST }, (_, ordinal) =>
      testQuestion(`q${ordinal}`, ordinal),
    );
    const elsewhere = questions.map(({ questionId }) =>
      met(questionId, { versions: { 1: { firstIn: id<TestId>('t0') } } }),
    );
    const done = finish({ test: handedIn({ questions }), mets: elsewhere });
    expect(2 + (done?.mets.length ?? 0)).toBeLessThanOrEqual(100);
  });
});

describe('the score', () => {
  test.each<[string, Parameters<typeof scoreOf>[0], number | null]>([
    ['the share of right answers', [result('1'), result('2', { correct: false }), result('3')], 66.67],
    ['of blanks as of wrong ones', [result('1'), result('2', { optionId: null, correct: false })], 50],
    ['not of what is void', [result('1'), result('2', { correct: false, voided: true })], 100],
    ['nothing where all is void', [result('1', { voided: true })], null],
  ])('tells %s', (_rule, results, expected) => {
    expect(scoreOf(results)).toBe(expected);
  });
});

describe('voiding what was answered', () => {
  const test1 = completedTest([result('q0'), result('q1', { correct: false })], { score: 50 });
  const standing = record({ tests: 1, firstAnswers: 2, firstRight: 1 });
  const decide = (given: Partial<Parameters<typeof voidInTest>[0]> = {}) =>
    voidInTest({
      test: test1,
      record: standing,
      questionId: id('q1'),
      questionVersion: 1,
      voided: true,
      now: at(500),
      cause,
      ...given,
    });

  test('takes it out of a completed test and the record, and puts it back to the very same', () => {
    const without = decide();
    expect(without).toMatchObject({
      test: { score: 100, version: 3, results: [{}, { voided: true }] },
      record: { tests: 1, firstAnswers: 1, firstRight: 1, version: 2 },
    });
    const back = decide({ test: without!.test, record: without!.record, voided: false });
    expect(back).toMatchObject({ test: { score: 50, results: test1.results }, record: { firstAnswers: 2 } });
    expect(back?.test.results).toEqual(test1.results);
  });

  test('changes nothing where it is so already, of another version, or in a test that is not completed', () => {
    expect(decide({ voided: false })).toBeUndefined();
    expect(decide({ questionVersion: 2 })).toBeUndefined();
    expect(decide({ questionId: id<QuestionId>('q7') })).toBeUndefined();
    expect(decide({ test: openedTest() })).toBeUndefined();
  });

  test('marks the answer too, once', () => {
    const voided = voidAnswer(answered('q0'), true, at(500), cause);
    expect(voided).toMatchObject({ voided: true, version: 2 });
    expect(voidAnswer(voided!, true, at(501), cause)).toBeUndefined();
    expect(voidAnswer(voided!, false, at(501), cause)).not.toHaveProperty('voided');
  });
});

test('students are compared by first-attempt accuracy in whole percent, once they have one', () => {
  expect(accuracyOf(record({ firstAnswers: 3, firstRight: 2 }))).toBe(66);
  expect(accuracyOf(record({ firstAnswers: 3, firstRight: 3 }))).toBe(100);
  expect(accuracyOf(record())).toBeNull();
});
