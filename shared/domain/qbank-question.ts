import { equal } from './equal.ts';
import { DomainError } from './errors.ts';
import type { CourseId, QuestionId, TopicId, UserId } from './ids.ts';
import type {
  BankQuestionState,
  BankState,
  Difficulty,
  QuestionContent,
  QuestionVersionState,
} from './qbank-states.ts';
import { nextStamp, type Cause } from './stamp.ts';

/** So that a bitmap of a bank stays within 2 KB. */
export const MOST_QUESTIONS_OF_A_BANK = 10_000;

/** The parts of a course's bank: the bank itself, a question as it stands, and what it asks as a version. */
export const BANK_PART = 'bank';

/** What the parts of questions begin with. */
export const OF_QUESTIONS = 'question#';

export function questionPart(questionId: QuestionId): string {
  return `${OF_QUESTIONS}${questionId}`;
}

export function versionPart(questionId: QuestionId, version: number): string {
  return `version#${questionId}#${String(version).padStart(6, '0')}`;
}

/** Whether what is answered at that version counts no more. */
export function isVoided(question: Pick<BankQuestionState, 'voids'>, questionVersion: number): boolean {
  return Object.hasOwn(question.voids, String(questionVersion));
}

export type QuestionChange = QuestionContent & {
  readonly topic: TopicId;
  readonly difficulty: Difficulty;
  /** Of the question's row; 0: there must be none. */
  readonly ifVersion?: number | undefined;
};

/** The rows to write; an absent row stays as it is, and none at all means that nothing changed. */
export type QuestionDecision = {
  readonly bank?: BankState;
  readonly question?: BankQuestionState;
  readonly version?: QuestionVersionState;
};

function refuseContent({ options, key }: QuestionContent): void {
  const refuse = (field: string, message: string): never => {
    throw new DomainError('question_invalid', message, { field });
  };
  const ids = options.map(({ optionId }) => optionId);
  if (ids.length < 2 || ids.length > 8) refuse('options', 'A question has 2 to 8 options.');
  const repeated = ids.findIndex((optionId, index) => ids.indexOf(optionId) !== index);
  if (repeated !== -1) refuse(`options.${repeated}.optionId`, 'Another option has this id.');
  if (!ids.includes(key)) refuse('key', 'The key is none of the options.');
}

/**
 * Creates or revises a question. Another stem, option, key or explanation is a new version, which tests made before
 * never show; topic and difficulty are not part of it. The same again changes nothing.
 *
 * @param given.question the question as it stands, and `version` the row of its newest version
 * @throws DomainError question_invalid (details.field), version_conflict with the version in force (0: there is no
 *   such question), bank_full
 */
export function putQuestion(given: {
  readonly questionId: QuestionId;
  readonly courseId: CourseId;
  readonly bank: BankState | undefined;
  readonly question: BankQuestionState | undefined;
  readonly version: QuestionVersionState | undefined;
  readonly change: QuestionChange;
  readonly now: string;
  readonly cause: Cause;
}): QuestionDecision {
  const { questionId, courseId, bank, question, version, change, now, cause } = given;
  const { topic, difficulty, stem, options, key, explanation } = change;
  const content: QuestionContent = { stem, options, key, explanation };
  refuseContent(content);
  const asked = version && {
    stem: version.stem,
    options: version.options,
    key: version.key,
    explanation: version.explanation,
  };
  const contentStays = question !== undefined && equal(asked, content);
  if (contentStays && question.topic === topic && question.difficulty === difficulty) return {};
  const inForce = question?.version ?? 0;
  if (change.ifVersion !== undefined && change.ifVersion !== inForce) {
    throw new DomainError('version_conflict', 'The question has changed since.', { version: inForce });
  }
  const ordinal = question?.ordinal ?? bank?.questions ?? 0;
  if (ordinal >= MOST_QUESTIONS_OF_A_BANK) {
    throw new DomainError('bank_full', 'The course has no room for another question.', {
      most: MOST_QUESTIONS_OF_A_BANK,
    });
  }
  const questionVersion = (question?.questionVersion ?? 0) + (contentStays ? 0 : 1);
  return {
    ...(question === undefined
      ? {
          bank: {
            ...bank,
            courseId,
            part: BANK_PART,
            questions: ordinal + 1,
            ...nextStamp(bank, now, cause),
          },
        }
      : {}),
    question: {
      voids: {},
      ...question,
      courseId,
      part: questionPart(questionId),
      questionId,
      topic,
      difficulty,
      ordinal,
      questionVersion,
      optionIds: options.map(({ optionId }) => optionId),
      key,
      ...nextStamp(question, now, cause),
    },
    ...(contentStays
      ? {}
      : {
          version: {
            courseId,
            part: versionPart(questionId, questionVersion),
            questionId,
            questionVersion,
            ...content,
            ...nextStamp(undefined, now, cause),
          },
        }),
  };
}

/**
 * Declares a version of a question void, or valid again: what was answered at it then counts in no figure, and while
 * it is the newest, no test takes the question. Undefined where it is so already.
 *
 * @param given.reason why it is void; undefined: it is valid
 * @throws DomainError question_unknown
 */
export function voidQuestion(given: {
  readonly question: BankQuestionState | undefined;
  readonly questionVersion: number;
  readonly reason: string | undefined;
  /** The admin. */
  readonly by: UserId;
  readonly now: string;
  readonly cause: Cause;
}): BankQuestionState | undefined {
  const { question, questionVersion, reason, by, now, cause } = given;
  if (question === undefined || questionVersion < 1 || questionVersion > question.questionVersion) {
    throw new DomainError('question_unknown', 'There is no such version of a question.', { questionVersion });
  }
  const { [String(questionVersion)]: standing, ...others } = question.voids;
  if (standing?.reason === reason) return undefined;
  const voids =
    reason === undefined
      ? others
      : { ...others, [String(questionVersion)]: { reason, voidedBy: by, voidedAt: now } };
  return { ...question, voids, ...nextStamp(question, now, cause) };
}
