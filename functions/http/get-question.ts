import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { AdminQuestionHistory } from '../../shared/contracts/qbank.ts';
import { QbankVersionRow } from '../../shared/contracts/qbank-rows.ts';
import { adminQuestionHistory } from '../../shared/contracts/question-view.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { type Named, questionVersionKey } from '../../shared/store/keys.ts';
import { queryAllRows } from '../../shared/store/pages.ts';
import { questionRow } from '../../shared/store/qbank-rows.ts';
import { existingQuestion, existingVersion } from '../../shared/store/question-commands.ts';
import { readFigures } from '../../shared/store/question-figures.ts';
import { readRow } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['qbankQuestions', 'qbankQuestionStatistics'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * A question with all its versions, keys included, and the statistics of each.
 *
 * Requests: Get of the question, Query of its versions, Query of its statistics; one more for each MB.
 */
export function getQuestion({ documents, tables }: Dependencies) {
  return ({
    params: { courseId, questionId },
  }: Call<(typeof operations)['get-question']>): Promise<AdminQuestionHistory> =>
    settle(async () => {
      const [row, rows, figuresOf] = await Promise.all([
        readRow(documents, questionRow(tables, courseId, questionId)),
        queryAllRows(documents, {
          table: tables.qbankQuestions,
          schema: QbankVersionRow,
          partition: ['courseId', courseId],
          sort: {
            attribute: 'part',
            from: questionVersionKey(courseId, questionId, 0).part,
            to: questionVersionKey(courseId, questionId, 999_999).part,
          },
          descending: true,
        }),
        readFigures(documents, tables, courseId, questionId),
      ]);
      const question = existingQuestion(questionId, row);
      // A revision may come between the reads; one that the question does not name yet is not shown yet.
      const versions = rows.filter(({ questionVersion }) => questionVersion <= question.questionVersion);
      const newest = existingVersion(
        versions.find(({ questionVersion }) => questionVersion === question.questionVersion),
      );
      return adminQuestionHistory(question, [newest, ...versions.slice(1)], (version) =>
        figuresOf({ ...version, optionIds: version.options.map(({ optionId }) => optionId) }),
      );
    });
}
