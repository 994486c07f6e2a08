import { ordinalsOf, type Bitmap } from './qbank-bitmap.ts';
import { isVoided } from './qbank-question.ts';
import type { BankQuestionState, TestQuestion, TestWish } from './qbank-states.ts';

/** A whole number from 0, less than `below`, each as likely as the others. */
export type Draw = (below: number) => number;

/** What a student has met, as sets of ordinals. */
export interface BankHistory {
  /** Answered, or part of a completed test. */
  readonly seen: Bitmap;
  /** Answered right in a completed test. */
  readonly solved: Bitmap;
}

/** Whether the wish may be met with a question of this ordinal. `incorrect`: seen, and never solved. */
function admits({ seen, solved }: BankHistory): (from: TestWish['from'], ordinal: number) => boolean {
  const [seenOnes, solvedOnes] = [new Set(ordinalsOf(seen)), new Set(ordinalsOf(solved))];
  return (from, ordinal) => {
    switch (from) {
      case 'unused':
        return !seenOnes.has(ordinal);
      case 'incorrect':
        return seenOnes.has(ordinal) && !solvedOnes.has(ordinal);
      case 'all':
        return true;
    }
  };
}

/**
 * Draws the questions of a test in random order, every choice and order being as likely as any other: those the
 * wish admits and whose newest version is not void. Fewer than `count` where there are not more, maybe none.
 *
 * @param questions a course's bank, each question once
 * @param draw called at most `count` times
 */
export function selectQuestions(
  questions: readonly BankQuestionState[],
  history: BankHistory,
  { topics, count, from }: Pick<TestWish, 'topics' | 'count' | 'from'>,
  draw: Draw,
): TestQuestion[] {
  const admitted = admits(history);
  const left = questions
    .filter(
      (question) =>
        !isVoided(question, question.questionVersion) &&
        (topics.length === 0 || topics.includes(question.topic)) &&
        admitted(from, question.ordinal),
    )
    .map(({ questionId, questionVersion, ordinal, topic }) => ({
      questionId,
      questionVersion,
      ordinal,
      topic,
    }));
  const drawn: TestQuestion[] = [];
  while (drawn.length < count && left.length > 0) drawn.push(...left.splice(draw(left.length), 1));
  return drawn;
}
