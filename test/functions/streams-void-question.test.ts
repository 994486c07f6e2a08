import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  QbankQuestionAttemptRow,
  QbankQuestionRow,
  QbankRecordRow,
  QbankTestRow,
} from '../../shared/contracts/qbank-rows.ts';
import type { CourseId, QuestionId, TestId, UserId } from '../../shared/domain/ids.ts';
import { qbankEntriesOf } from '../../shared/domain/qbank-contribution.ts';
import { voidQuestion } from '../../shared/domain/qbank-question.ts';
import { questionKey } from '../../shared/store/keys.ts';
import { answerPut, meetingPut, recordPut, testPut } from '../../shared/store/qbank-tests.ts';
import { asRead, commit, transact } from '../../shared/store/transact.ts';
import { VOID_QUESTION, voidJobWrites, voidQuestionJob } from '../../shared/store/void-job.ts';
import { id } from '../domain/builders.ts';
import { bankQuestion, openedTest, questionVersion, testQuestion } from '../domain/qbank-builders.ts';
import { QbankWorld } from '../domain/qbank-world.ts';
import { type Database, startDatabase } from '../support/database.ts';
import type { Request } from '../support/faults.ts';
import { deliver, streamRecords } from '../support/streams.ts';
import { cause, type JobRunner, jobRunner } from './job-runner.ts';

let engine: Database;
let db: Database;
let jobs: JobRunner;
const QUESTIONS = 3;
const COURSE = id<CourseId>('c1');

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(open);

async function open() {
  db = await engine.fresh();
  const { documents, tables } = db;
  const kind = voidQuestionJob(documents, tables, {
    now: () => jobs.now,
    settling: { sleep: async () => {} },
  });
  jobs = jobRunner(db, { [VOID_QUESTION]: kind });
  for (let ordinal = 0; ordinal < QUESTIONS; ordinal += 1) {
    const item = { ...bankQuestion(`q${ordinal}`, { ordinal, questionVersion: 2 }) };
    await db.plain.send(new PutCommand({ TableName: tables.qbankQuestions, Item: item }));
  }
}

/** A test by what it asks, question by question: at which version, and what was answered. */
interface Taken {
  readonly asks: readonly { readonly question: number; readonly version: number; readonly answer?: string }[];
  /** Whether it was handed in. */
  readonly ended: boolean;
}

async function enter(userId: string, taken: readonly Taken[]) {
  const tests = taken.map(({ asks }, index) =>
    openedTest({
      userId: id<UserId>(userId),
      testId: id<TestId>(`t${index}`),
      questions: asks.map(({ question, version }) =>
        testQuestion(`q${question}`, question, { questionVersion: version }),
      ),
    }),
  );
  const world = new QbankWorld(tests, (questionId) => questionVersion(questionId));
  for (const [index, { asks, ended }] of taken.entries()) {
    for (const { question, answer } of asks) {
      if (answer === undefined) continue;
      const command = { questionId: id<QuestionId>(`q${question}`), seconds: 5 };
      for (const _step of world.answer(`t${index}`, { ...command, optionId: id(answer), answerId: id('x') }));
    }
    if (ended) for (const _step of world.submit(`t${index}`));
  }
  const { tables, plain } = db;
  for (const test of world.tests.values()) await commit(plain, [testPut(tables, undefined, test)]);
  for (const answer of world.answers.values()) await commit(plain, [answerPut(tables, undefined, answer)]);
  for (const met of world.mets.values()) await commit(plain, [meetingPut(tables, undefined, met)]);
  if (world.record !== undefined) await commit(plain, [recordPut(tables, undefined, world.record)]);
}

/** Declares a version of a question void, or valid where there is no reason, and starts the job. */
async function declare(question: number, version: number, reason: string | undefined) {
  const { tables, plain } = db;
  const Key = questionKey(COURSE, id(`q${question}`));
  const { Item } = await plain.send(new GetCommand({ TableName: tables.qbankQuestions, Key }));
  const read = QbankQuestionRow.parse(Item);
  const by = id<UserId>('the-admin');
  const now = jobs.now.toISOString();
  const given = { questionVersion: version, reason, by, now, cause };
  const next = voidQuestion({ ...given, question: read });
  if (next === undefined) return;
  await transact(plain, [
    { kind: 'put', table: tables.qbankQuestions, item: next, when: asRead(read, 'courseId') },
    ...voidJobWrites(tables, { question: next, questionVersion: version, requestedBy: by, now, cause }),
  ]);
}

/** Lets what waits come to its time. */
async function secondPass() {
  jobs.pass(60);
  await jobs.wake();
  return jobs.flow();
}

async function standing() {
  return {
    tests: (await db.rows('qbankTests')).map((row) => QbankTestRow.parse(row)),
    answers: (await db.rows('qbankQuestionAttempts')).map((row) => QbankQuestionAttemptRow.parse(row)),
    records: (await db.rows('qbankRecords')).map((row) => QbankRecordRow.parse(row)),
  };
}
type Standing = Awaited<ReturnType<typeof standing>>;

/** What the rows have to be by the questions as they are, told without the code that decides it. */
async function recomputed({ tests, answers, records }: Standing): Promise<Standing> {
  const questions = (await db.rows('qbankQuestions')).map((row) => QbankQuestionRow.parse(row));
  const isVoid = (of: { questionId: string; questionVersion: number }) =>
    questions.find(({ questionId }) => questionId === of.questionId)?.voids[of.questionVersion] !== undefined;
  const judged = <T extends { questionId: string; questionVersion: number; voided?: true | undefined }>(
    of: T,
  ) => {
    const { voided: _before, ...rest } = of;
    return isVoid(of) ? { ...rest, voided: true as const } : rest;
  };
  const after = tests.map((test) => {
    if (test.results === undefined) return test;
    const results = test.results.map((result) => judged(result));
    const counted = results.filter((result) => !isVoid(result));
    const right = counted.filter(({ correct }) => correct).length;
    const score = counted.length === 0 ? null : Number(((100 * right) / counted.length).toFixed(2));
    return { ...test, results, score };
  });
  return {
    tests: after,
    answers: answers.map((answer) => judged(answer) as QbankQuestionAttemptRow),
    records: records.map((record) => {
      const firsts = after
        .filter(({ userId }) => userId === record.userId)
        .flatMap(({ results = [] }) => results)
        .filter((result) => result.first && result.optionId !== null && !isVoid(result));
      return {
        ...record,
        firstAnswers: firsts.length,
        firstRight: firsts.filter(({ correct }) => correct).length,
      };
    }),
  };
}

/** Without when and by whom it was written. */
function content(rows: Standing) {
  return Object.values(rows).map((each) =>
    each
      .map(({ version: _v, updatedAt: _u, causedBy: _b, causedAt: _c, ...rest }) => rest)
      .sort((a, b) => (JSON.stringify([a.userId, a]) < JSON.stringify([b.userId, b]) ? -1 : 1)),
  );
}

/** What all the rows say to the ledger, by source. */
function contributions({ tests, answers, records }: Standing) {
  const entries = [
    ...tests.flatMap((row) => qbankEntriesOf('qbankTests', row)),
    ...answers.flatMap((row) => qbankEntriesOf('qbankQuestionAttempts', row)),
    ...records.flatMap((row) => qbankEntriesOf('qbankRecords', row)),
  ];
  return new Map(entries.map(({ source, contribution }) => [source, contribution]));
}

async function expectTruth() {
  const rows = await standing();
  const expected = await recomputed(rows);
  expect(content(rows)).toEqual(content(expected));
  expect(contributions(rows)).toEqual(contributions(expected));
}

const ask = fc.record(
  { version: fc.integer({ min: 1, max: 2 }), answer: fc.constantFrom('a', 'a', 'b', 'c') },
  { requiredKeys: ['version'] },
);
const taken: fc.Arbitrary<Taken> = fc.record({
  asks: fc
    .tuple(...Array.from({ length: QUESTIONS }, () => fc.option(ask, { nil: undefined })))
    .map((asks) => asks.flatMap((each, question) => (each === undefined ? [] : [{ question, ...each }]))),
  ended: fc.boolean(),
});
const school = fc.array(fc.array(taken, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 4 });
const declarations = fc.array(
  fc.record({
    question: fc.nat(QUESTIONS - 1),
    version: fc.integer({ min: 1, max: 2 }),
    reason: fc.constantFrom('No option is right.', undefined),
    /** What happens before the next one is declared. */
    then: fc.constantFrom('nothing', 'a step', 'the first pass', 'both passes'),
  }),
  { minLength: 1, maxLength: 5 },
);

describe('voiding a question', () => {
  it('leaves scores, records and contributions as if it had always been so, in whatever order jobs run', async () => {
    await fc.assert(
      fc.asyncProperty(school, declarations, async (students, declared) => {
        await open();
        for (const [index, tests] of students.entries()) await enter(`u${index}`, tests);
        for (const { question, version, reason, then } of declared) {
          await declare(question, version, reason);
          if (then === 'a step') await deliver(jobs.run, streamRecords((await jobs.untold()).reverse()));
          if (then === 'the first pass' || then === 'both passes') await jobs.flow();
          if (then === 'both passes') await secondPass();
        }
        await jobs.flow();
        await expectTruth();
        const before = await standing();
        await secondPass();
        expect(await standing()).toEqual(before);
        for (const job of await db.rows('jobs')) expect(job.status).toBe('done');
      }),
      { numRuns: 15 },
    );
  });

  it('takes back what it took away', async () => {
    await enter('u1', [
      {
        asks: [
          { question: 0, version: 1, answer: 'b' },
          { question: 1, version: 1, answer: 'a' },
        ],
        ended: true,
      },
    ]);
    const before = content(await standing());
    await declare(0, 1, 'No option is right.');
    await jobs.flow();
    expect((await standing()).tests).toMatchObject([{ score: 100, ...cause }]);
    expect((await standing()).records).toMatchObject([{ firstAnswers: 1, firstRight: 1, ...cause }]);
    await declare(0, 1, undefined);
    await jobs.flow();
    expect(content(await standing())).toEqual(before);
  });

  it('leaves an open test alone, but for what was answered', async () => {
    await enter('u1', [{ asks: [{ question: 0, version: 1, answer: 'a' }], ended: false }]);
    await enter('u2', [{ asks: [{ question: 0, version: 1 }], ended: false }]);
    const { tests } = await standing();
    await declare(0, 1, 'No option is right.');
    await jobs.flow();
    expect((await standing()).tests).toEqual(tests);
    expect((await standing()).answers).toMatchObject([{ userId: 'u1', voided: true, version: 2 }]);
  });

  it('writes nothing to a student the second time', async () => {
    for (let index = 0; index < 5; index += 1) {
      await enter(`u${index}`, [{ asks: [{ question: 0, version: 1, answer: 'a' }], ended: true }]);
    }
    await declare(0, 1, 'No option is right.');
    await jobs.flow();
    db.faults.clear();
    await secondPass();
    const written = db.faults.requests.filter(({ name }) => /Write|Put/.test(name));
    expect(written.map(({ name }) => name)).toEqual(['PutItem', 'TransactWriteItems']);
    expect(await jobs.job('void-question~c1~q0~2')).toMatchObject({
      status: 'done',
      done: 10,
      counts: { changed: 5, rows: 10, untouched: 5 },
    });
  });

  it('goes over more students than a page has', async () => {
    for (let index = 0; index < 205; index += 1) {
      await enter(`u${index}`, [{ asks: [{ question: 0, version: 1, answer: 'b' }], ended: true }]);
    }
    await declare(0, 1, 'No option is right.');
    await jobs.flow();
    await expectTruth();
    expect(await jobs.segments('void-question~c1~q0~2')).toMatchObject([
      { version: 3, done: 205 },
      { version: 1 },
    ]);
  });

  it('reaches what was decided before it and committed after its first pass', async () => {
    const before: Taken[] = [
      {
        asks: [
          { question: 0, version: 1, answer: 'a' },
          { question: 1, version: 1, answer: 'a' },
        ],
        ended: true,
      },
    ];
    await enter('u1', before);
    await declare(0, 1, 'No option is right.');
    await jobs.flow();
    // As `enter` writes it, nobody knows of the void.
    await enter('u2', before);
    const late = (await standing()).tests.find(({ userId }) => userId === 'u2');
    expect(late).toMatchObject({ score: 100 });
    await secondPass();
    await expectTruth();
    expect((await standing()).answers.filter(({ voided }) => voided === true)).toHaveLength(2);
  });

  it('does not begin its second pass while anything decided before can be on its way', async () => {
    await enter('u1', [{ asks: [{ question: 0, version: 1, answer: 'a' }], ended: true }]);
    await declare(0, 1, 'No option is right.');
    await jobs.flow();
    jobs.pass(2 * 28);
    expect(await jobs.wake()).toEqual({ woken: 0 });
    expect(await jobs.segments('void-question~c1~q0~2')).toMatchObject([
      { status: 'done' },
      { status: 'running', done: 0 },
    ]);
  });

  it('keeps the record the sum of the tests where another test ends meanwhile', async () => {
    const one: Taken = {
      asks: [
        { question: 0, version: 1, answer: 'a' },
        { question: 1, version: 1, answer: 'b' },
      ],
      ended: true,
    };
    await enter('u1', [one]);
    await declare(0, 1, 'No option is right.');
    let met = false;
    db.faults.plan(async ({ name, input }: Request) => {
      const records = JSON.stringify(input).includes(db.tables.qbankRecords);
      if (met || name !== 'TransactWriteItems' || !records) return undefined;
      met = true;
      const [record] = (await standing()).records;
      if (record === undefined) throw new Error('no record');
      // What another completed test adds.
      const next = { ...record, tests: 2, firstAnswers: 3, firstRight: 2, version: record.version + 1 };
      await commit(db.plain, [recordPut(db.tables, record, next)]);
      return undefined;
    });
    await jobs.flow();
    expect(met).toBe(true);
    expect((await standing()).records).toMatchObject([{ tests: 2, firstAnswers: 2, firstRight: 1 }]);
  });

  it('passes over a student whose rows cannot be read, and keeps whom', async () => {
    for (const userId of ['u1', 'u2', 'u3']) {
      await enter(userId, [{ asks: [{ question: 0, version: 1, answer: 'b' }], ended: true }]);
    }
    const broken = (await standing()).tests.find(({ userId }) => userId === 'u2');
    await db.plain.send(
      new PutCommand({ TableName: db.tables.qbankTests, Item: { ...broken, results: 'gone' } }),
    );
    await declare(0, 1, 'No option is right.');
    await jobs.flow();
    await secondPass();
    expect(await jobs.job('void-question~c1~q0~2')).toMatchObject({ status: 'done', done: 4, aside: 2 });
    const failures = await db.rows('failures');
    expect(failures.map(({ failureId }) => failureId)).toEqual([
      `${db.tables.jobs}#void-question~c1~q0~2#u2#run-jobs`,
    ]);
    const scores = (await db.rows('qbankTests')).map(({ userId, score }) => [userId, score]);
    expect(Object.fromEntries(scores)).toEqual({ u1: null, u2: 0, u3: null });
  });

  it('comes to the same end, whichever write it was cut off after', async () => {
    const student: Taken[] = [
      {
        asks: [
          { question: 0, version: 1, answer: 'a' },
          { question: 1, version: 1, answer: 'b' },
        ],
        ended: true,
      },
      { asks: [{ question: 0, version: 1, answer: 'b' }], ended: true },
      { asks: [{ question: 0, version: 1, answer: 'c' }], ended: false },
    ];
    await enter('u1', student);
    await enter('u2', student);
    let reason: string | undefined = 'No option is right.';
    for (let most = 0; most <= 12; most += 1) {
      await declare(0, 1, reason);
      db.faults.clear();
      let done = 0;
      db.faults.plan(({ name }: Request) => {
        if (done >= most) return { kind: 'denied' };
        if (/Write|Put/.test(name)) done += 1;
        return undefined;
      });
      for (let told = await jobs.untold(); told.length > 0; told = await jobs.untold()) {
        const { batchItemFailures } = await jobs.run({ Records: streamRecords(told) });
        if (batchItemFailures.length === 0) continue;
        db.faults.clear();
        await deliver(jobs.run, streamRecords(told));
      }
      db.faults.clear();
      await expectTruth();
      await secondPass();
      reason = reason === undefined ? 'No option is right.' : undefined;
    }
  });
});
