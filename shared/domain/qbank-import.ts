import { DomainError, type DomainErrorCode, type DomainErrorDetails } from './errors.ts';
import type { CourseId, QuestionId } from './ids.ts';
import { putQuestion, type QuestionChange, type QuestionDecision } from './qbank-question.ts';
import type { BankQuestionState, BankState, QuestionVersionState } from './qbank-states.ts';
import type { Cause } from './stamp.ts';

/** What became of one question of an import. */
export type ImportOutcome = { readonly questionId: QuestionId } & (
  | { readonly outcome: 'created' | 'revised' | 'unchanged'; readonly questionVersion: number }
  | {
      readonly outcome: 'refused';
      readonly code: DomainErrorCode;
      readonly message: string;
      readonly details: DomainErrorDetails;
    }
);

/**
 * Puts many questions into a bank, each as `putQuestion` would: one that is refused does not hold up the others. A
 * question that comes twice is refused the second time.
 *
 * @param given.known the questions of the import that there are, with the row of their newest version
 * @returns an outcome for each change, in their order, and what to write; the rows of a question belong in one
 *   transaction, those of a new one together with the bank
 */
export function importQuestions(given: {
  readonly courseId: CourseId;
  readonly bank: BankState | undefined;
  readonly known: ReadonlyMap<
    QuestionId,
    { readonly question: BankQuestionState; readonly version: QuestionVersionState | undefined }
  >;
  readonly changes: readonly (QuestionChange & { readonly questionId: QuestionId })[];
  readonly now: string;
  readonly cause: Cause;
}): {
  readonly report: readonly ImportOutcome[];
  readonly bank: BankState | undefined;
  readonly decisions: readonly QuestionDecision[];
} {
  const { courseId, known, changes, now, cause } = given;
  let { bank } = given;
  const taken = new Set<QuestionId>();
  const report: ImportOutcome[] = [];
  const decisions: QuestionDecision[] = [];
  for (const { questionId, ...change } of changes) {
    const current = known.get(questionId);
    try {
      if (taken.has(questionId)) {
        throw new DomainError('question_conflict', 'The import has this question twice.', { questionId });
      }
      const decision = putQuestion({
        questionId,
        courseId,
        bank,
        question: current?.question,
        version: current?.version,
        change,
        now,
        cause,
      });
      taken.add(questionId);
      bank = decision.bank ?? bank;
      if (decision.question !== undefined) decisions.push(decision);
      report.push({ questionId, ...outcomeOf(decision, current?.question) });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const { code, message, details } = error;
      report.push({ questionId, outcome: 'refused', code, message, details });
    }
  }
  return { report, bank, decisions };
}

function outcomeOf({ question }: QuestionDecision, before: BankQuestionState | undefined) {
  const outcome: 'created' | 'revised' | 'unchanged' =
    question === undefined ? 'unchanged' : before === undefined ? 'created' : 'revised';
  return { outcome, questionVersion: (question ?? before)?.questionVersion ?? 0 };
}
