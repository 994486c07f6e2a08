import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { AnswerView } from '../../shared/contracts/qbank.ts';
import { answerQuestion as decide } from '../../shared/domain/qbank-answer.ts';
import { isVoided } from '../../shared/domain/qbank-question.ts';
import { shownQuestion } from '../../shared/domain/qbank-revealed.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { meetingKey, type Named, testKey } from '../../shared/store/keys.ts';
import { answerRow, meetingRow, questionRow } from '../../shared/store/qbank-rows.ts';
import { answerPut, meetingPut, testOf, testPut, testRows } from '../../shared/store/qbank-tests.ts';
import type { QuestionVersions } from '../../shared/store/question-versions.ts';
import { readRows } from '../../shared/store/reads.ts';
import { settle } from '../../shared/store/settle.ts';
import { asRead, atVersion, commit, type Write } from '../../shared/store/transact.ts';

export const usedTables = [
  'qbankTests',
  'qbankPapers',
  'qbankQuestions',
  'qbankQuestionAttempts',
  'qbankMeetings',
] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly versions: QuestionVersions;
}

/**
 * Answers a question of a test, or answers it differently.
 *
 * Requests: BatchGet of test, paper, question, answer and what was met; BatchGet of a version of a question not seen
 * yet; TransactWrite of the answer and what changes with it, held to the test and what was met as they were read: a
 * test that is closed meanwhile, or another one that shows the key, makes it decide again.
 */
export function answerQuestion({ documents, tables, versions }: Dependencies) {
  return ({
    caller: { userId },
    params: { courseId, testId, questionId },
    body: { answerId, optionId, seconds },
    cause,
    now,
  }: Call<(typeof operations)['answer-question']>): Promise<AnswerView> =>
    settle(async () => {
      const name = { userId, courseId, testId };
      const [row, paper, question, answer, met] = await readRows(documents, [
        ...testRows(tables, name),
        questionRow(tables, courseId, questionId),
        answerRow(tables, name, questionId),
        meetingRow(tables, userId, courseId, questionId),
      ]);
      const test = testOf(row, paper);
      const asked = test?.questions.find((each) => each.questionId === questionId);
      const [version] = asked === undefined ? [] : await versions.of(courseId, [asked]);
      const decided = decide({
        test,
        version,
        voided: question !== undefined && asked !== undefined && isVoided(question, asked.questionVersion),
        answer,
        met,
        command: { questionId, optionId, answerId, seconds },
        now: now.toISOString(),
        cause,
      });
      if (test === undefined || version === undefined) throw new Error('What was decided on is not there');
      const { standing } = decided;
      if (decided.answer !== undefined) {
        const testHolds: Write =
          decided.test === undefined
            ? {
                kind: 'check',
                table: tables.qbankTests,
                key: testKey(userId, courseId, testId),
                when: atVersion(test.version),
              }
            : testPut(tables, test, decided.test);
        const metHolds: Write =
          decided.met === undefined
            ? {
                kind: 'check',
                table: tables.qbankMeetings,
                key: meetingKey(userId, courseId, questionId),
                when: asRead(met, 'userId'),
              }
            : meetingPut(tables, met, decided.met);
        await commit(documents, [answerPut(tables, answer, decided.answer), testHolds, metHolds]);
      }
      const { solution } = shownQuestion(decided.test ?? test, version, standing);
      return {
        courseId,
        testId,
        questionId,
        answerId: standing.answerIds.at(-1) ?? answerId,
        optionId: standing.optionId,
        seconds: standing.seconds,
        changes: standing.changes,
        solution,
        version: standing.version,
      };
    });
}
