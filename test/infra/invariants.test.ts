import { describe, expect, inject, it } from 'vitest';
import { modelOf, readRaw } from './model.ts';
import { invariants } from './invariants.ts';

describe('the synthesised system', () => {
  const model = modelOf(readRaw(inject('assembly')));

  it.each(invariants.map(({ rule, check }) => [rule, check] as const))('%s', (_, check) => {
    expect(check(model)).toEqual([]);
  });
});
