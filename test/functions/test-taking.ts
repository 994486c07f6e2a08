import type * as z from 'zod';
import { closeTests } from '../../functions/scheduled/close-tests.ts';
import type { AnswerDraft, TestDraft } from '../../shared/contracts/qbank.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import { fillBank, question } from '../support/bank.ts';
import { publish, threeChapters } from '../support/courses.ts';
import type { HttpSchool } from './http-school.ts';

/** A course `c` with the questions q1 to q4, and the student ann in it. */
export async function openBank(school: HttpSchool): Promise<void> {
  await publish(school.admin, 'c', threeChapters());
  await fillBank(school.admin, 'c', [
    question('q1'),
    question('q2'),
    question('q3', { topic: 'lung' }),
    question('q4', { topic: 'lung' }),
  ]);
  await school.student('ann').call('enroll-directly', { params: { courseId: 'c' } });
}

const test = (testId: string) => ({ courseId: 'c', testId });

/** What students, ann if nobody else is named, and the clock do with tests of that bank. */
export function testTaking(schoolNow: () => HttpSchool) {
  const student = (who = 'ann') => schoolNow().student(who);
  return {
    start: (testId: string, body: Partial<z.input<typeof TestDraft>> = {}, who = 'ann') =>
      student(who).call('start-test', { params: test(testId), body: { mode: 'timed', count: 3, ...body } }),
    answer(
      testId: string,
      questionId: string,
      optionId: string,
      { who = 'ann', ...more }: Partial<z.input<typeof AnswerDraft>> & { who?: string } = {},
    ) {
      return student(who).call('answer-question', {
        params: { ...test(testId), questionId },
        body: { optionId, answerId: `${questionId}-${optionId}`, seconds: 5, ...more },
      });
    },
    submit: (testId: string) => student().call('submit-test', { params: test(testId) }),
    open: (testId: string) => student().call('open-test', { params: test(testId) }),
    paper: async (testId: string) => (await student().call('get-test', { params: test(testId) })).body,
    /** One run of the schedule. */
    sweep(clock = () => schoolNow().now) {
      const { documents, tables } = schoolNow().db;
      return closeTests({ documents, tables, clock, logger: silentLog })({}, { awsRequestId: 'sweep' });
    },
  };
}
