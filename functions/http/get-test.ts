import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { TestPaper } from '../../shared/contracts/qbank.ts';
import { testView } from '../../shared/contracts/test-view.ts';
import { isVoided } from '../../shared/domain/qbank-question.ts';
import { shownQuestion } from '../../shared/domain/qbank-revealed.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { questionRow } from '../../shared/store/qbank-rows.ts';
import { answersOf, existingTest, testOf, testRows } from '../../shared/store/qbank-tests.ts';
import type { QuestionVersions } from '../../shared/store/question-versions.ts';
import { MalformedRow, readRows } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['qbankTests', 'qbankPapers', 'qbankQuestions', 'qbankQuestionAttempts'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly versions: QuestionVersions;
}

/**
 * A test with its questions, the answers in force, and what may be seen of what is right. Before it is opened no
 * question is shown: whoever reads them has started the clock.
 *
 * Requests: BatchGet of test and paper; of one that is opened Query of its answers, BatchGet of its questions, for what
 * is void, and one of their versions that were not seen yet.
 */
export function getTest({ documents, tables, versions }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId, testId },
  }: Call<(typeof operations)['get-test']>): Promise<TestPaper> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const name = { userId, courseId, testId };
      const test = existingTest(testOf(...(await readRows(documents, testRows(tables, name)))), testId);
      const questionCount = test.questions.length;
      if (test.startedAt === undefined) return { ...testView(test), questionCount, questions: [] };
      // After the test: the answers of one that has ended are then those that it was scored by.
      const [answers, asked, standing] = await Promise.all([
        answersOf(documents, tables, name),
        versions.of(courseId, test.questions),
        readRows(
          documents,
          test.questions.map(({ questionId }) => questionRow(tables, courseId, questionId)),
        ),
      ]);
      const byQuestion = new Map(answers.map((answer) => [answer.questionId, answer]));
      return {
        ...testView(test),
        questionCount,
        questions: test.questions.map(({ questionId, questionVersion, topic }, index) => {
          const version = asked[index];
          const question = standing[index];
          if (version === undefined) {
            throw new MalformedRow(tables.qbankQuestions, questionId, ['(missing version)']);
          }
          const voided = question !== undefined && isVoided(question, questionVersion);
          return { ...shownQuestion(test, version, byQuestion.get(questionId)), topic, voided };
        }),
      };
    });
}
