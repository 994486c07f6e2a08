import { isVoided } from '../domain/qbank-question.ts';
import type { BankQuestionState, QuestionVersionState } from '../domain/qbank-states.ts';
import type * as statistics from '../domain/qbank-statistics.ts';
import type { AdminQuestion, AdminQuestionHistory, QuestionFigures, QuestionTable } from './qbank.ts';

/** A question as admins see it, by what it asks as its newest version. */
export function adminQuestion(question: BankQuestionState, asks: QuestionVersionState): AdminQuestion {
  const { courseId, questionId, topic, difficulty, questionVersion, voids, version, updatedAt } = question;
  return {
    courseId,
    questionId,
    topic,
    difficulty,
    questionVersion,
    ...contentOf(asks),
    voids: Object.entries(voids)
      .map(([voided, { reason, voidedBy, voidedAt }]) => ({
        questionVersion: Number(voided),
        reason,
        voidedBy,
        voidedAt,
      }))
      .sort((one, other) => other.questionVersion - one.questionVersion),
    version,
    updatedAt,
  };
}

/**
 * A question with all its versions.
 *
 * @param versions the newest first
 */
export function adminQuestionHistory(
  question: BankQuestionState,
  versions: readonly [QuestionVersionState, ...QuestionVersionState[]],
  figuresOf: (version: QuestionVersionState) => statistics.QuestionFigures,
): AdminQuestionHistory {
  return {
    ...adminQuestion(question, versions[0]),
    versions: versions.map((version) => ({
      questionVersion: version.questionVersion,
      ...contentOf(version),
      since: version.updatedAt,
      voided: isVoided(question, version.questionVersion),
      figures: questionFigures(figuresOf(version)),
    })),
  };
}

/** Characters of a stem that a table shows. */
const BEGINNING = 160;

/** A question in the table of its bank. */
export function questionLine(
  question: BankQuestionState,
  asks: QuestionVersionState,
  figures: statistics.QuestionFigures,
): QuestionTable['questions'][number] {
  const { questionId, topic, difficulty, questionVersion, key } = question;
  return {
    questionId,
    topic,
    difficulty,
    questionVersion,
    // By characters, as half of a surrogate pair is none.
    stem: [...asks.stem].slice(0, BEGINNING).join(''),
    key,
    voided: isVoided(question, questionVersion),
    figures: questionFigures(figures),
  };
}

function contentOf({ stem, options, key, explanation }: QuestionVersionState) {
  return { stem, options: options.map(({ optionId, text }) => ({ optionId, text })), key, explanation };
}

function questionFigures(figures: statistics.QuestionFigures): QuestionFigures {
  return { ...figures, options: [...figures.options], flags: [...figures.flags] };
}
