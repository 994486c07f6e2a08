import { AnalyticsRow } from '../contracts/rows.ts';
import type { CourseId, QuestionId } from '../domain/ids.ts';
import { questionAggregate } from '../domain/qbank-contribution.ts';
import { OF_QUESTIONS, questionPart } from '../domain/qbank-question.ts';
import type { BankQuestionState } from '../domain/qbank-states.ts';
import { questionFiguresOf, type QuestionFigures } from '../domain/qbank-statistics.ts';
import { sumShards } from './aggregates.ts';
import type { Documents } from './documents.ts';
import { analyticsKey, type Named } from './keys.ts';
import { queryAllRows } from './pages.ts';

/** The statistics of a question as one of its versions; zeros where nobody has met it. */
export type FiguresOf = (
  version: Pick<BankQuestionState, 'questionId' | 'questionVersion' | 'optionIds' | 'key'>,
) => QuestionFigures;

/**
 * Reads the statistics of all versions of a question, or of all questions of a bank, as they are now.
 *
 * Requests: one Query of qbankQuestionStatistics for each MB.
 */
export async function readFigures(
  documents: Documents,
  tables: Named<'qbankQuestionStatistics'>,
  courseId: CourseId,
  questionId?: QuestionId,
): Promise<FiguresOf> {
  const rows = await queryAllRows(documents, {
    table: tables.qbankQuestionStatistics,
    schema: AnalyticsRow,
    partition: ['scope', `bank#${courseId}`],
    sort: {
      attribute: 'part',
      beginsWith: questionId === undefined ? OF_QUESTIONS : `${questionPart(questionId)}#`,
    },
  });
  const shards = new Map<string, AnalyticsRow[]>();
  for (const row of rows) {
    const aggregate = aggregateOf(row.part);
    const others = shards.get(aggregate);
    if (others === undefined) shards.set(aggregate, [row]);
    else others.push(row);
  }
  return (version) => {
    const name = questionAggregate(courseId, version.questionId, version.questionVersion);
    return questionFiguresOf(sumShards(shards.get(aggregateOf(analyticsKey(name, 0).part)) ?? []), version);
  };
}

/** `question#q1#000002#0` is shard 0 of `question#q1#000002`. */
function aggregateOf(part: string): string {
  return part.slice(0, part.lastIndexOf('#'));
}
