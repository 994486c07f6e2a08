import { describe, expect, it } from 'vitest';
import { choicesFor } from '../../console/src/found-people.ts';

describe('Who can be chosen', () => {
  const all = [
    { value: 'ada', label: 'Ada Lovelace (ada)' },
    { value: 'bob', label: 'Bob (bob)' },
  ];
  const values = (typed: string, search: string, ...userIds: string[]) =>
    choicesFor(typed, all, { search, userIds }).map(({ value }) => value);

  it('is who is called as is typed', () => {
    expect(values(' LOVE', '')).toEqual(['ada']);
    expect(values('', '')).toEqual(['ada', 'bob']);
  });

  it('is also who was found by an address that the box does not show', () => {
    expect(values('countess@', 'countess@', 'ada')).toEqual(['ada']);
    expect(values('Countess@ ', 'countess@', 'ada')).toEqual(['ada']);
  });

  it('is nobody who was found to other letters', () => {
    expect(values('countess@x', 'countess@', 'ada')).toEqual([]);
  });
});
