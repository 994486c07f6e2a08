import { QbankQuestionRow } from '../contracts/qbank-rows.ts';
import type { CourseId } from '../domain/ids.ts';
import { OF_QUESTIONS } from '../domain/qbank-question.ts';
import type { Documents } from './documents.ts';
import type { Named } from './keys.ts';
import { queryAllRows } from './pages.ts';

/** All questions of a course's bank as they stand, by id. One request for each MB, some thousand questions. */
export function questionsOf(
  documents: Documents,
  tables: Named<'qbankQuestions'>,
  courseId: CourseId,
): Promise<QbankQuestionRow[]> {
  return queryAllRows(documents, {
    table: tables.qbankQuestions,
    schema: QbankQuestionRow,
    partition: ['courseId', courseId],
    sort: { attribute: 'part', beginsWith: OF_QUESTIONS },
  });
}
