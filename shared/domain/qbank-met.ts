import { equal, ownEntry } from './equal.ts';
import type { Meeting, MetState, TestQuestion, TestState } from './qbank-states.ts';
import { nextStamp, type Cause } from './stamp.ts';

/**
 * What becomes of a student's memory of a question when a test lets it be answered or shows its key. The first test
 * to do so is the one whose answer counts as a first attempt; one that shows the key later ends the changing of
 * answers in the first.
 *
 * @returns whether this test is the first, and the row where it changes
 */
export function meetQuestion(given: {
  readonly test: Pick<TestState, 'userId' | 'courseId' | 'testId'>;
  readonly question: TestQuestion;
  readonly met: MetState | undefined;
  readonly shows: boolean;
  readonly now: string;
  readonly cause: Cause;
}): { readonly first: boolean; readonly met?: MetState } {
  const { met, shows, now, cause } = given;
  const { userId, courseId, testId } = given.test;
  const { questionId, questionVersion } = given.question;
  const meeting = ownEntry(met?.versions ?? {}, String(questionVersion));
  const first = meeting === undefined || meeting.firstIn === testId;
  const next: Meeting = {
    firstIn: meeting?.firstIn ?? testId,
    ...(meeting?.shown === true || (shows && !first) ? { shown: true } : {}),
  };
  if (equal(next, meeting)) return { first };
  return {
    first,
    met: {
      ...met,
      userId,
      courseId,
      questionId,
      versions: { ...met?.versions, [String(questionVersion)]: next },
      ...nextStamp(met, now, cause),
    },
  };
}
