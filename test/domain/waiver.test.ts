import { describe, expect, test } from 'vitest';
import { emptyFacts, evaluate, factsOf, mergeFacts } from '../../shared/domain/progress.ts';
import { project } from '../../shared/domain/project.ts';
import { waiveItem, withdrawWaiver } from '../../shared/domain/waiver.ts';
import { at, cause, enrollment, id, outline, progress, quiz, reading, refusal, waiver } from './builders.ts';

const course = outline({ ch1: [reading('r1')], ch2: [quiz('q1')] });

function waiving(over: Partial<Parameters<typeof waiveItem>[0]> = {}) {
  return waiveItem({
    userId: id('u1'),
    courseId: id('c1'),
    itemId: id('q1'),
    title: 'A course',
    outline: course,
    enrollment: enrollment(),
    waiver: undefined,
    reason: 'was ill',
    by: id('admin'),
    now: at(5),
    cause,
    ...over,
  });
}

describe('waiving an item', () => {
  test('says who, why and when, and tells the student', () => {
    expect(waiving()).toMatchObject({
      waiver: { waived: true, reason: 'was ill', waivedBy: 'admin', waivedAt: at(5), version: 1 },
      notification: {
        notificationId: `${at(5)}.item_waived.c1.q1.1`,
        details: { title: 'A course', item: 'q1', reason: 'was ill' },
      },
    });
  });

  test('twice for the same reason is once', () => {
    expect(waiving({ waiver: waiver('q1') })).toBeUndefined();
    expect(waiving({ waiver: waiver('q1', { reason: 'old' }) })?.waiver).toMatchObject({ version: 2 });
  });

  test.each([
    ['item_unknown', { itemId: id<never>('other') }],
    ['not_enrolled', { enrollment: undefined }],
    ['not_enrolled', { enrollment: enrollment({ status: 'cancelled' }) }],
  ])('is refused: %s', (code, over) => {
    expect(refusal(() => waiving(over)).code).toBe(code);
  });

  test('taken back is a newer fact, told to the student; twice is once', () => {
    const back = withdrawWaiver({ waiver: waiver('q1'), title: 'T', by: id('admin'), now: at(9), cause });
    expect(back).toMatchObject({
      waiver: { waived: false, version: 2 },
      notification: { kind: 'waiver_withdrawn' },
    });
    const twice = { waiver: waiver('q1', { waived: false }), title: 'T', by: id<never>('admin') };
    expect(withdrawWaiver({ ...twice, now: at(9), cause })).toBeUndefined();
  });
});

describe('a waived item', () => {
  test('counts as complete, with nothing done', () => {
    const facts = factsOf({ waivers: [waiver('q1')] }, course);
    expect(evaluate(course, facts)).toMatchObject({ totalProgress: 50, completedItems: 1 });
    expect(evaluate(course, facts).itemCompletion.get('q1')).toBe(1);
  });

  test('completes a course in which the rest is done', () => {
    const { enrollment: done } = project({
      enrollment: enrollment(),
      progress: progress({ completedChapters: { ch1: { version: 1, completedAt: at(0) } } }),
      outline: course,
      outlineVersion: 1,
      facts: factsOf({ waivers: [waiver('q1')] }, course),
      now: at(5),
      cause,
    });
    expect(done).toMatchObject({ status: 'completed', progress: 100 });
  });

  test('counts by what was done again once it is taken back, in any order of the news', () => {
    const given = factsOf({ waivers: [waiver('q1')] }, course);
    const taken = factsOf({ waivers: [waiver('q1', { waived: false, version: 2 })] }, course);
    for (const facts of [mergeFacts(given, taken), mergeFacts(taken, given)]) {
      expect(evaluate(course, mergeFacts(emptyFacts(), facts)).totalProgress).toBe(0);
    }
  });
});
