import { setTimeout as sleep } from 'node:timers/promises';
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { School } from '../../commands/school.ts';
import type { TestSchool } from '../support/school.ts';
import { fillBank, question } from '../support/bank.ts';
import { practising, rightAnswers } from '../support/courses.ts';
import { ended } from '../support/jobs.ts';

/** What the pages for operating a school show, brought about as it comes about: by people, and by rows that are wrong. */

/** A job that is told to skip the last second leaves alone what is no older. */
export const QUIET_SECONDS = 1;

/** Until what was written last is old enough for a job to look at it. */
export const settled = () => sleep(1000 * QUIET_SECONDS + 100);

/** Writes a wrong percentage straight into somebody's progress, which no request and no stream mends. */
export async function damageProgress(
  { documents }: School,
  key: { readonly userId: string; readonly courseId: string },
  percent: number,
): Promise<void> {
  await documents.send(
    new UpdateCommand({
      TableName: 'studentProgress',
      Key: key,
      UpdateExpression: 'SET totalProgress = :wrong',
      ConditionExpression: 'attribute_exists(userId)',
      ExpressionAttributeValues: { ':wrong': percent },
    }),
  );
}

/** Somebody's completion of a chapter, in a row that is whole, or that nobody can read. */
export async function putCompletion(
  { documents }: School,
  of: { readonly userId: string; readonly courseId: string; readonly chapterId: string },
  how: 'whole' | 'malformed',
): Promise<void> {
  const { userId, courseId, chapterId } = of;
  const at = '2026-01-01T00:00:00.000Z';
  const whole = { completedAt: at, updatedAt: at, causedBy: 'import', causedAt: at };
  const Item = {
    userId,
    completion: `${courseId}#${chapterId}`,
    courseId,
    chapterId,
    ...(how === 'whole' ? { ...whole, version: 2 } : { version: 'one' }),
  };
  await documents.send(new PutCommand({ TableName: 'chapterCompletions', Item }));
}

export const PRACTICE = 'practice';
const QUESTIONS = ['q1', 'q2', 'q3'] as const;

/**
 * A course whose questions several people have answered in tests that are handed in, the ones better than the others, so
 * that it is known of each question how it does.
 */
export async function practised(school: TestSchool, people: readonly string[]): Promise<void> {
  const admin = await school.admin();
  const params = { courseId: PRACTICE };
  await admin.call('put-course', { params, body: practising(QUESTIONS.length) });
  await fillBank(
    admin,
    PRACTICE,
    QUESTIONS.map((questionId) => question(questionId)),
  );
  await admin.call('set-course-status', { params, body: { status: 'published' } });
  for (const [able, userId] of people.entries()) {
    const student = await school.student(userId);
    await student.call('enroll-directly', { params });
    await student.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
    const test = { ...params, testId: 'first' };
    await student.call('start-test', { params: test, body: { mode: 'timed', count: QUESTIONS.length } });
    for (const [index, questionId] of QUESTIONS.entries()) {
      const body = { optionId: index < able ? 'a' : 'b', answerId: `${questionId}-only` };
      await student.call('answer-question', { params: { ...test, questionId }, body });
    }
    await student.call('submit-test', { params: test });
  }
  await school.quiet();
}

/** A school in which each page has something to show: lists that are not empty, and plots with points. */
export async function seedPages(school: TestSchool, courseId: string): Promise<void> {
  const admin = await school.admin();
  await practised(school, ['ada', 'ben', 'cyn', 'dan']);
  const student = await school.student('ada');
  const params = { courseId };
  await student.call('enroll-directly', { params });
  await student.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
  const attempt = { ...params, quizId: 'quiz', attemptId: 'first' };
  await student.call('submit-quiz-attempt', { params: attempt, body: rightAnswers });
  await school.quiet();
  await damageProgress(school, { userId: 'ada', courseId }, 90);
  await settled();
  const jobId = 'reconcile~seeded';
  await admin.call('start-job', {
    params: { jobId },
    body: { kind: 'reconcile', repair: false, quietSeconds: QUIET_SECONDS },
  });
  await ended(school, admin, jobId);
  await putCompletion(school, { userId: 'stranger', courseId, chapterId: 'read' }, 'malformed');
  await school.quiet();
  await school.stack.schedules.fireNow('lockstep-measure-health');
  await school.quiet();
}
