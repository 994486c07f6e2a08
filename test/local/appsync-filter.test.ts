import { describe, expect, it } from 'vitest';
import {
  passesArguments,
  passesFilter,
  SubscriptionFilter,
  toSubscriptionFilter,
} from '../../infra/local/appsync/appsync-filter.ts';

describe('an enhanced filter', () => {
  const row = { n: 5, s: 'hello', tags: ['a', 'b'], no: null, deep: { er: 1 } };

  it.each([
    ['eq', 'n', 5, 6],
    ['ne', 'n', 6, 5],
    ['le', 'n', 5, 4],
    ['lt', 'n', 6, 5],
    ['ge', 'n', 5, 6],
    ['gt', 'n', 4, 5],
    ['contains', 'tags', 'a', 'c'],
    ['contains', 's', 'ell', 'x'],
    ['notContains', 'tags', 'c', 'a'],
    ['beginsWith', 's', 'he', 'lo'],
    ['in', 'n', [4, 5], [6]],
    ['notIn', 'n', [6], [5]],
    ['between', 'n', [5, 9], [6, 9]],
    ['eq', 'deep.er', 1, 2],
    ['gt', 's', 'h', 'i'],
  ])('%s on %s passes %j and stops %j', (operator, field, good, bad) => {
    expect(passesFilter(toSubscriptionFilter({ [field]: { [operator]: good } }), row)).toBe(true);
    expect(passesFilter(toSubscriptionFilter({ [field]: { [operator]: bad } }), row)).toBe(false);
  });

  it.each(['le', 'lt', 'ge', 'gt'])('%s never holds between values of two kinds', (operator) => {
    expect(passesFilter(toSubscriptionFilter({ s: { [operator]: 5 } }), row)).toBe(false);
    expect(passesFilter(toSubscriptionFilter({ missing: { [operator]: 5 } }), row)).toBe(false);
  });

  it('has groups as alternatives, and all filters of a group have to hold', () => {
    const filter = toSubscriptionFilter({ or: [{ n: { eq: 5 }, s: { eq: 'x' } }, { s: { eq: 'hello' } }] });
    expect(filter.filterGroup.map(({ filters }) => filters.length)).toEqual([2, 1]);
    expect(passesFilter(filter, row)).toBe(true);
    expect(passesFilter(filter, { n: 5, s: 'y' })).toBe(false);
    expect(passesFilter(toSubscriptionFilter({ and: [{ n: { ge: 5 } }, { n: { le: 5 } }] }), row)).toBe(true);
  });

  it('leaves ignored fields out and adds the rules to every group', () => {
    const filter = toSubscriptionFilter({ n: { eq: 1 }, s: { eq: 'hello' } }, ['n'], { n: { eq: 5 } });
    expect(filter.filterGroup).toEqual([
      {
        filters: [
          { fieldName: 's', operator: 'eq', value: 'hello' },
          { fieldName: 'n', operator: 'eq', value: 5 },
        ],
      },
    ]);
  });

  it('without groups lets everything pass', () => {
    expect(passesFilter(toSubscriptionFilter({}), row)).toBe(true);
  });

  it('with an unknown operator is refused', () => {
    expect(() => toSubscriptionFilter({ n: { about: 5 } })).toThrow();
    const given = { filterGroup: [{ filters: [{ fieldName: 'n', operator: 'about', value: 1 }] }] };
    expect(SubscriptionFilter.safeParse(given).success).toBe(false);
  });
});

describe('arguments', () => {
  it('compare whole values: a number is not its text, a list is its members', () => {
    expect(passesArguments({ n: '5' }, { n: 5 })).toBe(false);
    expect(passesArguments({ l: [1, 2] }, { l: [1, 2] })).toBe(true);
    expect(passesArguments({ n: null }, {})).toBe(true);
    expect(passesArguments({ n: 1 }, null)).toBe(false);
  });
});
