import { describe, expect, test } from 'vitest';
import type { CourseId } from '../../shared/domain/ids.ts';
import {
  closeTest,
  DAYS_OF_A_TEST,
  isClosed,
  isOver,
  MOST_QUESTIONS_OF_A_TEST,
  openTest,
  SECONDS_PER_QUESTION,
  startTest,
} from '../../shared/domain/qbank-test.ts';
import { at, cause, enrollment, id, refusal } from './builders.ts';
import { bankQuestion, handedIn, openedTest, wish } from './qbank-builders.ts';

const questions = Array.from({ length: 90 }, (_, ordinal) => bankQuestion(`q${ordinal}`, { ordinal }));

function start(given: Partial<Parameters<typeof startTest>[0]> = {}) {
  return startTest({
    userId: id('u1'),
    testId: id('t1'),
    courseId: id('c1'),
    wish: wish({ count: 2 }),
    test: undefined,
    enrollment: enrollment(),
    questions,
    history: { seen: '', solved: '' },
    draw: () => 0,
    now: at(0),
    cause,
    ...given,
  });
}

describe('starting a test', () => {
  test('draws its questions and waits for its opening', () => {
    const made = start();
    expect(made).toMatchObject({
      status: 'pending',
      questions: [{ questionId: 'q0', questionVersion: 1 }, { questionId: 'q1' }],
      createdAt: at(0),
      closesAt: at(DAYS_OF_A_TEST * 86_400),
      version: 1,
    });
    expect(made?.startedAt).toBeUndefined();
  });

  test('is the same test when it is asked for again, whatever the bank has become', () => {
    expect(start({ test: start(), questions: [], enrollment: undefined })).toBeUndefined();
  });

  test('takes no more questions than one transaction can end', () => {
    expect(start({ wish: wish({ count: 85 }) })?.questions).toHaveLength(MOST_QUESTIONS_OF_A_TEST);
  });

  test.each<[string, Partial<Parameters<typeof startTest>[0]>, string]>([
    ['under the id of another one', { test: start(), wish: wish({ count: 3 }) }, 'test_conflict'],
    [
      'under the id of one in another course',
      { test: start(), courseId: id<CourseId>('c2') },
      'test_conflict',
    ],
    ['to somebody who never enrolled', { enrollment: undefined }, 'not_enrolled'],
    ['to somebody who left', { enrollment: enrollment({ status: 'cancelled' }) }, 'not_enrolled'],
    ['without a question', { wish: wish({ from: 'incorrect' }) }, 'no_questions_left'],
  ])('is refused %s', (_rule, given, code) => {
    expect(refusal(() => start({ wish: wish({ count: 2 }), ...given })).code).toBe(code);
  });
});

describe('opening a test', () => {
  test('sets the clock of a timed one going, by the number of its questions', () => {
    const opened = openTest(start(), at(30), cause);
    expect(opened).toMatchObject({ status: 'in_progress', startedAt: at(30), version: 2 });
    expect(opened?.closesAt).toBe(at(30 + 2 * SECONDS_PER_QUESTION));
  });

  test('gives one in tutor mode days', () => {
    const opened = openTest(start({ wish: wish({ mode: 'tutor', count: 2 }) }), at(30), cause);
    expect(opened?.closesAt).toBe(at(30 + DAYS_OF_A_TEST * 86_400));
  });

  test('changes nothing the second time, so that the clock cannot be set back', () => {
    expect(openTest(openedTest(), at(200), cause)).toBeUndefined();
  });

  test('is refused of one that there is not, is closed, or whose time is up', () => {
    expect(refusal(() => openTest(undefined, at(0), cause)).code).toBe('test_unknown');
    expect(refusal(() => openTest(handedIn(), at(0), cause)).code).toBe('test_closed');
    const late = at(DAYS_OF_A_TEST * 86_400);
    expect(refusal(() => openTest(start(), late, cause)).code).toBe('test_closed');
  });
});

describe('closing a test', () => {
  test('ends its answers when the student hands it in', () => {
    expect(closeTest(openedTest(), at(100), cause)).toMatchObject({
      status: 'in_progress',
      closedAt: at(100),
      closedBy: 'student',
      version: 2,
    });
  });

  test.each([270, 271, 9_999])(
    'is by the clock once the time is up, with the same outcome at second %d',
    (second) => {
      const closed = closeTest(openedTest(), at(second), cause);
      expect(closed).toMatchObject({ closedAt: at(270), closedBy: 'clock' });
    },
  );

  test('leaves a closed one as it is', () => {
    const closed = handedIn();
    expect(closeTest(closed, at(9_999), cause)).toBe(closed);
    expect(refusal(() => closeTest(undefined, at(0), cause)).code).toBe('test_unknown');
  });

  test.each<[number, boolean]>([
    [269.999, false],
    [270, true],
  ])('is due by the server at second %d: %s', (second, due) => {
    expect(isOver(openedTest(), at(second))).toBe(due);
    expect(isClosed(openedTest())).toBe(false);
    expect(isOver(handedIn(), at(second))).toBe(true);
  });
});
