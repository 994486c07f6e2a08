import { describe, expect, inject, it } from 'vitest';
import { matrixOn } from '../support/broken-school.ts';
import { cellsLike, NOT_YET, reasons, redCells } from '../support/matrix-cells.ts';

describe('the matrix', () => {
  it.each(['once', 'twice'] as const)(
    'holds in every cell that does not need the question bank, with streams delivered %s',
    async (delivery) => {
      const expected = cellsLike(...NOT_YET);
      const cells = await matrixOn(inject('assembly'), { delivery });
      expect(redCells(cells), reasons(cells)).toEqual(expected);
    },
    300_000,
  );
});
