import { describe, expect, inject, it } from 'vitest';
import { flowDamages } from './damages-flow.ts';
import { safetyDamages } from './damages-safety.ts';
import { damaged, modelOf, readRaw } from './model.ts';

describe('the checkers of the template', () => {
  const raw = readRaw(inject('assembly'));

  it.each([...flowDamages, ...safetyDamages].map((each) => [each.what, each] as const))(
    'report %s',
    (_, { check, damage, found }) => {
      expect(check(modelOf(raw))).toEqual([]);
      expect(check(damaged(raw, damage)).join('\n')).toContain(found);
    },
  );
});
