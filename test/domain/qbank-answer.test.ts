import { describe, expect, test } from 'vitest';
import type { OptionId, TestId } from '../../shared/domain/ids.ts';
import { answerQuestion, MOST_ANSWERS, MOST_SECONDS } from '../../shared/domain/qbank-answer.ts';
import { revealed, shownQuestion } from '../../shared/domain/qbank-revealed.ts';

import { at, cause, id, refusal } from './builders.ts';
import {
  answered,
  completedTest,
  handedIn,
  met,
  openedTest,
  questionVersion,
  result,
  testQuestion,
  wish,
} from './qbank-builders.ts';

type Given = Parameters<typeof answerQuestion>[0];

function command(optionId: string, answerId: string, seconds = 12): Given['command'] {
  return { questionId: id('q0'), optionId: id(optionId), answerId: id(answerId), seconds };
}

function give(given: Partial<Given> = {}) {
  return answerQuestion({
    test: openedTest(),
    version: questionVersion('q0'),
    voided: false,
    answer: undefined,
    met: undefined,
    command: command('a', 'a1'),
    now: at(60),
    cause,
    ...given,
  });
}

const tutor = openedTest({ wish: wish({ mode: 'tutor' }) });

describe('the first answer', () => {
  test('is written with what was right at the version of the test', () => {
    expect(give({ command: command('b', 'a1') })).toMatchObject({
      answer: { optionId: 'b', correct: false, answerIds: ['a1'], seconds: 12, changes: 0, version: 1 },
    });
    expect(give().standing).toMatchObject({ correct: true, answeredAt: at(60) });
  });

  test('opens a test that is pending', () => {
    const { startedAt: _none, ...pending } = openedTest({ status: 'pending' });
    expect(give({ test: pending })).toMatchObject({
      test: { status: 'in_progress', startedAt: at(60), closesAt: at(60 + 270) },
      answer: { seconds: 0 },
    });
    expect(give().test).toBeUndefined();
  });

  test('is a first attempt where the student never met that version', () => {
    expect(give()).toMatchObject({
      answer: { first: true },
      met: { versions: { 1: { firstIn: 't1' } }, version: 1 },
    });
  });

  test('is none where another test had the version first', () => {
    const before = met('q0', { versions: { 1: { firstIn: id<TestId>('t0') } } });
    const { answer, met: after } = give({ met: before });
    expect(answer).toMatchObject({ first: false });
    expect(after).toBeUndefined();
  });

  test('is a first attempt again at a version that was never met, though the question was', () => {
    const test = openedTest({ questions: [testQuestion('q0', 0, { questionVersion: 2 })] });
    const version = questionVersion('q0', { questionVersion: 2, key: id<OptionId>('b') });
    const before = met('q0', { versions: { 1: { firstIn: id<TestId>('t0') } } });
    expect(give({ test, version, met: before })).toMatchObject({
      answer: { first: true, questionVersion: 2, correct: false },
      met: { versions: { 1: { firstIn: 't0' }, 2: { firstIn: 't1' } } },
    });
  });

  test('carries that its question is void', () => {
    expect(give({ voided: true }).answer?.voided).toBe(true);
    expect(give().answer).not.toHaveProperty('voided');
  });

  test.each<[string, number, number, number]>([
    ['as the client counts them', 12.9, 60, 12],
    ['not more than have passed since the opening', 100, 60, 60],
    ['not those of somebody who went away', 5_000, 200_000, MOST_SECONDS],
    ['not fewer than none', -3, 60, 0],
  ])('takes seconds: %s', (_rule, claimed, second, seconds) => {
    const test = { ...openedTest(), closesAt: at(1_000_000) };
    const { standing } = give({ test, command: command('a', 'a1', claimed), now: at(second) });
    expect(standing.seconds).toBe(seconds);
  });
});

describe('another answer', () => {
  const standing = answered('q0', 'b', { version: 3, answerIds: [id('a1'), id('a2')], seconds: 30 });

  test('is in force from then on; what was first stays', () => {
    expect(give({ answer: standing, met: met('q0'), command: command('a', 'a3') })).toMatchObject({
      answer: {
        optionId: 'a',
        correct: true,
        first: true,
        answerIds: ['a1', 'a2', 'a3'],
        seconds: 30,
        changes: 1,
        version: 4,
      },
    });
  });

  test('of the same option is remembered, so that what came before it cannot come after it', () => {
    const { answer } = give({ answer: standing, met: met('q0'), command: command('b', 'a3', 40) });
    expect(answer).toMatchObject({ answerIds: ['a1', 'a2', 'a3'], changes: 0, seconds: 40, version: 4 });
  });

  test('that came before changes nothing: the newest sent again, an older one, one after the end', () => {
    for (const sent of [command('b', 'a2'), command('c', 'a1')]) {
      expect(give({ answer: standing, command: sent })).toEqual({ standing });
      expect(give({ test: handedIn(), answer: standing, command: sent, now: at(999) })).toEqual({ standing });
    }
  });

  test.each<[string, Partial<Given>, string]>([
    ['with another option under the id in force', { command: command('c', 'a2') }, 'answer_conflict'],
    ['after the test was handed in', { test: handedIn(), command: command('a', 'a3') }, 'test_closed'],
    ['when its time is up', { now: at(270), command: command('a', 'a3') }, 'test_closed'],
    [
      'in tutor mode, where the key was shown',
      { test: tutor, command: command('a', 'a3') },
      'answer_revealed',
    ],
    [
      'once another test has shown the key',
      {
        met: met('q0', { versions: { 1: { firstIn: id<TestId>('t1'), shown: true } } }),
        command: command('a', 'a3'),
      },
      'answer_revealed',
    ],
    [
      'when there were too many',
      {
        answer: {
          ...standing,
          answerIds: Array.from({ length: MOST_ANSWERS }, (_, index) => id(`b${index}`)),
        },
        command: command('a', 'a3'),
      },
      'answers_exhausted',
    ],
  ])('is refused %s', (_rule, given, code) => {
    expect(refusal(() => give({ answer: standing, met: met('q0'), ...given })).code).toBe(code);
  });

  test('of the same option is the same reply in tutor mode, under any id', () => {
    expect(give({ test: tutor, answer: standing, command: command('b', 'a3') })).toEqual({ standing });
  });
});

describe('an answer is refused', () => {
  test.each<[string, Partial<Given>, string]>([
    ['of a test that one does not have', { test: undefined }, 'test_unknown'],
    [
      'of a question that the test does not have',
      { command: { ...command('a', 'a1'), questionId: id('q9') } },
      'question_not_in_test',
    ],
    ['with an option that the question does not have', { command: command('z', 'a1') }, 'option_unknown'],
    ['where the version is gone', { version: undefined }, 'question_unknown'],
    ['after the end, also the first', { test: handedIn() }, 'test_closed'],
  ])('%s', (_rule, given, code) => {
    expect(refusal(() => give(given)).code).toBe(code);
  });
});

describe('what is right', () => {
  const version = questionVersion('q0');
  const answer = answered('q0', 'b');

  test.each<[string, Parameters<typeof revealed>[0], typeof answer | undefined, boolean]>([
    ['not in a timed test, answered or not', openedTest(), answer, false],
    ['not in a timed test that is closed and not finished', handedIn(), answer, false],
    ['not in tutor mode before the answer', tutor, undefined, false],
    ['in tutor mode after the answer', tutor, answer, true],
    ['in a completed test, also of a blank', completedTest([result('q0')]), undefined, true],
    ['not in an abandoned test', { ...handedIn(), status: 'abandoned' }, undefined, false],
  ])('may be seen: %s', (_rule, of, given, expected) => {
    expect(revealed(of, given)).toBe(expected);
    const shown = shownQuestion(of, version, given);
    expect(shown.solution !== null).toBe(expected);
    expect(JSON.stringify(shown).includes('Because.')).toBe(expected);
    expect(JSON.stringify(shown).includes('correct')).toBe(expected);
  });

  test('is told with the key, the explanation, and whether it was answered so', () => {
    expect(shownQuestion(tutor, version, answer).solution).toEqual({
      key: 'a',
      explanation: 'Because.',
      correct: false,
    });
    expect(shownQuestion(completedTest([result('q0')]), version, undefined)).toMatchObject({
      answer: null,
      solution: { correct: null },
    });
  });

  test('lies in no attribute of a question that may be shown', () => {
    const shown = shownQuestion(openedTest(), version, answer);
    expect(Object.keys(shown).sort()).toEqual([
      'answer',
      'options',
      'questionId',
      'questionVersion',
      'solution',
      'stem',
    ]);
    expect(shown.answer).toEqual({ optionId: 'b', seconds: 10, version: 1 });
  });
});
