import type { Chapter, Item, Outline, Question } from './course.ts';
import { type CourseId, isId, type ChapterId, type ItemId, type OptionId, type QuestionId } from './ids.ts';
import {
  firstStamp,
  isLegacy,
  isRecord,
  keptOf,
  type LegacyRow,
  listAt,
  type Migrating,
  numberAt,
  textAt,
  timeAt,
  type Unreadable,
} from './legacy-row.ts';
import { nextStamp } from './stamp.ts';
import type { CourseState, OutlineState } from './states.ts';
import { COURSE_ACCESSES, statusOf } from './status.ts';

/**
 * A course of the old school: one row with its chapters in it.
 *
 * | then | now |
 * | --- | --- |
 * | `status`: draft, published, Published, active, Active | `status`: draft, published |
 * | `title` or `name`, `description` | `title`, `summary` |
 * | `price` in minor units, 0 for none, and `currency` | `price`, `access` paid |
 * | `requiresApproval` | `access` request |
 * | `chapters`: `id`, `title`, `video`, `quiz` | the rows of the draft and of the outline in force |
 * | `video`: `id`, `duration` in seconds | an item |
 * | `quiz`: `id`, `passingScore`, `questions` | an item |
 * | `questions`: `id`, `question`, `options` as texts, `correctAnswer` counted from 0 | the same with ids for options |
 *
 * A chapter without a video had something to read, whether it said so or not: completing it counted.
 */

export type MigratedCourse = {
  readonly course: LegacyRow & Pick<CourseState, 'status' | 'version'>;
  /** The outline in force, where the course was ever published; like the draft, of a course that is new to today. */
  readonly outline?: OutlineState;
  readonly draft?: OutlineState;
};

/**
 * The rows of a course; undefined where it is one of today in every way. A row of today whose status is still spelled
 * in the old way is spelled anew.
 */
export function migrateCourse(row: LegacyRow, given: Migrating): MigratedCourse | Unreadable | undefined {
  const status = typeof row.status === 'string' ? statusOf('courses', row.status) : undefined;
  if (status === undefined) return { unreadable: ['status'] };
  if (!isLegacy(row)) {
    const { version } = row;
    if (status === row.status || typeof version !== 'number') return undefined;
    return { course: { ...row, status, ...nextStamp({ version }, given.now, given.cause) } };
  }
  const courseId = textAt(row, 'courseId');
  if (courseId === undefined || !isId<CourseId>(courseId)) return { unreadable: ['courseId'] };
  const outline = outlineOf(row);
  if ('unreadable' in outline) return outline;
  const title = textAt(row, 'title', 'name');
  const stamp = firstStamp(timeAt(row, 'createdAt'), given);
  const amount = numberAt(row, 'price') ?? 0;
  const named = COURSE_ACCESSES.find((access) => access === row.access);
  const free = row.requiresApproval === true ? 'request' : 'open';
  const course: CourseState = {
    courseId,
    part: 'course',
    title: title ?? courseId,
    summary: textAt(row, 'summary', 'description') ?? '',
    status,
    access: named ?? (amount > 0 ? 'paid' : free),
    ...(amount > 0 && { price: { amount, currency: (textAt(row, 'currency') ?? 'usd').toUpperCase() } }),
    outlineVersion: status === 'draft' ? 0 : 1,
    ...stamp,
  };
  const placed = ['name', 'description', 'price', 'currency', 'requiresApproval', 'chapters', 'createdAt'];
  const chapters = { courseId, chapters: outline.chapters, ...stamp };
  return {
    course: { ...keptOf(row, ...placed), ...course },
    ...(status === 'draft' ? {} : { outline: { ...chapters, part: 'outline#000001' } }),
    draft: { ...chapters, part: 'draft' },
  };
}

function outlineOf(row: LegacyRow): Outline | Unreadable {
  const chapters: Chapter[] = [];
  const old = listAt(row, 'chapters');
  if (old === undefined) return { unreadable: ['chapters'] };
  for (const [index, chapter] of old.entries()) {
    const read = isRecord(chapter) ? chapterOf(chapter) : undefined;
    if (read === undefined) return { unreadable: [`chapters.${index}`] };
    chapters.push(read);
  }
  return { chapters };
}

function chapterOf(old: LegacyRow): Chapter | undefined {
  const chapterId = textAt(old, 'id', 'chapterId');
  if (chapterId === undefined || !isId<ChapterId>(chapterId)) return undefined;
  const title = textAt(old, 'title') ?? chapterId;
  const items: (Item | undefined)[] = [];
  if (isRecord(old.video)) items.push(videoOf(old.video, title));
  else items.push(readingOf(`${chapterId}.text`, title));
  if (isRecord(old.quiz)) items.push(quizOf(old.quiz, title));
  const known = items.filter((item) => item !== undefined);
  return known.length === items.length ? { chapterId, title, items: known } : undefined;
}

const COUNTS = { weight: 1, required: true } as const;

function readingOf(itemId: string, title: string): Item | undefined {
  return isId<ItemId>(itemId) ? { kind: 'reading', itemId, title, ...COUNTS } : undefined;
}

function videoOf(old: LegacyRow, title: string): Item | undefined {
  const itemId = textAt(old, 'id', 'videoId');
  const durationSeconds = numberAt(old, 'duration', 'durationSeconds');
  if (itemId === undefined || !isId<ItemId>(itemId) || durationSeconds === undefined) return undefined;
  return { kind: 'video', itemId, title: textAt(old, 'title') ?? title, ...COUNTS, durationSeconds };
}

const OLD_PASS_MARK = 70;

function quizOf(old: LegacyRow, title: string): Item | undefined {
  const itemId = textAt(old, 'id', 'quizId');
  const asked = listAt(old, 'questions')?.map((question) =>
    isRecord(question) ? questionOf(question) : undefined,
  );
  if (itemId === undefined || !isId<ItemId>(itemId) || asked === undefined) return undefined;
  const questions = asked.filter((question) => question !== undefined);
  if (questions.length < asked.length) return undefined;
  return {
    kind: 'quiz',
    itemId,
    title: textAt(old, 'title') ?? title,
    ...COUNTS,
    passMark: numberAt(old, 'passingScore') ?? OLD_PASS_MARK,
    // What the old school never limited.
    maxAttempts: 50,
    marking: questions.length === 0 ? { by: 'hand' } : { by: 'key', questions },
  };
}

function questionOf(old: LegacyRow): Question | undefined {
  const questionId = textAt(old, 'id', 'questionId');
  const choice = choiceOf(old);
  if (questionId === undefined || !isId<QuestionId>(questionId) || choice === undefined) return undefined;
  return { questionId, stem: textAt(old, 'question') ?? questionId, ...choice };
}

/** The id of an option, of which the old school knew the place only. */
export function optionAt(place: number): OptionId | undefined {
  const optionId = `option-${place + 1}`;
  return Number.isInteger(place) && place >= 0 && isId<OptionId>(optionId) ? optionId : undefined;
}

/** The options and which of them is right. */
export function choiceOf(old: LegacyRow): Pick<Question, 'options' | 'key'> | undefined {
  const options = (listAt(old, 'options') ?? []).flatMap((text, place) => {
    const optionId = optionAt(place);
    return typeof text === 'string' && optionId !== undefined ? [{ optionId, text }] : [];
  });
  const key = optionAt(numberAt(old, 'correctAnswer') ?? -1);
  return options.some(({ optionId }) => optionId === key) && key !== undefined ? { options, key } : undefined;
}

/** Of a course as it is in force: what the rows of its learners are read by. */
export interface CourseInForce {
  readonly title: string;
  readonly outline: Outline;
  readonly outlineVersion: number;
}
