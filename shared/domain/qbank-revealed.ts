import type { OptionId, QuestionId } from './ids.ts';
import type { AnswerState, QuestionVersionState, TestState } from './qbank-states.ts';

/**
 * Whether the student may see what is right: of a completed test always, in tutor mode once the question is answered.
 * While it is not, neither key, explanation, nor whether an answer is right may be told, in whatever reply.
 */
export function revealed(test: Pick<TestState, 'status' | 'wish'>, answer: AnswerState | undefined): boolean {
  if (test.status === 'completed') return true;
  return test.wish.mode === 'tutor' && answer !== undefined;
}

/** A question of a test as its student may see it now. */
export type ShownQuestion = {
  readonly questionId: QuestionId;
  readonly questionVersion: number;
  readonly stem: string;
  readonly options: { readonly optionId: OptionId; readonly text: string }[];
  readonly answer: { readonly optionId: OptionId; readonly seconds: number; readonly version: number } | null;
  /** Null until it may be seen. */
  readonly solution: {
    readonly key: OptionId;
    readonly explanation: string;
    /** Null where nothing was answered. */
    readonly correct: boolean | null;
  } | null;
};

export function shownQuestion(
  test: Pick<TestState, 'status' | 'wish'>,
  { questionId, questionVersion, stem, options, key, explanation }: QuestionVersionState,
  answer: AnswerState | undefined,
): ShownQuestion {
  return {
    questionId,
    questionVersion,
    stem,
    options: options.map(({ optionId, text }) => ({ optionId, text })),
    answer:
      answer === undefined
        ? null
        : { optionId: answer.optionId, seconds: answer.seconds, version: answer.version },
    solution: revealed(test, answer) ? { key, explanation, correct: answer?.correct ?? null } : null,
  };
}
