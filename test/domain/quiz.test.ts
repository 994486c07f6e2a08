import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AttemptId, UserId } from '../../shared/domain/ids.ts';
import {
  attemptCount,
  bestScore,
  grade,
  markAttempt,
  nextAttempt,
  passed,
  type Answers,
} from '../../shared/domain/quiz.ts';
import type { AttemptState } from '../../shared/domain/states.ts';
import { at, attempt, cause, id, quiz, refusal } from './builders.ts';

const graded = quiz('q1');
const byHand = quiz('q1', { marking: { by: 'hand' } });
const questions = graded.marking.by === 'key' ? graded.marking.questions : [];
const admin = id<UserId>('admin');

function answers(of: Record<string, string>): Answers {
  return Object.fromEntries(Object.entries(of).map(([question, option]) => [id(question), id(option)]));
}

function handIn(attempts: readonly AttemptState[], attemptId: string, of: Answers | undefined, on = graded) {
  return nextAttempt({
    userId: id('u1'),
    courseId: id('c1'),
    quiz: on,
    attempts,
    attemptId: id<AttemptId>(attemptId),
    answers: of,
    now: at(60),
    cause,
  });
}

describe('grading', () => {
  test.each<[string, Record<string, string>, number]>([
    ['all right', { one: 'a', two: 'a', three: 'a' }, 100],
    ['one of three wrong', { one: 'a', two: 'a', three: 'b' }, 66.67],
    ['blanks', { one: 'a' }, 33.33],
    ['nothing', {}, 0],
  ])('gives for %s the share of right answers with two decimals', (_rule, of, score) => {
    expect(grade(questions, answers(of))).toBe(score);
  });

  test.each<[string, Record<string, string>, string]>([
    ['question', { one: 'a', nine: 'a' }, 'answers.nine'],
    ['question, were it inherited by every object', { constructor: 'a' }, 'answers.constructor'],
    ['option', { one: 'z' }, 'answers.one'],
  ])('refuses an unknown %s, naming the field', (_rule, of, field) => {
    expect(refusal(() => grade(questions, answers(of)))).toEqual({
      code: 'answers_invalid',
      details: { field },
    });
  });
});

describe('handing in an attempt', () => {
  test('gives it the number after the greatest, the score and the pass mark in force', () => {
    const { attempt: made } = handIn(
      [attempt('q1', 1, 0), attempt('q1', 2, 0)],
      'new',
      answers({ one: 'a' }),
    );
    expect(made).toMatchObject({ number: 3, score: 33.33, passMark: 50, submittedAt: at(60), version: 1 });
  });

  test('leaves one that is marked by hand without a score', () => {
    expect(handIn([], 'new', undefined, byHand).attempt).toMatchObject({ number: 1, score: null });
  });

  test('finds the same attempt again, in whatever order the answers come, even when none is left', () => {
    const first = attempt('q1', 3, 100, {
      attemptId: id<AttemptId>('same'),
      answers: answers({ one: 'a', two: 'b' }),
    });
    expect(handIn([first], 'same', answers({ two: 'b', one: 'a' })).repeated).toBe(first);
  });

  test('finds the same attempt again after the quiz lost its question', () => {
    const first = attempt('q1', 1, 100, {
      attemptId: id<AttemptId>('same'),
      answers: answers({ gone: 'x' }),
    });
    expect(handIn([first], 'same', answers({ gone: 'x' })).repeated).toBe(first);
  });

  test.each<[string, () => unknown, string]>([
    [
      'other answers under a known id',
      () =>
        handIn(
          [attempt('q1', 1, 0, { attemptId: id<AttemptId>('same'), answers: answers({ one: 'a' }) })],
          'same',
          answers({}),
        ),
      'attempt_conflict',
    ],
    [
      'more attempts than there are',
      () => handIn([attempt('q1', 3, 0)], 'new', answers({})),
      'attempts_exhausted',
    ],
    ['no answers where the keys grade', () => handIn([], 'new', undefined), 'answers_invalid'],
    ['answers where a person marks', () => handIn([], 'new', answers({}), byHand), 'answers_invalid'],
  ])('is refused with %s', (_rule, action, code) => {
    expect(refusal(action).code).toBe(code);
  });
});

describe('marking by hand', () => {
  const unmarked = attempt('q1', 1, null, { version: 4 });
  const marked = attempt('q1', 1, 60, { version: 5 });

  test('needs no version the first time', () => {
    expect(markAttempt(unmarked, { score: 60 }, at(9), admin, cause)).toMatchObject({
      score: 60,
      version: 5,
      markedAt: at(9),
      markedBy: 'admin',
    });
  });

  test('changes nothing with the same score, whatever version is named', () => {
    expect(markAttempt(marked, { score: 60, ifVersion: 4 }, at(9), admin, cause)).toBeUndefined();
    expect(markAttempt(marked, { score: 60 }, at(9), admin, cause)).toBeUndefined();
  });

  test('replaces a mark by its version', () => {
    expect(markAttempt(marked, { score: 0, ifVersion: 5 }, at(9), admin, cause)).toMatchObject({
      score: 0,
      version: 6,
    });
  });

  test.each<[string, AttemptState, { score: number; ifVersion?: number }, number]>([
    ['without a version', marked, { score: 50 }, 5],
    ['by an older version', marked, { score: 50, ifVersion: 4 }, 5],
    ['unmarked by another version', unmarked, { score: 50, ifVersion: 3 }, 4],
  ])('refuses another mark %s, naming the version in force', (_rule, of, mark, version) => {
    const { code, details } = refusal(() => markAttempt(of, mark, at(9), admin, cause));
    expect(code).toBe('mark_conflict');
    expect(details).toMatchObject({ version });
  });
});

describe('scores', () => {
  test('the best is the greatest of those marked, whatever their order', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer({ min: 0, max: 100 }))), (scores) => {
        const known = scores.filter((score) => score !== null);
        const best = known.length === 0 ? null : [...known].sort((a, b) => b - a)[0];
        expect(bestScore(scores.map((score) => ({ score })))).toBe(best);
      }),
    );
  });

  test.each<[number | null, number, boolean | null]>([
    [null, 50, null],
    [49.99, 50, false],
    [50, 50, true],
    [0, 0, true],
  ])('%s against a pass mark of %d gives %s', (score, passMark, expected) => {
    expect(passed(score, passMark)).toBe(expected);
  });
});

test('attempts are counted by their greatest number, so that one not seen yet counts', () => {
  expect(attemptCount({ 1: {}, 10: {}, 9: {} })).toBe(10);
  expect(attemptCount({})).toBe(0);
});
