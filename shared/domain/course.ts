import type { ChapterId, ItemId, OptionId, QuestionId } from './ids.ts';

interface ItemBasics {
  readonly itemId: ItemId;
  readonly title: string;
  /** Share in the course's progress relative to the other required items; 0 counts nothing. */
  readonly weight: number;
  readonly required: boolean;
}

export interface Reading extends ItemBasics {
  readonly kind: 'reading';
}

export interface Video extends ItemBasics {
  readonly kind: 'video';
  readonly durationSeconds: number;
}

export interface Question {
  readonly questionId: QuestionId;
  readonly stem: string;
  readonly options: readonly { readonly optionId: OptionId; readonly text: string }[];
  /** The right option. Never leaves the server towards a student. */
  readonly key: OptionId;
}

export interface Quiz extends ItemBasics {
  readonly kind: 'quiz';
  /** Least score of 0 to 100 that passes. */
  readonly passMark: number;
  readonly maxAttempts: number;
  /** Graded by the keys, or handed in and marked by an admin later. */
  readonly marking: { readonly by: 'key'; readonly questions: readonly Question[] } | { readonly by: 'hand' };
}

/** Practice in the course's question bank. */
export interface Qbank extends ItemBasics {
  readonly kind: 'qbank';
  /** How many different questions of the bank have to be answered. */
  readonly questions: number;
}

export type Item = Reading | Video | Quiz | Qbank;

export interface Chapter {
  readonly chapterId: ChapterId;
  readonly title: string;
  readonly items: readonly Item[];
}

/** What a course consists of, in the order it is studied. Item ids are unique in the whole outline. */
export interface Outline {
  readonly chapters: readonly Chapter[];
}
