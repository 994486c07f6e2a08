import { describe, expect, test } from 'vitest';
import { expired, NOTIFICATION_DAYS, notify, unread } from '../../shared/domain/notification.ts';
import { at, cause, id } from './builders.ts';

function enrolled(time: string) {
  const about = { subject: 'c1', courseId: id<never>('c1'), details: { title: 'A course' } };
  return notify({ userId: id('u1'), kind: 'enrolled', ...about, at: time, cause });
}

describe('a notification', () => {
  test('is the same row however often the same news is told, and sorts by its time', () => {
    expect(enrolled(at(1))).toEqual(enrolled(at(1)));
    const ids = [at(10), at(2), at(1000)].map((time) => enrolled(time).notificationId).sort();
    expect(ids).toEqual([at(2), at(10), at(1000)].map((time) => `${time}.enrolled.c1`));
  });

  test('is gone after its days', () => {
    const row = enrolled(at(0));
    const end = NOTIFICATION_DAYS * 86_400;
    expect(expired(row, new Date(at(end - 1)))).toBe(false);
    expect(expired(row, new Date(at(end)))).toBe(true);
  });

  test('waits to be read until it is read, or a later one with all before it', () => {
    const [first, second] = [enrolled(at(1)), enrolled(at(2))];
    expect(unread(first, undefined)).toBe(true);
    expect(unread({ ...first, readAt: at(3) }, undefined)).toBe(false);
    expect(unread(first, first.notificationId)).toBe(false);
    expect(unread(second, first.notificationId)).toBe(true);
  });
});
