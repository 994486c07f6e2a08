import type { QbankBankRow, QbankQuestionRow, QbankVersionRow } from '../contracts/qbank-rows.ts';
import { DomainError } from '../domain/errors.ts';
import type { CourseId, QuestionId, UserId } from '../domain/ids.ts';
import { importQuestions, type ImportOutcome } from '../domain/qbank-import.ts';
import { type QuestionChange, type QuestionDecision, voidQuestion } from '../domain/qbank-question.ts';
import type { Cause } from '../domain/stamp.ts';
import type { Documents } from './documents.ts';
import type { Named } from './keys.ts';
import { bankRow, questionRow, questionVersionRow } from './qbank-rows.ts';
import { readLists } from './read-lists.ts';
import { readRow, readRows } from './reads.ts';
import { settle } from './settle.ts';
import { absent, asRead, LARGEST_TRANSACTION, transact, type Write } from './transact.ts';
import { Unsettled } from './unsettled.ts';
import { voidJobWrites } from './void-job.ts';

type Bank = Named<'qbankQuestions'>;

/** The question's row. @throws DomainError question_unknown */
export function existingQuestion(
  questionId: QuestionId,
  question: QbankQuestionRow | undefined,
): QbankQuestionRow {
  if (question !== undefined) return question;
  throw new DomainError('question_unknown', 'The course has no such question', { questionId });
}

/**
 * The row of a version that its question names. Both are written in one transaction: where it is missing, the
 * question was read a moment later.
 *
 * @throws Unsettled
 */
export function existingVersion(version: QbankVersionRow | undefined): QbankVersionRow {
  if (version !== undefined) return version;
  throw new Unsettled('stale');
}

/**
 * Writes of a question that was decided on, in one transaction with those of the bank where it is new.
 *
 * @param read the question as it was read
 */
export function questionWrites(
  tables: Bank,
  read: QbankQuestionRow | undefined,
  { question, version }: QuestionDecision,
): Write[] {
  const table = tables.qbankQuestions;
  return [
    ...(question === undefined
      ? []
      : [{ kind: 'put', table, item: question, when: asRead(read, 'courseId') } as const]),
    ...(version === undefined
      ? []
      : [{ kind: 'put', table, item: version, when: absent('courseId') } as const]),
  ];
}

/** Writes of a bank that has got another question. `next` is undefined or as it was read where it has not. */
export function bankWrites(
  tables: Bank,
  read: QbankBankRow | undefined,
  next: QuestionDecision['bank'],
): Write[] {
  if (next === undefined || next === read) return [];
  return [{ kind: 'put', table: tables.qbankQuestions, item: next, when: asRead(read, 'courseId') }];
}

export type ImportedChange = QuestionChange & { readonly questionId: QuestionId };

/** So many questions fit into a transaction: each is two rows, and the bank is one more. */
const MOST_AT_ONCE = Math.floor((LARGEST_TRANSACTION - 1) / 2);

/**
 * Puts many questions into the bank of a course, by transactions of 49. Each is decided anew when something came
 * between, so that imports at once take different ordinals and lose nothing. An import that stops in between has put
 * whole questions; sent again, it finds them and goes on.
 *
 * Requests: for each 49 questions, BatchGet of bank and questions, BatchGet of their newest versions, TransactWrite.
 *
 * @param given.changes by their places in the import
 * @returns what became of each, by the same places
 * @throws DomainError busy
 */
export async function importInto(
  documents: Documents,
  tables: Bank,
  given: {
    readonly courseId: CourseId;
    readonly changes: ReadonlyMap<number, ImportedChange>;
    readonly now: string;
    readonly cause: Cause;
  },
): Promise<ReadonlyMap<number, ImportOutcome>> {
  const { changes, ...others } = given;
  const outcomes = new Map<number, ImportOutcome>();
  for (const places of placesAtOnce(changes)) {
    const some = places.flatMap((place) => changes.get(place) ?? []);
    const report = await importAtOnce(documents, tables, { ...others, changes: some });
    for (const [index, place] of places.entries()) {
      const outcome = report[index];
      if (outcome !== undefined) outcomes.set(place, outcome);
    }
  }
  return outcomes;
}

/** The places that belong into one transaction: one question comes in one only, so that it is seen to come twice. */
function placesAtOnce(changes: ReadonlyMap<number, ImportedChange>): number[][] {
  const placesOf = new Map<QuestionId, number[]>();
  for (const [place, { questionId }] of changes) {
    placesOf.set(questionId, [...(placesOf.get(questionId) ?? []), place]);
  }
  const places = [...placesOf.values()];
  return Array.from({ length: Math.ceil(places.length / MOST_AT_ONCE) }, (_, index) =>
    places.slice(index * MOST_AT_ONCE, (index + 1) * MOST_AT_ONCE).flat(),
  );
}

function importAtOnce(
  documents: Documents,
  tables: Bank,
  given: {
    readonly courseId: CourseId;
    readonly changes: readonly ImportedChange[];
    readonly now: string;
    readonly cause: Cause;
  },
): Promise<ImportOutcome[]> {
  const { courseId, changes, cause } = given;
  return settle(async () => {
    const { banks, questions } = await readLists(documents, {
      banks: [bankRow(tables, courseId)],
      questions: changes.map(({ questionId }) => questionRow(tables, courseId, questionId)),
    });
    const [bank] = banks;
    const found = new Map(questions.flatMap((row) => (row === undefined ? [] : [[row.questionId, row]])));
    const rows = [...found.values()];
    const versions = await readRows(
      documents,
      rows.map((row) => questionVersionRow(tables, courseId, row.questionId, row.questionVersion)),
    );
    const known = new Map(
      rows.map((question, index) => [
        question.questionId,
        { question, version: existingVersion(versions[index]) },
      ]),
    );
    const decided = importQuestions({ ...given, bank, known });
    await transact(documents, [
      ...bankWrites(tables, bank, decided.bank),
      ...decided.decisions.flatMap((decision) =>
        questionWrites(tables, decision.question && found.get(decision.question.questionId), decision),
      ),
    ]);
    return decided.report.map((outcome) => asDoneBy(cause, outcome, found.get(outcome.questionId)));
  });
}

/** What this very import has done already, only that nobody heard of it, is not what it found there. */
function asDoneBy(
  { causedBy }: Cause,
  outcome: ImportOutcome,
  question: QbankQuestionRow | undefined,
): ImportOutcome {
  if (outcome.outcome !== 'unchanged' || question?.causedBy !== causedBy) return outcome;
  return { ...outcome, outcome: question.version === 1 ? 'created' : 'revised' };
}

/**
 * Declares a version of a question void, or valid again, and starts the job that goes over what was answered.
 *
 * Requests: Get of the question and of what it asks; TransactWrite of the question, the job and its two segments.
 *
 * @param given.reason undefined: it is valid
 * @returns the question as it is then, and what it asks as its newest version
 * @throws DomainError question_unknown, busy
 */
export function setVoid(
  documents: Documents,
  tables: Bank & Named<'jobs'>,
  given: {
    readonly courseId: CourseId;
    readonly questionId: QuestionId;
    readonly questionVersion: number;
    readonly reason: string | undefined;
    /** The admin. */
    readonly by: UserId;
    readonly now: string;
    readonly cause: Cause;
  },
) {
  const { courseId, questionId, by: requestedBy, ...others } = given;
  return settle(async () => {
    const question = existingQuestion(
      questionId,
      await readRow(documents, questionRow(tables, courseId, questionId)),
    );
    const asks = existingVersion(
      await readRow(documents, questionVersionRow(tables, courseId, questionId, question.questionVersion)),
    );
    const decided = voidQuestion({ ...given, question });
    if (decided !== undefined) {
      await transact(documents, [
        ...questionWrites(tables, question, { question: decided }),
        ...voidJobWrites(tables, { ...others, question: decided, requestedBy }),
      ]);
    }
    return { question: decided ?? question, asks };
  });
}
