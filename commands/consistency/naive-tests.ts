import type { QbankQuestionAttemptRow, QbankTestRow } from '../../shared/contracts/qbank-rows.ts';
import type { Tables } from './read-tables.ts';

/** What completed tests say of their answers, and records of the tests, computed anew without the code that wrote it. */

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group === undefined) groups.set(keyOf(row), [row]);
    else group.push(row);
  }
  return groups;
}

const recordOf = (row: { userId: string; courseId: string }) => `${row.userId}#${row.courseId}`;
const testOf = (row: { userId: string; courseId: string; testId: string }) =>
  `${row.userId}#${row.courseId}#${row.testId}`;

/** Whether the results of a completed test are what was answered, and its score what the results amount to. */
function isTrue(test: QbankTestRow, answers: readonly QbankQuestionAttemptRow[]): boolean {
  const { results = [] } = test;
  const told = results.every((result) => {
    const answer = answers.find(({ questionId }) => questionId === result.questionId);
    if (answer === undefined) return result.optionId === null && !result.correct;
    return (
      result.optionId === answer.optionId &&
      result.correct === answer.correct &&
      result.first === answer.first &&
      result.seconds === answer.seconds &&
      result.voided === answer.voided
    );
  });
  const counted = results.filter(({ voided }) => voided !== true);
  const right = counted.filter(({ correct }) => correct).length;
  const score = counted.length === 0 ? null : Number(((100 * right) / counted.length).toFixed(2));
  const answered = results.filter(({ optionId }) => optionId !== null).length;
  return told && answered === answers.length && (test.score ?? null) === score;
}

/** The ordinals in a bitmap, lowest bit first. */
function ordinals(bitmap: string): string {
  const bytes = [...Buffer.from(bitmap, 'base64')];
  const bits = bytes.flatMap((byte) => byte.toString(2).padStart(8, '0').split('').reverse());
  return bits.flatMap((bit, ordinal) => (bit === '1' ? [ordinal] : [])).join();
}

function listed(numbers: readonly number[]): string {
  return [...new Set(numbers)].sort((one, other) => one - other).join();
}

/** What a student's completed tests in a course amount to, as a record tells it. */
function naiveRecord(tests: readonly QbankTestRow[]): string {
  const results = tests.flatMap((test) => test.results ?? []);
  const firsts = results.filter(
    ({ first, optionId, voided }) => first && optionId !== null && voided !== true,
  );
  const right = results.filter(({ correct }) => correct);
  return JSON.stringify([
    tests.length,
    firsts.length,
    firsts.filter(({ correct }) => correct).length,
    listed(results.map(({ ordinal }) => ordinal)),
    listed(right.map(({ ordinal }) => ordinal)),
  ]);
}

/**
 * The tests (`userId#courseId#testId`) and records (`userId#courseId`) that are not what they are made of, and the
 * questions (`userId#courseId#questionId#version`) that were a first attempt never, or in more tests than one.
 */
export function testMismatches({ tests, answers, records }: Tables): string[] {
  const answersOf = grouped(answers, testOf);
  const completed = tests.filter(({ status }) => status === 'completed');
  const wrong = completed.filter((test) => !isTrue(test, answersOf.get(testOf(test)) ?? [])).map(testOf);

  const naive = new Map(
    [...grouped(completed, recordOf)].map(([student, own]) => [student, naiveRecord(own)]),
  );
  // A record of nothing is as good as none: it is what reconciliation leaves of one that nothing tells of.
  const told = records.filter(({ tests: count, seen }) => count > 0 || ordinals(seen) !== '');
  const kept = new Map(
    told.map((record) => [
      recordOf(record),
      JSON.stringify([
        record.tests,
        record.firstAnswers,
        record.firstRight,
        ordinals(record.seen),
        ordinals(record.solved),
      ]),
    ]),
  );
  const students = new Set([...naive.keys(), ...kept.keys()]);
  const wrongRecords = [...students].filter((student) => naive.get(student) !== kept.get(student));

  const firstIn = new Map<string, Set<string>>();
  const met = [
    ...answers.map((answer) => ({ test: answer, asked: answer })),
    ...completed.flatMap((test) => (test.results ?? []).map((asked) => ({ test, asked }))),
  ];
  for (const { test, asked } of met) {
    const question = `${recordOf(test)}#${asked.questionId}#${asked.questionVersion}`;
    const inTests = firstIn.get(question) ?? new Set<string>();
    firstIn.set(question, asked.first ? inTests.add(test.testId) : inTests);
  }
  const wrongFirsts = [...firstIn].filter(([, inTests]) => inTests.size !== 1).map(([question]) => question);
  return [...wrong, ...wrongRecords, ...wrongFirsts];
}
