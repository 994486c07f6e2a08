import type { TopicId } from '../../shared/domain/ids.ts';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bitmapWith } from '../../shared/domain/qbank-bitmap.ts';
import { selectQuestions } from '../../shared/domain/qbank-selection.ts';
import type { BankQuestionState } from '../../shared/domain/qbank-states.ts';
import { id, START } from './builders.ts';
import { bankQuestion } from './qbank-builders.ts';

const never = { seen: '', solved: '' };
const bank = ['heart', 'heart', 'lung', 'lung', 'skin'].map((topic, ordinal) =>
  bankQuestion(`q${ordinal}`, { topic: id<TopicId>(topic), ordinal }),
);

function chosen(
  wish: Partial<Parameters<typeof selectQuestions>[2]>,
  history = never,
  questions: readonly BankQuestionState[] = bank,
): string[] {
  return selectQuestions(questions, history, { topics: [], count: 80, from: 'all', ...wish }, () => 0).map(
    ({ questionId }) => questionId,
  );
}

describe('the questions of a test', () => {
  test('are of the topics wished for, or of all', () => {
    expect(chosen({ topics: [id('lung'), id('skin')] })).toEqual(['q2', 'q3', 'q4']);
    expect(chosen({})).toHaveLength(5);
  });

  test('are unused where they were never seen, incorrect where they were seen and never solved', () => {
    const history = { seen: bitmapWith([0, 2, 3]), solved: bitmapWith([2]) };
    expect(chosen({ from: 'unused' }, history)).toEqual(['q1', 'q4']);
    expect(chosen({ from: 'incorrect' }, history)).toEqual(['q0', 'q3']);
    expect(chosen({ from: 'all' }, history)).toHaveLength(5);
  });

  test('are not those whose newest version is void', () => {
    const why = { reason: 'wrong key', voidedBy: id<never>('admin'), voidedAt: START };
    const questions = [
      bankQuestion('void', { voids: { 1: why } }),
      bankQuestion('mended', { voids: { 1: why }, questionVersion: 2 }),
    ];
    expect(chosen({}, never, questions)).toEqual(['mended']);
  });

  test('are taken at the version they have now', () => {
    const questions = [bankQuestion('q', { questionVersion: 4, ordinal: 9, topic: id<TopicId>('skin') })];
    expect(selectQuestions(questions, never, { topics: [], count: 1, from: 'all' }, () => 0)).toEqual([
      { questionId: 'q', questionVersion: 4, ordinal: 9, topic: 'skin' },
    ]);
  });

  test('are as many as wished for, or all there are, none twice', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.infiniteStream(fc.nat()), (count, stream) => {
        const draw = (below: number): number => Number(stream.next().value) % below;
        const drawn = selectQuestions(bank, never, { topics: [], count, from: 'all' }, draw);
        expect(drawn).toHaveLength(Math.min(count, 5));
        expect(new Set(drawn.map(({ questionId }) => questionId)).size).toBe(drawn.length);
      }),
    );
  });

  test('come in every choice and order equally often: each row of draws leads to another', () => {
    const rows = [0, 1, 2, 3, 4].flatMap((one) =>
      [0, 1, 2, 3].flatMap((two) => [0, 1, 2].map((three) => [one, two, three])),
    );
    const choices = rows.map((row) => {
      const bounds: number[] = [];
      const draw = (below: number): number => row[bounds.push(below) - 1] ?? -1;
      const drawn = selectQuestions(bank, never, { topics: [], count: 3, from: 'all' }, draw);
      expect(bounds).toEqual([5, 4, 3]);
      return drawn.map(({ questionId }) => questionId).join();
    });
    expect(new Set(choices).size).toBe(5 * 4 * 3);
  });
});
