import * as z from 'zod';
import { MOST_QUESTIONS_OF_A_BANK } from '../domain/qbank-question.ts';
import { ChapterId, ItemId, OptionId, QuestionId, Score } from './fields.ts';

const Title = z.string().trim().min(1).max(200);

/** The least weight and duration. The database takes no numbers near to nothing, and no player a shorter film. */
const LEAST = 0.001;

const basics = {
  itemId: ItemId,
  title: Title,
  weight: z
    .number()
    .min(0)
    .max(1000)
    .refine((weight) => weight === 0 || weight >= LEAST, `must be 0 or at least ${LEAST}`)
    .default(1),
  required: z.boolean().default(true),
};

const Reading = z.strictObject({ kind: z.literal('reading'), ...basics });

const Video = z.strictObject({
  kind: z.literal('video'),
  ...basics,
  durationSeconds: z.number().min(LEAST).max(86_400),
});

const Question = z
  .strictObject({
    questionId: QuestionId,
    stem: z.string().min(1).max(4000),
    options: z
      .array(z.strictObject({ optionId: OptionId, text: z.string().min(1).max(1000) }))
      .min(2)
      .max(10),
    key: OptionId,
  })
  .refine((question) => question.options.some((option) => option.optionId === question.key), {
    path: ['key'],
    message: 'must be the optionId of one of the options',
  });

const Quiz = z.strictObject({
  kind: z.literal('quiz'),
  ...basics,
  passMark: Score,
  maxAttempts: z.int().min(1).max(50).default(20),
  marking: z.discriminatedUnion('by', [
    z.strictObject({ by: z.literal('key'), questions: z.array(Question).min(1).max(200) }),
    z.strictObject({ by: z.literal('hand') }),
  ]),
});

const Qbank = z.strictObject({
  kind: z.literal('qbank'),
  ...basics,
  questions: z.int().min(1).max(MOST_QUESTIONS_OF_A_BANK),
});

export const Item = z.discriminatedUnion('kind', [Reading, Video, Quiz, Qbank]);
export type Item = z.infer<typeof Item>;

export const Chapter = z.strictObject({
  chapterId: ChapterId,
  title: Title,
  items: z.array(Item).max(100),
});
export type Chapter = z.infer<typeof Chapter>;

function firstRepeated(values: readonly string[]): string | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}

export const Outline = z
  .strictObject({ chapters: z.array(Chapter).max(100) })
  .superRefine((outline, context) => {
    const chapter = firstRepeated(outline.chapters.map((each) => each.chapterId));
    const items = outline.chapters.flatMap((each) => each.items);
    const item = firstRepeated(items.map((each) => each.itemId));
    if (chapter !== undefined) {
      context.addIssue({ code: 'custom', path: ['chapters'], message: `has the chapterId ${chapter} twice` });
    }
    if (item !== undefined) {
      context.addIssue({ code: 'custom', path: ['chapters'], message: `has the itemId ${item} twice` });
    }
  });
export type Outline = z.infer<typeof Outline>;
