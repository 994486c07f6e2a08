import type { QbankTestRow } from '../../shared/contracts/qbank-rows.ts';
import type { Tables } from './read-tables.ts';
import { add, differences, keptSums, type Sums } from './sums.ts';

/**
 * The aggregates of the question bank, computed anew in the plainest way from what was answered and completed. It
 * shares no code with what the rows contribute, so that the one can convict the other.
 */

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}

/** Rest scores are kept in the least unit of which a half, a third, ... and a twentieth are whole numbers. */
const REST_UNIT = Array.from({ length: 20 }, (_, index) => index + 1).reduce(
  (unit, n) => (unit * n) / greatestDivisor(unit, n),
);

/** Their squares are kept in two parts, of which this many of the low one make one of the high one. */
const HIGH_PART = 100_000_000n;

const questionOf = (row: { courseId: string }, asked: { questionId: string; questionVersion: number }) =>
  `bank#${row.courseId}|question#${asked.questionId}#${String(asked.questionVersion).padStart(6, '0')}`;

const totalsOf = (row: { courseId: string }) => ['school|total', `course#${row.courseId}|total`];

function addAnswers(sums: Sums, { answers }: Tables): void {
  for (const answer of answers) {
    if (answer.voided === true) continue;
    for (const total of totalsOf(answer)) {
      add(sums, total, 'qbankAnswers', 1);
      add(sums, total, 'qbankCorrect', answer.correct ? 1 : 0);
    }
    if (!answer.first) continue;
    const question = questionOf(answer, answer);
    add(sums, question, 'answers', 1);
    add(sums, question, 'correct', answer.correct ? 1 : 0);
    add(sums, question, 'seconds', answer.seconds);
    add(sums, question, `option.${answer.optionId}`, 1);
  }
}

function addScore(sums: Sums, test: QbankTestRow): void {
  const { userId, courseId, score } = test;
  const student = `student#${userId}|qbank#${courseId}`;
  for (const total of totalsOf(test)) add(sums, total, 'qbankTests', 1);
  add(sums, student, 'tests', 1);
  if (typeof score !== 'number') return;
  const hundredths = BigInt(Math.round(score * 100));
  for (const total of totalsOf(test)) {
    add(sums, total, 'qbankScored', 1);
    add(sums, total, 'qbankScoreSum', hundredths);
  }
  add(sums, student, 'scored', 1);
  add(sums, student, 'scoreSum', hundredths);
  const scores = `course#${courseId}|qbank-scores`;
  add(sums, scores, 'scored', 1);
  add(sums, scores, 'scoreSum', hundredths);
  add(sums, scores, 'scoreSquares', hundredths * hundredths);
  add(sums, scores, `percent.${hundredths / 100n}`, 1);
}

/** The first attempts of a completed test, each beside the others. */
function addResults(sums: Sums, test: QbankTestRow): void {
  const firsts = (test.results ?? []).filter((result) => result.first && result.voided !== true);
  for (const result of firsts) {
    const question = questionOf(test, result);
    const { optionId, topic } = result;
    if (optionId === null) {
      add(sums, question, 'blanks', 1);
      continue;
    }
    const student = `student#${test.userId}|qbank#${test.courseId}`;
    add(sums, student, `first.${topic}`, 1);
    add(sums, student, `right.${topic}`, result.correct ? 1 : 0);
    const others = firsts.filter((other) => other !== result && other.optionId !== null);
    if (others.length === 0) continue;
    const right = others.filter((other) => other.correct).length;
    // Rounded, halves up, without ever leaving the whole numbers.
    const rest = BigInt(2 * right * REST_UNIT + others.length) / BigInt(2 * others.length);
    add(sums, question, 'pairs', 1);
    add(sums, question, 'pairs.x', result.correct ? 1 : 0);
    add(sums, question, 'pairs.y', rest);
    add(sums, question, 'pairs.xy', result.correct ? rest : 0);
    add(sums, question, 'pairs.yy', rest * rest);
    add(sums, question, `pairs.option.${optionId}`, 1);
    add(sums, question, `pairs.rest.${optionId}`, rest);
  }
}

/** One accuracy for each student who has one. */
function addPeers(sums: Sums, { records }: Tables): void {
  for (const { courseId, firstAnswers, firstRight } of records) {
    if (firstAnswers === 0) continue;
    add(
      sums,
      `course#${courseId}|qbank-peers`,
      `percent.${Math.floor((100 * firstRight) / firstAnswers)}`,
      1,
    );
  }
}

/** Of what is kept, the part of the question bank, with squares in one number. */
function keptOfBank({ analytics, statistics }: Tables): Sums {
  const sums: Sums = new Map();
  for (const [aggregate, metrics] of keptSums([...analytics, ...statistics])) {
    const ofBank = aggregate.startsWith('bank#') || /\|qbank[-#]/.test(aggregate);
    for (const [metric, amount] of metrics) {
      if (metric === 'pairs.yyHigh') add(sums, aggregate, 'pairs.yy', amount * HIGH_PART);
      else if (metric === 'pairs.yyLow') add(sums, aggregate, 'pairs.yy', amount);
      else if (ofBank || metric.startsWith('qbank')) add(sums, aggregate, metric, amount);
    }
  }
  return sums;
}

/** The aggregates of the question bank that are not what the answers, tests and records amount to. */
export function bankMismatches(tables: Tables): string[] {
  const naive: Sums = new Map();
  addAnswers(naive, tables);
  for (const test of tables.tests) {
    if (test.status !== 'completed') continue;
    addScore(naive, test);
    addResults(naive, test);
  }
  addPeers(naive, tables);
  return differences(naive, keptOfBank(tables));
}
