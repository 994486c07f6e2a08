import { QbankQuestionAttemptRow } from '../contracts/qbank-rows.ts';
import { ChapterCompletionRow, QuizAttemptRow, VideoProgressRow, WaiverRow } from '../contracts/rows.ts';
import type { CourseId, UserId } from '../domain/ids.ts';
import type { Cause } from '../domain/stamp.ts';
import type { Delivery, StreamRecord } from './stream-loop.ts';

/** The tables that say what learners did, or were let off. */
export const FACT_TABLES = [
  'chapterCompletions',
  'videoProgress',
  'quizAttempts',
  'waivers',
  'qbankQuestionAttempts',
] as const;
type FactTable = (typeof FACT_TABLES)[number];

/** A row that says what a learner did in a course. */
export type Fact =
  | { readonly kind: 'chapter'; readonly row: ChapterCompletionRow }
  | { readonly kind: 'video'; readonly row: VideoProgressRow }
  | { readonly kind: 'attempt'; readonly row: QuizAttemptRow }
  | { readonly kind: 'waiver'; readonly row: WaiverRow }
  | { readonly kind: 'answer'; readonly row: QbankQuestionAttemptRow };

/**
 * The fact in a record; undefined where a row was removed, which no command does and which unmakes nothing.
 *
 * @throws ZodError
 */
export function factIn(
  { table, newImage }: StreamRecord,
  tables: Readonly<Record<FactTable, string>>,
): Fact | undefined {
  if (newImage === undefined) return undefined;
  switch (table) {
    case tables.chapterCompletions:
      return { kind: 'chapter', row: ChapterCompletionRow.parse(newImage) };
    case tables.videoProgress:
      return { kind: 'video', row: VideoProgressRow.parse(newImage) };
    case tables.quizAttempts:
      return { kind: 'attempt', row: QuizAttemptRow.parse(newImage) };
    case tables.waivers:
      return { kind: 'waiver', row: WaiverRow.parse(newImage) };
    case tables.qbankQuestionAttempts:
      return { kind: 'answer', row: QbankQuestionAttemptRow.parse(newImage) };
    default:
      throw new Error('The table holds no facts');
  }
}

/** What a batch says of one learner in one course. */
export interface LearnerFacts {
  readonly userId: UserId;
  readonly courseId: CourseId;
  readonly chapters: ChapterCompletionRow[];
  readonly videos: VideoProgressRow[];
  readonly attempts: QuizAttemptRow[];
  readonly waivers: WaiverRow[];
  readonly answers: QbankQuestionAttemptRow[];
  /** All of them, for their causes. */
  readonly rows: Cause[];
  readonly records: StreamRecord[];
}

/** The facts of a batch by learner and course. */
export function groupFacts(batch: readonly Delivery<Fact | undefined>[]): LearnerFacts[] {
  const groups = new Map<string, LearnerFacts>();
  for (const { change: fact, record } of batch) {
    if (fact === undefined) continue;
    const { userId, courseId } = fact.row;
    const name = `${userId}#${courseId}`;
    const group = groups.get(name) ?? emptyGroup({ userId, courseId });
    groups.set(name, group);
    group.records.push(record);
    group.rows.push(fact.row);
    if (fact.kind === 'chapter') group.chapters.push(fact.row);
    else if (fact.kind === 'video') group.videos.push(fact.row);
    else if (fact.kind === 'attempt') group.attempts.push(fact.row);
    else if (fact.kind === 'waiver') group.waivers.push(fact.row);
    else group.answers.push(fact.row);
  }
  return [...groups.values()];
}

function emptyGroup(learner: Pick<LearnerFacts, 'userId' | 'courseId'>): LearnerFacts {
  return {
    ...learner,
    chapters: [],
    videos: [],
    attempts: [],
    waivers: [],
    answers: [],
    rows: [],
    records: [],
  };
}
