import { expect, test } from 'vitest';
import {
  aggregateOfShard,
  amountsOf,
  findingOf,
  isSound,
  mendedShard,
  Sums,
} from '../../shared/domain/aggregate-sums.ts';
import { at, cause, stamp } from './builders.ts';

const shard = { scope: 'school', part: 'total#0', ...stamp };

test('sums are exact where a double is not', () => {
  const sums = new Sums();
  for (const amount of [2 ** 53, 1, 1n]) sums.add('a|b', [['squares', amount]]);
  const ledger = sums.byAggregate.get('a|b');
  expect(ledger?.get('squares')).toBe(2n ** 53n + 2n);
  const shards = new Map([['squares', 2n ** 53n + 1n]]);
  const finding = findingOf({ aggregate: 'a|b', ledger, shards, malformed: false });
  expect(finding?.lacks).toEqual(new Map([['squares', 1n]]));
});

test('zeros are nothing: an aggregate of zeros alone is neither missing nor orphaned', () => {
  const zeros = new Map([['attempts', 0n]]);
  const of = (ledger: typeof zeros | undefined, shards: typeof zeros | undefined) =>
    findingOf({ aggregate: 'school|total', ledger, shards, malformed: false })?.drift;
  const some = new Map([['attempts', 2n]]);
  expect([of(zeros, undefined), of(undefined, zeros), of(some, zeros), of(zeros, some)]).toEqual([
    undefined,
    undefined,
    'missing',
    'orphaned',
  ]);
});

test('a malformed shard is mended to what it counted as, and its version grows', () => {
  const { causedBy: _lost, ...rest } = {
    ...shard,
    attempts: 'many',
    passes: 1.5,
    cut: '000003',
    big: 2n ** 60n,
  };
  expect(isSound(rest)).toBe(false);
  const mended = mendedShard({ ...rest, version: 'two' }, at(1), cause);
  expect(isSound(mended)).toBe(true);
  expect(amountsOf(mended)).toEqual(amountsOf(rest));
  expect(mended).toMatchObject({ passes: 1n, cut: '000003', version: Date.parse(at(1)) + 1, ...cause });
  expect(mended).not.toHaveProperty('attempts');
});

test('a row whose part ends in no number is a shard of nothing', () => {
  expect(aggregateOfShard({ scope: 'school', part: 'day#2026-11-22#12' })).toBe('school|day#2026-11-22');
  expect(aggregateOfShard({ scope: 'school', part: 'total' })).toBeUndefined();
});
