import type { DomainErrorCode, DomainErrorDetails } from '../domain/errors.ts';

/** What a refusal tells: for people who write clients. */
export interface ProblemCode {
  /** What it means. */
  readonly means: string;
  /** What to do next. */
  readonly next: string;
  /** An example, of the sample school: its title and its details. */
  readonly title: string;
  readonly details: DomainErrorDetails;
}

const ABSENT = 'Look the id up in the list that has it; sending the same again is of no use.';
const READ_AGAIN = 'Read it again, and decide anew.';
const REPAIR = 'Mend the fields that the details name, and send it again.';
const NONE_NEEDED = 'Nothing: what was wanted is so already.';

const HEART = { courseId: 'heart' };

/** Every code that a refusal can carry, by what it is about. */
export const PROBLEM_CODES: Readonly<Record<DomainErrorCode, ProblemCode>> = {
  invalid_request: {
    means:
      'A parameter, a header or the body does not have its form. The details name each field and its fault.',
    next: REPAIR,
    title: 'The request is not valid',
    details: { 'query.limit': 'Too big: expected number to be <=100' },
  },
  unauthenticated: {
    means: 'The token is not an access token of a person of this school.',
    next: 'Sign in anew, and send the access token, not the ID token.',
    title: 'The token is not an access token',
    details: {},
  },
  forbidden: {
    means: 'The operation is for the group `admin`, to which the caller does not belong.',
    next: 'Use an operation under /me, or ask who runs the school.',
    title: 'Only admins may do this',
    details: {},
  },
  course_unknown: {
    means: 'There is no course of this id.',
    next: ABSENT,
    title: 'There is no such course',
    details: { courseId: 'hearts' },
  },
  course_not_published: {
    means: 'The course is a draft, or was archived: nobody new gets in, and nothing in it counts.',
    next: 'Wait until an admin publishes it.',
    title: 'The course is not published.',
    details: { status: 'archived' },
  },
  course_closed: {
    means: 'One does not get into this course in this way.',
    next: "Go by the course's access: enroll (open), ask (request), or buy (paid); else an admin enrolls.",
    title: 'One cannot enroll oneself in this course.',
    details: { access: 'request' },
  },
  course_status_refused: {
    means: 'A course of this status cannot take the one asked for.',
    next: 'Read the course, and take a step that its status allows.',
    title: 'A course that is published cannot become draft.',
    details: { from: 'published', to: 'draft' },
  },
  course_empty: {
    means: 'The draft has no required item with a weight, so that nobody could ever complete it.',
    next: 'Put an outline with a required item, then publish.',
    title: 'A course needs a required item with a weight to be published.',
    details: {},
  },
  bank_too_small: {
    means: "An item of the outline asks for more questions than the course's bank has.",
    next: 'Put more questions, or let the item ask for fewer.',
    title: 'An item asks for more questions than the question bank has.',
    details: { itemId: 'drill', asked: 30, has: 3 },
  },
  chapter_unknown: {
    means: 'The outline in force has no such chapter.',
    next: 'Read the course again: its outline may have changed.',
    title: 'The published course has no such chapter.',
    details: { chapterId: 'rooms' },
  },
  item_unknown: {
    means: 'The outline in force has no such item, or one of another kind.',
    next: 'Read the course again: its outline may have changed.',
    title: 'The published course has no such video.',
    details: { itemId: 'valves-film', kind: 'video' },
  },
  not_enrolled: {
    means: 'The student is not, or no longer, in the course.',
    next: 'Enroll first.',
    title: 'You are not enrolled in this course',
    details: HEART,
  },
  attempt_unknown: {
    means: 'The student has no attempt of this id at the quiz.',
    next: ABSENT,
    title: 'There is no such attempt',
    details: { attemptId: 'second' },
  },
  attempt_conflict: {
    means: 'An attempt was handed in under this id before, with other answers. That one stands.',
    next: 'Take a new id for a new attempt.',
    title: 'This attempt was handed in with other answers.',
    details: { attemptId: 'first' },
  },
  attempts_exhausted: {
    means: 'The quiz was attempted as often as it may be.',
    next: 'Nothing: the best score stands. An admin may waive the item.',
    title: 'No attempt at this quiz is left.',
    details: { maxAttempts: 20 },
  },
  mark_conflict: {
    means: 'The attempt has a mark already, or another one than the caller saw.',
    next: 'Read the attempt, and send its version as ifVersion to replace the mark.',
    title: 'The attempt has changed, or was marked before.',
    details: { version: 2, score: 72 },
  },
  not_marked_by_hand: {
    means: 'The quiz is graded by its keys.',
    next: 'Nothing: the attempt has its score.',
    title: 'This quiz is graded by its keys',
    details: { quizId: 'valves-quiz' },
  },
  answers_invalid: {
    means: 'The answers are not to the questions of this quiz.',
    next: REPAIR,
    title: 'The quiz has no such question.',
    details: { 'body.answers.right': 'The quiz has no such question.' },
  },
  interval_invalid: {
    means: 'What was played lies outside the video, or ends before it begins.',
    next: REPAIR,
    title: 'An interval cannot end before it starts.',
    details: { 'body.intervals.0': 'An interval cannot end before it starts.' },
  },
  video_too_fragmented: {
    means: 'The video was watched in more pieces than are kept.',
    next: 'Send longer intervals, which join what was watched.',
    title: 'The video was watched in too many pieces to keep.',
    details: { most: 500, 'body.intervals': 'The video was watched in too many pieces to keep.' },
  },
  already_enrolled: {
    means: 'The student is in the course.',
    next: NONE_NEEDED,
    title: 'You are in this course already.',
    details: HEART,
  },
  request_unknown: {
    means: 'The student has not asked for this course, or has taken that back.',
    next: 'Read the requests again.',
    title: 'There is no such request.',
    details: {},
  },
  request_status_refused: {
    means: 'The request was decided already, otherwise.',
    next: READ_AGAIN,
    title: 'A request that is rejected cannot become approved.',
    details: { from: 'rejected', to: 'approved' },
  },
  student_unknown: {
    means: 'Nobody of this id has signed up.',
    next: ABSENT,
    title: 'There is no such student',
    details: { userId: 'dora' },
  },
  waiver_unknown: {
    means: 'No item was ever waived for this student here.',
    next: ABSENT,
    title: 'There is no such waiver.',
    details: { userId: 'ben', courseId: 'heart', itemId: 'valves-text' },
  },
  notification_unknown: {
    means: 'The caller was never told this.',
    next: ABSENT,
    title: 'There is no such notification',
    details: { notificationId: '2026-11-23T02:13:23.128Z.enrolled.ethics' },
  },
  certificate_unknown: {
    means: 'No certificate has this code: it is mistyped, or not genuine.',
    next: 'Compare it with the paper, letter by letter.',
    title: 'No certificate has this code',
    details: { code: '00000000000000000000000000' },
  },
  course_not_paid: {
    means: 'The course is not for sale.',
    next: "Get in by the course's access instead.",
    title: 'This course is not for sale.',
    details: { access: 'open' },
  },
  payment_unknown: {
    means: 'The event is of a payment that this school never asked for.',
    next: 'Look at what else sells on the same account of the provider.',
    title: 'There is no such payment.',
    details: { paymentId: 'xray' },
  },
  payment_conflict: {
    means: 'A payment of this id is of another course.',
    next: 'Take a new id for a new payment.',
    title: 'This payment id is of another course.',
    details: { courseId: 'imaging' },
  },
  payment_mismatch: {
    means: 'The event is of another sum or course than the payment. Nothing was taken for paid.',
    next: 'Compare the payment with the account of the provider.',
    title: 'The event is of another sum or course than the payment.',
    details: { paymentId: 'xray', differing: 'amount' },
  },
  question_unknown: {
    means: 'The bank of this course has no such question, or no such version of it.',
    next: ABSENT,
    title: 'The course has no such question',
    details: { questionId: 'suply' },
  },
  question_invalid: {
    means:
      'The question cannot be answered as it is: its key is none of its options, or two options are one.',
    next: REPAIR,
    title: 'The key is none of the options.',
    details: { 'body.key': 'The key is none of the options.' },
  },
  question_conflict: {
    means: 'An import has the same question twice. The first was taken.',
    next: 'Leave one of them away.',
    title: 'The import has this question twice.',
    details: { questionId: 'pacemaker' },
  },
  bank_full: {
    means: 'The bank has as many questions as a bank can have.',
    next: 'Revise questions instead of adding some.',
    title: 'The course has no room for another question.',
    details: { most: 10000 },
  },
  job_unknown: {
    means: 'There is no job of this id.',
    next: ABSENT,
    title: 'There is no such job.',
    details: { jobId: 'reconcile~in-may' },
  },
  job_running: {
    means: 'A job of the kind is on its way under another id.',
    next: 'Wait for its end, or stop it.',
    title: 'Such a job is on its way: wait for its end, or stop it',
    details: { jobId: 'reconcile~in-november' },
  },
  failure_unknown: {
    means: 'There is no such failure; what was settled is forgotten after a while.',
    next: ABSENT,
    title: 'There is no such failure',
    details: {},
  },
  failure_settled: {
    means: 'The record was redriven, or dropped, before.',
    next: NONE_NEEDED,
    title: 'This record was dropped already',
    details: { how: 'dropped' },
  },
  failure_not_redrivable: {
    means: 'Nothing lasting comes from this record: to see it once more would change nothing.',
    next: 'Drop it.',
    title: 'Nothing lasting is derived from this record',
    details: { table: 'analytics' },
  },
  row_gone: {
    means: 'The row that the record tells of is there no more.',
    next: 'Drop the failure; reconciliation sets right what was derived from the row.',
    title: 'The row of this record is there no more',
    details: { table: 'chapterCompletions' },
  },
  row_malformed: {
    means: 'The row still has the fault for which its record was set aside.',
    next: 'Mend the row, then redrive.',
    title: 'The row of this record is malformed still: mend it first',
    details: { table: 'chapterCompletions', wrong: 'version invalid_type' },
  },
  test_unknown: {
    means: 'The caller has no test of this id in the course.',
    next: ABSENT,
    title: 'You have no such test.',
    details: { testId: 'third' },
  },
  test_conflict: {
    means: 'A test of another kind was made under this id.',
    next: 'Take a new id for a new test.',
    title: 'Another test was started under this id.',
    details: { testId: 'second' },
  },
  test_closed: {
    means: 'The test was handed in, or its time is up.',
    next: 'Read the test: it has its score. Make another one.',
    title: 'The test takes no more answers.',
    details: { status: 'completed', closedAt: '2026-11-23T02:13:28.737Z' },
  },
  no_questions_left: {
    means: 'The bank has no question of the topics and the kind asked for.',
    next: 'Ask for other topics, or for any question.',
    title: 'The course has no question like that for you.',
    details: { from: 'unused' },
  },
  question_not_in_test: {
    means: 'The question is none of this test.',
    next: 'Read the test, and answer one of its questions.',
    title: 'The test does not have this question.',
    details: { questionId: 'murmur' },
  },
  option_unknown: {
    means: 'The question has no such option.',
    next: REPAIR,
    title: 'The question has no such option.',
    details: { 'body.optionId': 'The question has no such option.' },
  },
  answer_conflict: {
    means: 'Another choice was sent under this answerId.',
    next: 'Take a new answerId for a new choice.',
    title: 'Another answer came under this id.',
    details: { answerId: 'rhythm-1' },
  },
  answer_revealed: {
    means: 'The key of this question was shown to the student: the answer stands.',
    next: 'Nothing: show the solution.',
    title: 'The key was shown: the answer cannot be changed.',
    details: { optionId: 'sinoatrial-node' },
  },
  answers_exhausted: {
    means: 'The answer was changed as often as it may be.',
    next: 'Nothing: the last one stands.',
    title: 'The answer was changed too often.',
    details: { most: 50 },
  },
  signature_invalid: {
    means: 'The provider did not sign these bytes, or more than five minutes ago.',
    next: 'Send the bytes as they were signed, and compare the secrets on both sides.',
    title: 'The payment provider did not sign this, or too long ago',
    details: {},
  },
  provider_unavailable: {
    means: 'The payment provider does not answer. The payment is kept, and waits.',
    next: 'Send the same again in a while: it is the same payment.',
    title: 'The payment provider does not answer; please try again',
    details: {},
  },
  version_conflict: {
    means: 'Somebody else has changed it since the caller read it.',
    next: 'Read it again, bring the two changes together, and send the new version as ifVersion.',
    title: 'The course has changed since.',
    details: { version: 3 },
  },
  key_reused: {
    means: 'The Idempotency-Key was that of another command.',
    next: 'Take a new key for a new command.',
    title: 'The Idempotency-Key was that of another beat',
    details: { videoId: 'chambers-film' },
  },
  body_too_large: {
    means: 'The body has more than 256 kB.',
    next: 'Send less at once.',
    title: 'The body may have at most 262144 bytes',
    details: {},
  },
  busy: {
    means: 'Others write the same rows just now. Nothing was written.',
    next: 'Send the same again after the seconds that Retry-After tells.',
    title: 'Too much is going on at once; please try again',
    details: { reason: 'conflict', attempts: 10 },
  },
};
