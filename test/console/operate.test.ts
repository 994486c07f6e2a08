import { describe, expect, it } from 'vitest';
import type { Reply } from '../../shared/client/api.ts';
import { readPages } from '../../console/src/operate/read-pages.ts';
import { redrivePages } from '../../console/src/operate/redrive-pages.ts';
import { type Outcome, settleEach } from '../../console/src/operate/settle-each.ts';

describe('A list that is read page by page', () => {
  const pages = new Map([
    [undefined, { rows: [1, 2], cursor: 'a' }],
    // A page may be empty though others follow.
    ['a', { rows: [], cursor: 'b' }],
    ['b', { rows: [3], cursor: undefined }],
  ]);
  const read = async (cursor: string | undefined) => pages.get(cursor as 'a')!;

  it('has as much as was asked for, and tells where it goes on', async () => {
    expect(await readPages(1, read)).toEqual({ rows: [1, 2], cursor: 'a' });
    expect(await readPages(2, read)).toEqual({ rows: [1, 2], cursor: 'b' });
  });

  it('ends where there are no more pages', async () => {
    expect(await readPages(9, read)).toEqual({ rows: [1, 2, 3], cursor: undefined });
  });
});

describe('Failures that are settled together', () => {
  it('are settled one after the other, and one that is refused holds up no other', async () => {
    const under: string[] = [];
    const outcomes = await settleEach(
      ['one', 'two', 'three'],
      'redriven',
      async (failureId) => {
        expect(under).toEqual([]);
        under.push(failureId);
        await Promise.resolve();
        under.pop();
        if (failureId === 'two') throw new Error('row_gone');
      },
      (error) => `It stays: ${(error as Error).message}`,
    );
    expect(outcomes).toEqual([
      { failureId: 'one', done: 'redriven' },
      { failureId: 'two', problem: 'It stays: row_gone' },
      { failureId: 'three', done: 'redriven' },
    ]);
  });
});

describe('Failures that are redriven page by page', () => {
  const failure = (failureId: string) => ({ failureId }) as Reply<'redrive-failures'>['redriven'][number];
  const first = {
    redriven: [failure('one')],
    left: [{ ...failure('two'), code: 'row_gone', because: 'Its row is gone' }],
    cursor: 'a',
  };
  const outcomes: Outcome[] = [
    { failureId: 'one', done: 'redriven' },
    { failureId: 'two', problem: 'Its row is gone' },
  ];

  it('are told of once all pages were', async () => {
    const told: (readonly Outcome[])[] = [];
    await redrivePages(
      async (cursor) => (cursor === undefined ? first : { redriven: [failure('three')], left: [] }),
      (settled) => told.push(settled),
    );
    expect(told).toEqual([[...outcomes, { failureId: 'three', done: 'redriven' }]]);
  });

  it('are told of where a later page fails, and so is the failure', async () => {
    const told: (readonly Outcome[])[] = [];
    const redriving = redrivePages(
      async (cursor) => {
        if (cursor !== undefined) throw new Error('busy');
        return first;
      },
      (settled) => told.push(settled),
    );
    await expect(redriving).rejects.toThrow('busy');
    expect(told).toEqual([outcomes]);
  });
});
