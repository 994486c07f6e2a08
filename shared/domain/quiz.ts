import type { Question, Quiz } from './course.ts';
import { equal, ownEntry } from './equal.ts';
import { DomainError } from './errors.ts';
import type { AttemptId, CourseId, OptionId, QuestionId, UserId } from './ids.ts';
import { nextStamp, type Cause } from './stamp.ts';
import type { AttemptState } from './states.ts';

export type Answers = Readonly<Record<QuestionId, OptionId>>;

/**
 * The score of 0 to 100 with two decimals: the share of questions answered as the key says; blanks are wrong.
 * Throws DomainError answers_invalid; details.field names the answer.
 */
export function grade(questions: readonly Question[], answers: Answers): number {
  for (const [questionId, optionId] of Object.entries(answers)) {
    const question = questions.find((each) => each.questionId === questionId);
    const field = `answers.${questionId}`;
    if (question === undefined) {
      throw new DomainError('answers_invalid', 'The quiz has no such question.', { field });
    }
    if (!question.options.some((option) => option.optionId === optionId)) {
      throw new DomainError('answers_invalid', 'The question has no such option.', { field });
    }
  }
  if (questions.length === 0) return 0;
  const right = questions.filter(
    (question) => ownEntry<OptionId>(answers, question.questionId) === question.key,
  );
  return Math.round((10_000 * right.length) / questions.length) / 100;
}

function scoreOf(quiz: Quiz, answers: Answers | undefined): number | null {
  if (quiz.marking.by === 'hand') {
    if (answers === undefined) return null;
    throw new DomainError('answers_invalid', 'This quiz is marked by hand and takes no answers.', {
      field: 'answers',
    });
  }
  if (answers === undefined) {
    throw new DomainError('answers_invalid', 'This quiz takes answers.', { field: 'answers' });
  }
  return grade(quiz.marking.questions, answers);
}

/**
 * Hands in an attempt. `attempts` are all attempts of this learner at this quiz. An attemptId that is known,
 * with the same answers, is `repeated` and stays as it is, whatever has become of the quiz since.
 * Throws DomainError attempt_conflict, attempts_exhausted, answers_invalid.
 */
export function nextAttempt<A extends AttemptState>(submission: {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly quiz: Quiz;
  readonly attempts: readonly A[];
  readonly attemptId: AttemptId;
  readonly answers?: Answers | undefined;
  readonly now: string;
  readonly cause: Cause;
}):
  | { readonly attempt: AttemptState; readonly repeated?: undefined }
  | { readonly attempt?: undefined; readonly repeated: A } {
  const { quiz, attempts, attemptId, answers, now } = submission;
  const same = attempts.find((attempt) => attempt.attemptId === attemptId);
  if (same !== undefined) {
    if (equal(same.answers, answers)) return { repeated: same };
    throw new DomainError('attempt_conflict', 'This attempt was handed in with other answers.', {
      attemptId,
    });
  }
  const number = attempts.reduce((greatest, attempt) => Math.max(greatest, attempt.number), 0) + 1;
  if (number > quiz.maxAttempts) {
    throw new DomainError('attempts_exhausted', 'No attempt at this quiz is left.', {
      maxAttempts: quiz.maxAttempts,
    });
  }
  const score = scoreOf(quiz, answers);
  return {
    attempt: {
      userId: submission.userId,
      courseId: submission.courseId,
      quizId: quiz.itemId,
      number,
      attemptId,
      ...(answers === undefined ? {} : { answers }),
      score,
      passMark: quiz.passMark,
      submittedAt: now,
      ...nextStamp(undefined, now, submission.cause),
    },
  };
}

/**
 * Marks an attempt by hand; undefined where it has that score already. The first mark needs no `ifVersion`,
 * another one the version of the attempt that it replaces.
 * Throws DomainError mark_conflict with the version in force.
 */
export function markAttempt<A extends AttemptState>(
  attempt: A,
  mark: { readonly score: number; readonly ifVersion?: number | undefined },
  now: string,
  by: UserId,
  cause: Cause,
): (A & { readonly score: number }) | undefined {
  if (attempt.score === mark.score) return undefined;
  const expected = attempt.score === null ? (mark.ifVersion ?? attempt.version) : mark.ifVersion;
  if (expected !== attempt.version) {
    throw new DomainError('mark_conflict', 'The attempt has changed, or was marked before.', {
      version: attempt.version,
      score: attempt.score,
    });
  }
  return { ...attempt, score: mark.score, markedAt: now, markedBy: by, ...nextStamp(attempt, now, cause) };
}

/**
 * How often a quiz was handed in, of its attempts by number. Numbers are given once, so the greatest counts them all,
 * one too that has not been projected yet.
 */
export function attemptCount(attempts: Readonly<Record<string, unknown>>): number {
  return Object.keys(attempts).reduce((greatest, number) => Math.max(greatest, Number(number)), 0);
}

/** The greatest score, or null while nothing is marked. */
export function bestScore(attempts: Iterable<{ readonly score: number | null }>): number | null {
  let best: number | null = null;
  for (const { score } of attempts) if (score !== null && (best === null || score > best)) best = score;
  return best;
}

/** Whether the score reaches the pass mark; null while there is no score. */
export function passed(score: number | null, passMark: number): boolean | null {
  return score === null ? null : score >= passMark;
}
