import { afterAll, beforeAll, expect } from 'vitest';
import { aggregateAnalytics } from '../../functions/streams/aggregate-analytics.ts';
import { projectProgress } from '../../functions/streams/project-progress.ts';
import type { Metrics } from '../../shared/domain/contribution.ts';
import type { CourseId, UserId } from '../../shared/domain/ids.ts';
import { contributionOfAnswer, qbankEntriesOf } from '../../shared/domain/qbank-contribution.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import { aggregateTable, analyticsKey, answerKey, ledgerKey, shardsOf } from '../../shared/store/keys.ts';
import { answered } from '../domain/qbank-builders.ts';
import { id } from '../domain/builders.ts';
import { httpSchool, SHARDS } from '../functions/http-school.ts';
import { putRows, stamp } from '../functions/http-rows.ts';
import { fillBank, question } from '../support/bank.ts';
import { practising } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { itIsMetered } from '../support/engines.ts';
import { deliver, streamRecords } from '../support/streams.ts';

let engine: Database;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());

const QUESTIONS = ['q1', 'q2', 'q3', 'q4', 'q5'];
const COURSE = id<CourseId>('c');
/** Answers that are measured, each of another student. */
const MEASURED = 100;

/** A school in which so many answers were given before: their rows, their ledger, and the sums of that. */
async function schoolAfter(attempts: number) {
  const school = httpSchool(await engine.fresh());
  const { db } = school;
  await school.admin.call('put-course', { params: { courseId: COURSE }, body: practising(QUESTIONS.length) });
  await fillBank(
    school.admin,
    COURSE,
    QUESTIONS.map((questionId) => question(questionId)),
  );
  await school.admin.call('set-course-status', {
    params: { courseId: COURSE },
    body: { status: 'published' },
  });

  const rows = Array.from({ length: attempts }, (_, index) =>
    answered(QUESTIONS[index % QUESTIONS.length] ?? '', index % 3 === 0 ? 'a' : 'b', {
      userId: id<UserId>(`before${Math.floor(index / QUESTIONS.length)}`),
      courseId: COURSE,
    }),
  );
  const sums = new Map<string, Metrics>();
  for (const row of rows) {
    for (const [aggregate, metrics] of Object.entries(contributionOfAnswer(row))) {
      const sum = sums.get(aggregate) ?? {};
      sums.set(aggregate, sum);
      for (const [metric, value] of Object.entries(metrics)) sum[metric] = (sum[metric] ?? 0) + value;
    }
  }
  const inLanes = async (table: 'qbankQuestionAttempts' | 'ledger', all: Record<string, unknown>[]) => {
    const lanes = Array.from({ length: 8 }, (_, lane) => all.filter((_row, index) => index % 8 === lane));
    await Promise.all(lanes.map((lane) => putRows(db, table, lane)));
  };
  await inLanes(
    'qbankQuestionAttempts',
    rows.map((row) => ({ ...row, ...answerKey(row.userId, COURSE, row.testId, row.questionId) })),
  );
  await inLanes(
    'ledger',
    rows.flatMap((row) =>
      qbankEntriesOf('qbankQuestionAttempts', row).map(({ source, sourceVersion, contribution }) => ({
        ...{ ...ledgerKey(source), sourceVersion, contribution },
        ...stamp,
      })),
    ),
  );
  for (const [aggregate, metrics] of sums) {
    // All in one shard, so that the others are as small as they get.
    const key = analyticsKey(aggregate, shardsOf(aggregate, SHARDS) - 1);
    await putRows(db, aggregateTable(aggregate), [{ ...key, ...stamp, ...metrics }]);
  }
  return school;
}

/** Read and write units that an answer takes: the command, the progress and the statistics. */
async function unitsOfAnAnswer(attempts: number): Promise<number> {
  const school = await schoolAfter(attempts);
  const { db } = school;
  const students = Array.from({ length: MEASURED }, (_, index) => `student${String(index).padStart(3, '0')}`);
  for (const student of students) {
    const { call } = school.student(student);
    await call('enroll-directly', { params: { courseId: COURSE } });
    const params = { courseId: COURSE, testId: 'test' };
    await call('start-test', { params, body: { mode: 'timed', count: QUESTIONS.length } });
    await call('open-test', { params });
  }
  db.faults.clear();
  for (const [index, student] of students.entries()) {
    const questionId = QUESTIONS[index % QUESTIONS.length] ?? '';
    const optionId = index % 2 === 0 ? 'a' : 'b';
    await school.student(student).call('answer-question', {
      params: { courseId: COURSE, testId: 'test', questionId },
      body: { optionId, answerId: 'only', seconds: 5 },
    });
  }
  const command = db.faults.readUnits() + db.faults.writeUnits();
  const given = (await db.rows('qbankQuestionAttempts')).filter(({ userId }) =>
    students.includes(String(userId)),
  );
  expect(given).toHaveLength(MEASURED);
  const records = streamRecords(given.map((after) => ({ table: db.tables.qbankQuestionAttempts, after })));
  const deps = { ...db, shards: SHARDS, logger: silentLog, clock: () => school.now, random: () => 0 };
  db.faults.clear();
  await deliver(projectProgress(deps), records);
  const progress = db.faults.readUnits() + db.faults.writeUnits();
  db.faults.clear();
  await deliver(aggregateAnalytics(deps), records);
  const statistics = db.faults.readUnits() + db.faults.writeUnits();
  const written = db.faults.writeUnits();
  const each = (units: number) => Number((units / MEASURED).toFixed(2));
  console.log(
    `An answer after ${attempts} others: ${each(command)} units for the command, ${each(progress)} for the progress, ` +
      `${each(statistics)} for the statistics (${each(written)} of them write units)`,
  );
  return (command + progress + statistics) / MEASURED;
}

itIsMetered(
  'an answer costs the same after 100 others and after 100,000, within 10 percent',
  async () => {
    const few = await unitsOfAnAnswer(100);
    const many = await unitsOfAnAnswer(100_000);
    expect(Math.abs(many / few - 1)).toBeLessThan(0.1);
  },
  300_000,
);
