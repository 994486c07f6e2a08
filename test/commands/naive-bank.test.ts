import { expect, test } from 'vitest';
import { bankMismatches } from '../../commands/consistency/naive-bank.ts';
import { testMismatches } from '../../commands/consistency/naive-tests.ts';
import type { Tables } from '../../commands/consistency/read-tables.ts';
import { QbankQuestionAttemptRow, QbankRecordRow, QbankTestRow } from '../../shared/contracts/qbank-rows.ts';
import { AnalyticsRow } from '../../shared/contracts/rows.ts';
import type { CourseId, OptionId, TestId, UserId } from '../../shared/domain/ids.ts';
import { qbankEntriesOf } from '../../shared/domain/qbank-contribution.ts';
import { finishTest } from '../../shared/domain/qbank-finish.ts';
import type { AnswerState, QbankRecordState, TestState } from '../../shared/domain/qbank-states.ts';
import { aggregateTable, analyticsKey } from '../../shared/store/keys.ts';
import { cause, id, stamp, at } from '../domain/builders.ts';
import { LedgerStore } from '../domain/ledger-store.ts';
import { answered, handedIn, met, openedTest, testQuestion } from '../domain/qbank-builders.ts';
import { answerRow } from '../support/rows.ts';

const COURSE = id<CourseId>('c1');
const QUESTIONS = ['q0', 'q1', 'q2', 'q3'].map((each, ordinal) => testQuestion(each, ordinal));

interface Bank {
  readonly answers: readonly AnswerState[];
  readonly tests: readonly TestState[];
  readonly records: readonly QbankRecordState[];
}

/** What a student answers in a test of the four questions: options, a being right, a dash for a blank. */
function completed(user: string, testId: string, options: string, before?: QbankRecordState) {
  const userId = id<UserId>(user);
  const name = { userId, testId: id<TestId>(testId) };
  const first = before === undefined;
  const answers = QUESTIONS.flatMap((question, index) => {
    const option = options[index] ?? '-';
    return option === '-' ? [] : [answered(question.questionId, option, { ...name, ...question, first })];
  });
  const finished = finishTest({
    test: handedIn({ ...name, questions: QUESTIONS }),
    answers,
    mets: first ? [] : QUESTIONS.map(({ questionId }) => met(questionId, { userId })),
    record: before,
    voided: ({ questionId }) => questionId === 'q3',
    now: at(200),
    cause,
  });
  if (finished?.record === undefined) throw new Error('not finished');
  return {
    answers: answers.map((each) => (each.questionId === 'q3' ? { ...each, voided: true as const } : each)),
    test: finished.test,
    record: finished.record,
  };
}

const once = completed('u1', 't1', 'aab-');
const again = completed('u1', 't2', 'aaaa', once.record);
const other = completed('u2', 't1', 'ba-a');
const u3 = { userId: id<UserId>('u3') };
const open = openedTest({ ...u3, questions: QUESTIONS });
const bank: Bank = {
  answers: [...once.answers, ...again.answers, ...other.answers, answered('q0', 'a', u3)],
  tests: [once.test, again.test, other.test, open],
  records: [again.record, other.record],
};

/** What the ledger makes of it, and what of the aggregates is changed. */
function tablesOf({ answers, tests, records }: Bank, damage: Record<string, Record<string, number>> = {}) {
  const ledger = new LedgerStore();
  ledger.apply([
    ...answers.flatMap((row) => qbankEntriesOf('qbankQuestionAttempts', row)),
    ...tests.flatMap((row) => qbankEntriesOf('qbankTests', row)),
    ...records.flatMap((row) => qbankEntriesOf('qbankRecords', row)),
  ]);
  const rows = (table: ReturnType<typeof aggregateTable>) =>
    Object.entries(ledger.totals())
      .filter(([aggregate]) => aggregateTable(aggregate) === table)
      .map(([aggregate, metrics]) =>
        AnalyticsRow.parse({ ...metrics, ...damage[aggregate], ...analyticsKey(aggregate, 0), ...stamp }),
      );
  const none = { courseParts: [], enrollments: [], progress: [], chapters: [], videos: [], attempts: [] };
  const tables: Tables = {
    ...none,
    waivers: [],
    ledger: [],
    answers: answers.map((row) => QbankQuestionAttemptRow.parse(answerRow(row))),
    tests: tests.map((row) => QbankTestRow.parse({ ...row, test: `${row.courseId}#${row.testId}` })),
    records: records.map((row) => QbankRecordRow.parse(row)),
    analytics: rows('analytics'),
    statistics: rows('qbankQuestionStatistics'),
  };
  return { tables, totals: ledger.totals() };
}

test('the naive bank agrees with the ledger: blanks, second attempts, open tests and voided questions included', () => {
  const { tables, totals } = tablesOf(bank);
  expect(bankMismatches(tables)).toEqual([]);
  expect(testMismatches(tables)).toEqual([]);
  expect(Object.keys(totals)).toEqual(
    expect.arrayContaining([`bank#${COURSE}|question#q0#000001`, `course#${COURSE}|qbank-peers`]),
  );
});

test('the naive bank notices every metric of every aggregate that is one too high', () => {
  for (const [aggregate, metrics] of Object.entries(tablesOf(bank).totals)) {
    for (const [metric, value] of Object.entries(metrics)) {
      const { tables } = tablesOf(bank, { [aggregate]: { [metric]: value + 1 } });
      expect([metric, bankMismatches(tables)]).toEqual([metric, [aggregate]]);
    }
  }
});

test('the naive bank notices an answer that is in no aggregate, and one that is gone', () => {
  const { tables } = tablesOf(bank);
  const [, ...rest] = tables.answers;
  const wrong = bankMismatches({ ...tables, answers: rest });
  expect(wrong).toEqual(
    expect.arrayContaining(['school|total', 'course#c1|total', 'bank#c1|question#q0#000001']),
  );
});

const u1 = { userId: id<UserId>('u1'), testId: id<TestId>('t1') };
const isFirst = (row: { userId: string; testId: string }) =>
  row.userId === u1.userId && row.testId === u1.testId;
const changed = (change: Partial<TestState>): Bank => ({
  ...bank,
  tests: bank.tests.map((row) => (isFirst(row) ? { ...row, ...change } : row)),
});

test.each<[string, Bank, string[]]>([
  ['a score that is not of its results', changed({ score: 66.66 }), ['u1#c1#t1']],
  [
    'a result that is not of its answer',
    changed({
      results: once.test.results!.map((each, index) =>
        index === 1 ? { ...each, optionId: id<OptionId>('c') } : each,
      ),
    }),
    ['u1#c1#t1'],
  ],
  [
    'an answer that no result tells of',
    { ...bank, answers: [...bank.answers, answered('q9', 'a', u1)] },
    ['u1#c1#t1'],
  ],
  [
    'a record that counts a test twice',
    { ...bank, records: [{ ...again.record, tests: 3 }, other.record] },
    ['u1#c1'],
  ],
  ['a record that is missing', { ...bank, records: [again.record] }, ['u2#c1']],
  [
    'a solved question that was never answered right',
    { ...bank, records: [again.record, { ...other.record, solved: again.record.solved }] },
    ['u2#c1'],
  ],
  [
    'a question that is a first attempt in two tests',
    {
      ...bank,
      answers: bank.answers.map((each) =>
        each.testId === 't2' && each.questionId === 'q0' ? { ...each, first: true } : each,
      ),
    },
    ['u1#c1#t2', 'u1#c1#q0#1'],
  ],
])('the naive tests notice %s', (_rule, given, wrong) => {
  expect(testMismatches(tablesOf(given).tables)).toEqual(wrong);
});
