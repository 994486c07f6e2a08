import { describe, expect, it } from 'vitest';
import * as format from '../../console/src/format.ts';

describe('How figures are written', () => {
  it('a time is written in seconds from where it is rounded to ten of them', () => {
    expect(format.milliseconds(9999.4)).toMatch(/^9\D?999 ms$/);
    expect(format.milliseconds(9999.6)).toBe('10 s');
    expect(format.milliseconds(10_000)).toBe('10 s');
    expect(format.milliseconds(null)).toBe('–');
  });

  it('unread notifications are many from where they are not counted any more', () => {
    expect([0, 99, 100].map(format.unread)).toEqual(['0', '99', '100+']);
  });

  it('how long something took is written in the unit that tells most', () => {
    const from = '2026-11-23T10:00:00.000Z';
    expect(format.duration(from, '2026-11-23T10:00:01.000Z')).toBe('1 second');
    expect(format.duration(from, '2026-11-23T10:02:00.000Z')).toBe('2 minutes');
    expect(format.duration(from, '2026-11-23T13:00:00.000Z')).toBe('3 hours');
  });
});
