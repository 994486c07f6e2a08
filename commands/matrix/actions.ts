import type { ToldEvent } from '../../infra/local/payments/local-payments.ts';
import { bankCourseOf, courseOf, type Lab, type Learner } from './lab.ts';

/** What people do, over HTTP. */

export async function enrollDirectly({ api, courseId }: Learner): Promise<void> {
  await api.call('enroll-directly', { params: { courseId } });
}

export async function askForAccess({ api, courseId }: Learner): Promise<void> {
  await api.call('request-access', { params: { courseId }, body: {} });
}

export async function approve({ userId, courseId }: Learner, { admin }: Lab): Promise<void> {
  await admin.call('approve-request', { params: { userId, courseId } });
}

export async function reject({ userId, courseId }: Learner, { admin }: Lab): Promise<void> {
  await admin.call('reject-request', { params: { userId, courseId }, body: { reason: 'The class is full' } });
}

export async function enrollByAdmin({ userId, courseId }: Learner, { admin }: Lab): Promise<void> {
  await admin.call('enroll-student', { params: { userId, courseId } });
}

export async function unenrollByAdmin({ userId, courseId }: Learner, { admin }: Lab): Promise<void> {
  await admin.call('unenroll-student', { params: { userId, courseId } });
}

export async function completeChapter(chapterId: string, { api, courseId }: Learner): Promise<void> {
  await api.call('complete-chapter', { params: { courseId, chapterId } });
}

export async function watch(toSecond: number, { api, courseId }: Learner): Promise<void> {
  const params = { courseId, videoId: 'film' };
  await api.call('record-video-beat', { params, body: { intervals: [[0, toSecond]] } });
}

export async function handIn(quizId: string, answer: 'right' | 'wrong', learner: Learner): Promise<void> {
  const { api, courseId } = learner;
  const params = { courseId, quizId, attemptId: `${quizId}-${answer}` };
  await api.call('submit-quiz-attempt', { params, body: { answers: { one: answer } } });
}

export async function waive(itemId: string, { userId, courseId }: Learner, { admin }: Lab): Promise<void> {
  const params = { userId, courseId, itemId };
  await admin.call('waive-item', { params, body: { reason: 'It was read elsewhere' } });
}

export async function withdrawWaiver(
  itemId: string,
  { userId, courseId }: Learner,
  { admin }: Lab,
): Promise<void> {
  await admin.call('withdraw-waiver', { params: { userId, courseId, itemId } });
}

/** Of the one test of the question bank that a learner takes. */
export const TEST_ID = 'the-test';

/** A learner who is in an open course that is all practice: four questions of its bank. */
export async function practising(lab: Lab): Promise<Learner> {
  const learner = await lab.learner();
  const params = { courseId: learner.courseId };
  await lab.admin.call('import-questions', { params, body: { questions: BANK } });
  await lab.admin.call('put-course', { params, body: bankCourseOf(learner.courseId, BANK.length) });
  await lab.admin.call('set-course-status', { params, body: { status: 'published' } });
  await enrollDirectly(learner);
  return learner;
}

const BANK = ['q1', 'q2', 'q3', 'q4'].map((questionId) => ({
  questionId,
  // The test is of the first three.
  topic: questionId === 'q4' ? 'other' : 'tested',
  stem: 'Which is right?',
  options: [
    { optionId: 'right', text: 'This' },
    { optionId: 'wrong', text: 'That' },
  ],
  key: 'right',
}));

/** Makes the test; nothing is asked yet. */
export async function makeTest({ api, courseId }: Learner): Promise<void> {
  await api.call('start-test', {
    params: { courseId, testId: TEST_ID },
    body: { mode: 'timed', topics: ['tested'], count: 3 },
  });
}

export async function openTest({ api, courseId }: Learner): Promise<void> {
  await api.call('open-test', { params: { courseId, testId: TEST_ID } });
}

/** Makes a test and opens it. */
export async function startTest(learner: Learner): Promise<void> {
  await makeTest(learner);
  await openTest(learner);
}

export async function answerQuestion(
  questionId: string,
  optionId: 'right' | 'wrong',
  { api, courseId }: Learner,
): Promise<void> {
  const params = { courseId, testId: TEST_ID, questionId };
  await api.call('answer-question', { params, body: { optionId, answerId: `${questionId}-${optionId}` } });
}

export async function submitTest({ api, courseId }: Learner): Promise<void> {
  await api.call('submit-test', { params: { courseId, testId: TEST_ID } });
}

/** Of the one payment that a learner makes. */
export const PAYMENT_ID = 'the-payment';

/** Opens a checkout of the course; the payment is pending. Gives the provider's id, which ends the page's address. */
export async function openCheckout({ api, courseId }: Learner): Promise<string> {
  const { body } = await api.call('start-checkout', {
    params: { paymentId: PAYMENT_ID },
    body: { courseId, successUrl: 'https://school.example/paid', cancelUrl: 'https://school.example/back' },
  });
  const checkoutId = new URL(body.checkoutUrl ?? 'none:').pathname.split('/').at(-1);
  if (checkoutId === undefined || checkoutId === '') throw new Error('The payment has no checkout');
  return checkoutId;
}

/** Pays an open checkout at the provider, which then tells the school. */
export function pay(checkoutId: string, lab: Lab): Promise<void> {
  return told(lab.school.payments.complete(checkoutId));
}

export function refund(checkoutId: string, lab: Lab): Promise<void> {
  return told(lab.school.payments.refund(checkoutId));
}

export function letFail(checkoutId: string, lab: Lab): Promise<void> {
  return told(lab.school.payments.fail(checkoutId));
}

async function told(telling: Promise<ToldEvent>): Promise<void> {
  const { status } = await telling;
  if (status !== 200) throw new Error(`The school answered the payment provider with ${status}`);
}

/** Lets everybody into a course that had to be asked for. */
export async function openCourse({ courseId }: Learner, { admin }: Lab): Promise<void> {
  await admin.call('put-course', { params: { courseId }, body: courseOf(courseId, 'open') });
}

/** Sells a course that had to be asked for. */
export async function sellCourse({ courseId }: Learner, { admin }: Lab): Promise<void> {
  await admin.call('put-course', { params: { courseId }, body: courseOf(courseId, 'paid') });
}

/** A learner who waits to be let in. */
export async function asking(lab: Lab): Promise<Learner> {
  const learner = await lab.learner('request');
  await askForAccess(learner);
  return learner;
}

/** A learner who waits to be let into a course that has opened since. */
export async function askingForOpened(lab: Lab): Promise<Learner> {
  const learner = await asking(lab);
  await openCourse(learner, lab);
  return learner;
}

/** A learner who is in an open course. */
export async function studying(lab: Lab): Promise<Learner> {
  const learner = await lab.learner();
  await enrollDirectly(learner);
  return learner;
}
