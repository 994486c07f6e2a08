import { expect, test } from 'vitest';
import { progressMismatches } from '../../commands/consistency/naive-progress.ts';
import type { Tables } from '../../commands/consistency/read-tables.ts';
import { QbankQuestionAttemptRow } from '../../shared/contracts/qbank-rows.ts';
import { CourseRow, OutlineRow } from '../../shared/contracts/rows.ts';
import type { TestId } from '../../shared/domain/ids.ts';
import {
  completion,
  course,
  enrollment,
  id,
  outline,
  outlineRow,
  progress,
  qbank,
  reading,
  waiver,
} from '../domain/builders.ts';
import { answered } from '../domain/qbank-builders.ts';
import { answerRow, completionRow } from '../support/rows.ts';

const practice = outline({ ch1: [reading('r1')], ch2: [qbank('b1', 4)] });

const published = outlineRow(practice, { part: 'outline#000001' });

/** A learner who stands at that percentage in both rows, and what the source tables say. */
function school(percent: number, deeds: Partial<Tables> = {}): Tables {
  return {
    courseParts: [CourseRow.parse(course()), OutlineRow.parse(published)],
    enrollments: [enrollment({ progress: percent })],
    progress: [progress({ totalProgress: percent })],
    chapters: [],
    videos: [],
    attempts: [],
    waivers: [],
    answers: [],
    tests: [],
    records: [],
    ledger: [],
    analytics: [],
    statistics: [],
    ...deeds,
  };
}

const answer = (questionId: string, testId = 't1') =>
  QbankQuestionAttemptRow.parse(answerRow(answered(questionId, 'a', { testId: id<TestId>(testId) })));

test.each<[string, number, Partial<Tables>]>([
  ['different questions that were answered', 25, { answers: [answer('q1'), answer('q2')] }],
  ['a question answered in two tests, once', 12, { answers: [answer('q1'), answer('q1', 't2')] }],
  ['no completed chapter', 0, { chapters: [completionRow(completion('ch2'))] }],
  ['a waiver, whole', 50, { waivers: [{ ...waiver('b1'), waiver: 'c1#b1' }] }],
  [
    'as many questions as are asked for, whole',
    50,
    { answers: ['a', 'b', 'c', 'd', 'e'].map((q) => answer(q)) },
  ],
])('the naive progress counts of practice: %s', (_rule, percent, deeds) => {
  expect(progressMismatches(school(percent, deeds))).toEqual([]);
  expect(progressMismatches(school(percent + 1, deeds))).toEqual(['u1#c1']);
});
