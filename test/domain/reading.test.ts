import { describe, expect, it } from 'vitest';
import { notify, unread } from '../../shared/domain/notification.ts';
import { readOne, readUpTo } from '../../shared/domain/reading.ts';
import type { StudentState } from '../../shared/domain/states.ts';
import { at, cause, id, student } from './builders.ts';

const now = at(600);
const told = (seconds: number) =>
  notify({ userId: id('u1'), kind: 'enrolled', subject: 'c1', details: {}, at: at(seconds), cause });
const [first, second, third] = [told(1), told(2), told(3)];
const ids = [first, second, third].map((one) => one.notificationId);

function mark(before: StudentState | undefined, newest: string | undefined): StudentState | undefined {
  return readUpTo({ userId: id('u1'), student: before, newest: newest ?? '', now, cause }) ?? before;
}

describe('reading one notification', () => {
  it('marks it once', () => {
    const read = readOne({ notification: first, readUpTo: undefined, now, cause });
    expect(read).toEqual({ ...first, readAt: now, version: 2, updatedAt: now });
    expect(readOne({ notification: read!, readUpTo: undefined, now: at(900), cause })).toBeUndefined();
  });

  it('changes nothing where all up to it are read', () => {
    expect(readOne({ notification: first, readUpTo: first.notificationId, now, cause })).toBeUndefined();
    expect(readOne({ notification: second, readUpTo: first.notificationId, now, cause })).toBeDefined();
  });
});

describe('reading all up to one', () => {
  it('leaves newer ones unread', () => {
    const marked = mark(student(), second.notificationId)?.readUpTo;
    expect([first, second, third].map((one) => unread(one, marked))).toEqual([false, false, true]);
  });

  it('never moves the mark back, so that order and repetition do not matter', () => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 2],
      [2, 1, 0, 1],
    ]) {
      const marked = order.reduce<StudentState | undefined>((row, index) => mark(row, ids[index]), student());
      expect(marked?.readUpTo).toBe(ids[2]);
    }
    expect(
      readUpTo({ userId: id('u1'), student: student({ readUpTo: ids[1] }), newest: ids[1]!, now, cause }),
    ).toBeUndefined();
  });

  it('makes the row of a student who has none, a newcomer', () => {
    expect(mark(undefined, ids[0])).toMatchObject({
      userId: 'u1',
      joinedAt: now,
      newcomerSince: '2026-11-22',
      readUpTo: ids[0],
      version: 1,
    });
  });
});
