import * as z from 'zod';
import { QuestionId } from '../contracts/fields.ts';
import type { QuestionOrder } from '../contracts/qbank.ts';
import type { QbankQuestionRow } from '../contracts/qbank-rows.ts';
import type * as ids from '../domain/ids.ts';
import type { QuestionFigures } from '../domain/qbank-statistics.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

/** A question as it stands, with the figures of that version. */
export interface ListedQuestion {
  readonly question: QbankQuestionRow;
  readonly figures: QuestionFigures;
}

/** Which questions of a bank, and in which order. */
export interface QuestionList {
  readonly courseId: ids.CourseId;
  readonly sort: QuestionOrder;
  readonly order: 'ascending' | 'descending';
  readonly topic?: ids.TopicId | undefined;
}

/** Where a question stands in a list: by its figures from the first on, null behind all, and then by its id. */
interface Position {
  readonly figures: readonly (number | null)[];
  readonly questionId: ids.QuestionId;
}

/** What a list is sorted by. */
const FIGURES: Readonly<Record<QuestionOrder, readonly ((figures: QuestionFigures) => number | null)[]>> = {
  flags: [({ flags }) => rankOf(flags), ({ discrimination }) => discrimination],
  facility: [({ facility }) => facility],
  discrimination: [({ discrimination }) => discrimination],
  people: [({ people }) => people],
  seconds: [({ meanSeconds }) => meanSeconds],
  question: [],
};

/** What is wrong beyond chance comes before what may be wrong, and that before all others. */
function rankOf(flags: QuestionFigures['flags']): number {
  if (flags.some(({ beyondChance }) => beyondChance)) return 0;
  return flags.length > 0 ? 1 : 2;
}

/**
 * The position that a cursor stands for, after which the page starts; undefined for the first page.
 *
 * @throws DomainError invalid_request for a cursor of another list
 */
export function questionPosition(
  { courseId, sort, order, topic }: QuestionList,
  cursor: string | undefined,
): Position | undefined {
  const schema = z.strictObject({
    courseId: z.literal(courseId),
    sort: z.literal(sort),
    order: z.literal(order),
    topic: z.literal(topic ?? null),
    figures: z.array(z.number().nullable()).length(FIGURES[sort].length),
    questionId: QuestionId,
  });
  return decodeCursor(cursor, schema);
}

/**
 * A page of a list of questions, of all that there are. It starts after a position and not a question: the figures
 * of that one may have changed since.
 */
export function pageOfQuestions(
  questions: readonly ListedQuestion[],
  list: QuestionList,
  { after, limit }: { readonly after: Position | undefined; readonly limit: number },
): { readonly total: number; readonly rows: readonly ListedQuestion[]; readonly cursor?: string } {
  const { courseId, sort, order, topic } = list;
  const placed = questions
    .filter(({ question }) => topic === undefined || question.topic === topic)
    .map((row) => ({ row, position: positionOf(row, sort) }));
  const following = placed
    .filter(({ position }) => after === undefined || compare(position, after, list) > 0)
    .sort((one, other) => compare(one.position, other.position, list));
  const shown = following.slice(0, limit);
  const last = shown.at(-1);
  return {
    total: placed.length,
    rows: shown.map(({ row }) => row),
    ...(last !== undefined &&
      following.length > shown.length && {
        cursor: encodeCursor({ courseId, sort, order, topic: topic ?? null, ...last.position }),
      }),
  };
}

function positionOf({ question, figures }: ListedQuestion, sort: QuestionOrder): Position {
  return { figures: FIGURES[sort].map((figure) => figure(figures)), questionId: question.questionId };
}

/** What has no such figure comes last either way, and among equals the ids ascend: only figures are turned round. */
function compare(one: Position, other: Position, { sort, order }: QuestionList): number {
  const direction = order === 'ascending' ? 1 : -1;
  for (const [index, figure] of one.figures.entries()) {
    const against = other.figures[index] ?? null;
    if (figure === against) continue;
    if (figure === null) return 1;
    if (against === null) return -1;
    return direction * (figure - against);
  }
  if (one.questionId === other.questionId) return 0;
  return (one.questionId < other.questionId ? -1 : 1) * (sort === 'question' ? direction : 1);
}
