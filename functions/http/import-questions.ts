import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { QuestionId } from '../../shared/contracts/fields.ts';
import { ImportedQuestion, type ImportReport } from '../../shared/contracts/qbank.ts';
import { DomainError, type DomainErrorDetails } from '../../shared/domain/errors.ts';
import type { ImportOutcome } from '../../shared/domain/qbank-import.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { parsePart } from '../../shared/runtime/http-request.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { type ImportedChange, importInto } from '../../shared/store/question-commands.ts';
import { readRow } from '../../shared/store/reads.ts';
import { courseRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing } from '../../shared/store/study.ts';

export const usedTables = ['courses', 'qbankQuestions'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

type ReportLine = ImportReport['questions'][number];

/**
 * Puts many questions into a course's bank. One that is malformed or refused is reported, and holds up no other. When
 * it fails in between, it can be sent again as it is.
 *
 * Requests: Get of the course; for each 49 questions, BatchGet of bank and questions, BatchGet of their newest
 * versions, TransactWrite of what changed.
 */
export function importQuestions({ documents, tables }: Dependencies) {
  return async ({
    params: { courseId },
    body: { questions },
    cause,
    now,
  }: Call<(typeof operations)['import-questions']>): Promise<ImportReport> => {
    existing(courseId, await settle(() => readRow(documents, courseRow(tables, courseId))));
    const malformed = new Map<number, ReportLine>();
    const changes = new Map<number, ImportedChange>();
    for (const [place, question] of questions.entries()) {
      try {
        changes.set(place, parsePart(fieldOf(place), ImportedQuestion, question));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        const { code, message, details } = error;
        const questionId = questionIdOf(question);
        malformed.set(place, { questionId, outcome: 'refused', code, message, details });
      }
    }
    const outcomes = await importInto(documents, tables, {
      courseId,
      changes,
      now: now.toISOString(),
      cause,
    });
    const report = questions.map((_, place) => malformed.get(place) ?? lineOf(place, outcomes.get(place)));
    const count = (outcome: ReportLine['outcome']) =>
      report.filter((line) => line.outcome === outcome).length;
    return {
      created: count('created'),
      revised: count('revised'),
      unchanged: count('unchanged'),
      refused: count('refused'),
      questions: report,
    };
  };
}

function fieldOf(place: number): `body.${string}` {
  return `body.questions.${place}`;
}

/** The id of a question that is otherwise malformed; null where that is too. */
function questionIdOf(question: unknown): string | null {
  const parsed = z.safeParse(z.looseObject({ questionId: QuestionId }), question);
  return parsed.success ? parsed.data.questionId : null;
}

function lineOf(place: number, outcome: ImportOutcome | undefined): ReportLine {
  if (outcome === undefined) throw new Error('A question of an import had no outcome');
  if (outcome.outcome !== 'refused') return outcome;
  return { ...outcome, details: placed(place, outcome.message, outcome.details) };
}

/** The domain knows a question's fields by their names; the report tells their places in the request. */
function placed(place: number, message: string, { field, ...facts }: DomainErrorDetails): DomainErrorDetails {
  return field === undefined ? facts : { ...facts, [`${fieldOf(place)}.${field}`]: message };
}
