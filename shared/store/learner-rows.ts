import type * as z from 'zod';
import { QbankQuestionAttemptRow } from '../contracts/qbank-rows.ts';
import * as rows from '../contracts/rows.ts';
import type { LearnerRows } from '../domain/explanation.ts';
import type { Documents } from './documents.ts';
import { type Named, ofCourse } from './keys.ts';
import type { Learner } from './learner-snapshots.ts';
import { queryAllRows } from './pages.ts';

export type LearnerTables = Named<
  'chapterCompletions' | 'videoProgress' | 'quizAttempts' | 'waivers' | 'qbankQuestionAttempts'
>;

/**
 * Everything that one learner did in one course, or was let off.
 *
 * Requests: Query of each of the five tables of facts, at once; one more for each MB.
 *
 * @throws MalformedRow
 */
export async function readLearnerRows(
  documents: Documents,
  tables: LearnerTables,
  { userId, courseId }: Learner,
): Promise<LearnerRows> {
  const ofLearner = <Schema extends z.ZodType>(table: string, attribute: string, schema: Schema) =>
    queryAllRows(documents, {
      table,
      schema,
      partition: ['userId', userId],
      sort: { attribute, beginsWith: ofCourse(courseId) },
    });
  const [chapters, videos, attempts, waivers, answers] = await Promise.all([
    ofLearner(tables.chapterCompletions, 'completion', rows.ChapterCompletionRow),
    ofLearner(tables.videoProgress, 'video', rows.VideoProgressRow),
    ofLearner(tables.quizAttempts, 'attempt', rows.QuizAttemptRow),
    ofLearner(tables.waivers, 'waiver', rows.WaiverRow),
    ofLearner(tables.qbankQuestionAttempts, 'attempt', QbankQuestionAttemptRow),
  ]);
  return { chapters, videos, attempts, waivers, answers };
}
