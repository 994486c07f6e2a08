import { describe, expect, inject, it } from 'vitest';
import { matrixOn } from '../support/broken-school.ts';
import { reasons, redCells } from '../support/matrix-cells.ts';

describe('the matrix', () => {
  it.each(['once', 'twice'] as const)(
    'holds in every cell, with streams delivered %s',
    async (delivery) => {
      const cells = await matrixOn(inject('assembly'), { delivery });
      expect(redCells(cells), reasons(cells)).toEqual([]);
    },
    300_000,
  );
});
