import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { AdminQuestion } from '../../shared/contracts/qbank.ts';
import { adminQuestion } from '../../shared/contracts/question-view.ts';
import { putQuestion as decide } from '../../shared/domain/qbank-question.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { bankRow, questionRow, questionVersionRow } from '../../shared/store/qbank-rows.ts';
import { bankWrites, existingVersion, questionWrites } from '../../shared/store/question-commands.ts';
import { readRow, readSnapshot } from '../../shared/store/reads.ts';
import { courseRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing } from '../../shared/store/study.ts';
import { commit } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'qbankQuestions'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Creates a question or revises it. Tests made before keep asking what they asked.
 *
 * Requests: TransactGet of course, bank and question; Get of the question's newest version; Put of the question, or
 * TransactWrite with the new version, and with the bank where the question is new.
 */
export function putQuestion({ documents, tables }: Dependencies) {
  return ({
    params: { courseId, questionId },
    body: change,
    cause,
    now,
  }: Call<(typeof operations)['put-question']>): Promise<AdminQuestion> =>
    settle(async () => {
      const [course, bank, question] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        bankRow(tables, courseId),
        questionRow(tables, courseId, questionId),
      ]);
      existing(courseId, course);
      const version =
        question &&
        existingVersion(
          await readRow(
            documents,
            questionVersionRow(tables, courseId, questionId, question.questionVersion),
          ),
        );
      const decided = decide({
        questionId,
        courseId,
        bank,
        question,
        version,
        change,
        now: now.toISOString(),
        cause,
      });
      await commit(documents, [
        ...bankWrites(tables, bank, decided.bank),
        ...questionWrites(tables, question, decided),
      ]);
      const next = decided.question ?? question;
      const asks = decided.version ?? version;
      if (next === undefined || asks === undefined) throw new Error('Putting a question left none');
      return adminQuestion(next, asks);
    });
}
