import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { QuestionTable } from '../../shared/contracts/qbank.ts';
import { questionLine } from '../../shared/contracts/question-view.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { questionVersionRow } from '../../shared/store/qbank-rows.ts';
import { existingVersion } from '../../shared/store/question-commands.ts';
import { readFigures } from '../../shared/store/question-figures.ts';
import { pageOfQuestions, questionPosition } from '../../shared/store/question-pages.ts';
import { questionsOf } from '../../shared/store/questions.ts';
import { readLists } from '../../shared/store/read-lists.ts';
import { courseRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing } from '../../shared/store/study.ts';

export const usedTables = ['courses', 'qbankQuestions', 'qbankQuestionStatistics'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/** What so many questions ask, and the course, fit into one BatchGet. */
const LARGEST_PAGE = 99;

/**
 * The questions of a course's bank as they stand, each with the figures of that version: by default what looks wrong
 * first, or by any figure.
 *
 * Requests a page: Query of the bank's questions, Query of its statistics, BatchGet of the course and of what the
 * page's questions ask; at most 99 questions. Each Query is one more for each MB, so they grow with the bank, not with
 * the school: any figure may be sorted by, and those of a bank of 10,000 questions are a few MB.
 */
export function getQuestionTable({ documents, tables }: Dependencies) {
  return ({
    params: { courseId },
    query: { sort, order, topic, limit, cursor },
  }: Call<(typeof operations)['get-question-table']>): Promise<QuestionTable> =>
    settle(async () => {
      const list = { courseId, sort, order, topic };
      const after = questionPosition(list, cursor);
      const [questions, figuresOf] = await Promise.all([
        questionsOf(documents, tables, courseId),
        readFigures(documents, tables, courseId),
      ]);
      const page = pageOfQuestions(
        questions.map((question) => ({ question, figures: figuresOf(question) })),
        list,
        { after, limit: Math.min(limit, LARGEST_PAGE) },
      );
      const { courses, versions } = await readLists(documents, {
        courses: [courseRow(tables, courseId)],
        versions: page.rows.map(({ question: { questionId, questionVersion } }) =>
          questionVersionRow(tables, courseId, questionId, questionVersion),
        ),
      });
      existing(courseId, courses[0]);
      return {
        courseId,
        total: page.total,
        questions: page.rows.map(({ question, figures }, index) =>
          questionLine(question, existingVersion(versions[index]), figures),
        ),
        ...(page.cursor !== undefined && { cursor: page.cursor }),
      };
    });
}
