import {
  QbankBankRow,
  QbankMeetingRow,
  QbankPaperRow,
  QbankQuestionAttemptRow,
  QbankQuestionRow,
  QbankRecordRow,
  QbankTestRow,
  QbankVersionRow,
} from '../contracts/qbank-rows.ts';
import { DomainError } from '../domain/errors.ts';
import { type CourseId, isId, type QuestionId, type UserId } from '../domain/ids.ts';
import { migrateAnswer, migrateQuestion, migrateTest, startOf, testKeyOf } from '../domain/legacy-bank.ts';
import { isLegacy, type LegacyRow, listAt, partsOf } from '../domain/legacy-row.ts';
import type { AnswerState, BankQuestionState, MetState } from '../domain/qbank-states.ts';
import { answerKey, type Named, ofCourse, ofTest, questionKey, testKey } from './keys.ts';
import { ANY_ROW, anyRow, fittingPut, readable, unchanged, unreadable } from './legacy-rows.ts';
import { type MigrationSetting, once } from './migrate-learner.ts';
import { queryAllRows } from './pages.ts';
import { bankRow, meetingRow, recordRow } from './qbank-rows.ts';
import { meetingPut, recordPut, type TestName, testPut } from './qbank-tests.ts';
import { MalformedRow, parseRow, readRow, readRows } from './reads.ts';
import { settle } from './settle.ts';
import type { MIGRATE_BANK_TABLES } from './migrate-stages.ts';
import { absent, asRead, type Put, transact, type Write } from './transact.ts';

type Tables = Named<(typeof MIGRATE_BANK_TABLES)[number]>;

/** By sort key, the tests and answers of a learner in a course that could not be read. */
type BankOutcome = ReadonlyMap<string, MalformedRow>;

export interface BankMigration {
  /** @throws MalformedRow */
  bringQuestion(courseId: CourseId, questionId: QuestionId): Promise<void>;
  /** All tests and answers of a learner in a course, which depend on one another. */
  bringBank(userId: UserId, courseId: CourseId): Promise<BankOutcome>;
}

/** Answers of one transaction: each with what was met by it. */
const MOST_ANSWERS = 45;

/** What was met by the end of a test, in one transaction with it: test, paper and record are the others. */
const MOST_MEETINGS = 90;

/** For one step of the job: what it has read of questions it keeps. */
export function createBankMigration(tables: Tables, setting: MigrationSetting): BankMigration {
  const { documents, dryRun, settling } = setting;
  const questions = new Map<string, Promise<BankQuestionState | undefined>>();
  const banks = new Map<string, Promise<BankOutcome>>();
  /** The end of the line at each course's bank, whose row every question moves. */
  const lines = new Map<CourseId, Promise<unknown>>();
  const write = (writes: readonly Write[]) => (dryRun ? Promise.resolve() : transact(documents, writes));

  const question = (courseId: CourseId, questionId: QuestionId) =>
    once(questions, `${courseId}#${questionId}`, async () => {
      const line = (lines.get(courseId) ?? Promise.resolve()).then(() => takeQuestion(courseId, questionId));
      lines.set(
        courseId,
        line.catch(() => undefined),
      );
      return line;
    });

  function takeQuestion(courseId: CourseId, questionId: QuestionId): Promise<BankQuestionState | undefined> {
    return settle(async () => {
      const key = questionKey(courseId, questionId);
      const [row] = await readRows(documents, [anyRow(tables.qbankQuestions, key)]);
      if (row === undefined) return undefined;
      if (!isLegacy(row)) return parseRow(tables.qbankQuestions, QbankQuestionRow, row);
      const bank = await readRow(documents, bankRow(tables, courseId));
      const decided = decideQuestion(row, bank);
      const put = (schema: Parameters<typeof fittingPut>[1], item: object | undefined, when: Put['when']) =>
        item === undefined ? [] : [fittingPut(tables.qbankQuestions, schema, { ...item }, when)];
      await write([
        ...put(QbankQuestionRow, decided.question, unchanged(row)),
        ...put(QbankVersionRow, decided.version, absent('courseId')),
        ...put(QbankBankRow, decided.bank, asRead(bank, 'courseId')),
      ]);
      return decided.question;
    }, settling);
  }

  function decideQuestion(row: LegacyRow, bank: QbankBankRow | undefined) {
    const key = { courseId: String(row.courseId), part: String(row.part) };
    try {
      const migrated = migrateQuestion(row, { ...setting, bank });
      return readable(tables.qbankQuestions, key, migrated ?? { unreadable: ['version'] });
    } catch (error) {
      // The rules of today refuse it: too many options, or too many questions.
      if (error instanceof DomainError) throw unreadable(tables.qbankQuestions, key, [error.code]);
      throw error;
    }
  }

  const rowsOf = (table: string, userId: UserId, attribute: string, beginsWith: string) =>
    queryAllRows(documents, {
      table,
      schema: ANY_ROW,
      partition: ['userId', userId],
      sort: { attribute, beginsWith },
    });

  async function takeBank(userId: UserId, courseId: CourseId): Promise<BankOutcome> {
    const [tests, answers] = await settle(
      () =>
        Promise.all([
          rowsOf(tables.qbankTests, userId, 'test', ofCourse(courseId)),
          rowsOf(tables.qbankQuestionAttempts, userId, 'attempt', ofCourse(courseId)),
        ]),
      settling,
    );
    const outcome = new Map<string, MalformedRow>();
    const left = new Map(answers.filter(isLegacy).map((answer) => [String(answer.attempt), answer]));
    for (const test of tests.toSorted((one, other) => (startOf(one) < startOf(other) ? -1 : 1))) {
      const key = testKeyOf(test);
      if (key === undefined) {
        const name = { userId, test: String(test.test) };
        outcome.set(name.test, unreadable(tables.qbankTests, name, ['test']));
        continue;
      }
      const own = [...left.keys()].filter((attempt) => attempt.startsWith(ofTest(courseId, key.testId)));
      for (const attempt of own) left.delete(attempt);
      if (isLegacy(test) || own.length > 0) {
        for (const [name, error] of await settle(() => takeTest(key), settling)) outcome.set(name, error);
      }
    }
    for (const attempt of left.keys()) {
      outcome.set(attempt, unreadable(tables.qbankQuestionAttempts, { userId, attempt }, ['(missing test)']));
    }
    return outcome;
  }

  async function takeTest(key: TestName): Promise<Map<string, MalformedRow>> {
    const { userId, courseId, testId } = key;
    const outcome = new Map<string, MalformedRow>();
    const name = testKey(userId, courseId, testId);
    const [test] = await readRows(documents, [anyRow(tables.qbankTests, name)]);
    const rows = await rowsOf(tables.qbankQuestionAttempts, userId, 'attempt', ofTest(courseId, testId));
    const asked = new Set(
      [
        ...rows.map(({ attempt }) => partsOf(attempt, 3)?.[2]),
        ...(test === undefined ? [] : (listAt(test, 'questionIds') ?? [])),
      ].flatMap((id) => (typeof id === 'string' && isId<QuestionId>(id) ? [id] : [])),
    );
    const bank = new Map<string, BankQuestionState>();
    for (const questionId of asked) {
      const known = await questionOrNone(courseId, questionId);
      if (known !== undefined) bank.set(questionId, known);
    }
    const mets = await metsOf(userId, courseId, [...asked]);

    const answers: AnswerState[] = [];
    let writes: Write[] = [];
    const flush = async () => {
      if (writes.length > 0) await write(writes);
      writes = [];
    };
    for (const row of rows) {
      try {
        const answer = await takeAnswer(row, key, bank, mets, writes);
        answers.push(answer);
      } catch (error) {
        if (!(error instanceof MalformedRow)) throw error;
        outcome.set(String(row.attempt), error);
      }
      if (writes.length >= 2 * MOST_ANSWERS) await flush();
    }
    await flush();
    if (test === undefined || !isLegacy(test)) return outcome;
    try {
      // Its score would be of those that could be read.
      if (outcome.size > 0) throw unreadable(tables.qbankTests, name, ['(answers)']);
      const { own, met } = await testWrites(test, key, { bank, answers, mets });
      while (met.length > MOST_MEETINGS) await write(met.splice(0, MOST_MEETINGS));
      await write([...own, ...met]);
    } catch (error) {
      if (!(error instanceof MalformedRow)) throw error;
      outcome.set(name.test, error);
    }
    return outcome;
  }

  /** A question that cannot be read is one that nobody knows. */
  async function questionOrNone(
    courseId: CourseId,
    questionId: QuestionId,
  ): Promise<BankQuestionState | undefined> {
    try {
      return await question(courseId, questionId);
    } catch (error) {
      if (error instanceof MalformedRow) return undefined;
      throw error;
    }
  }

  async function metsOf(userId: UserId, courseId: CourseId, questionIds: readonly QuestionId[]) {
    const rows = await readRows(
      documents,
      questionIds.map((questionId) => meetingRow(tables, userId, courseId, questionId)),
    );
    return new Map<string, MetState>(
      rows.flatMap((row) => (row === undefined ? [] : [[row.questionId, row]])),
    );
  }

  /** Adds to `writes` and to `mets` what a row of the old school becomes. */
  async function takeAnswer(
    row: LegacyRow,
    key: TestName,
    bank: ReadonlyMap<string, BankQuestionState>,
    mets: Map<string, MetState>,
    writes: Write[],
  ): Promise<AnswerState> {
    const table = tables.qbankQuestionAttempts;
    const questionId = partsOf(row.attempt, 3)?.[2] ?? '';
    const asked = bank.get(questionId);
    const met = mets.get(questionId);
    const migrated = migrateAnswer(row, { ...setting, key, question: asked, met });
    if (migrated === undefined) return parseRow(table, QbankQuestionAttemptRow, row);
    const name = { userId: key.userId, attempt: String(row.attempt) };
    const { answer, met: next } = readable(table, name, migrated);
    const item = { ...answer, ...answerKey(key.userId, key.courseId, key.testId, answer.questionId) };
    writes.push(fittingPut(table, QbankQuestionAttemptRow, item, unchanged(row)));
    if (next !== undefined) {
      writes.push(checked(QbankMeetingRow, meetingPut(tables, met, next)));
      mets.set(questionId, next);
    }
    return answer;
  }

  async function testWrites(
    row: LegacyRow,
    key: TestName,
    known: {
      readonly bank: ReadonlyMap<string, BankQuestionState>;
      readonly answers: readonly AnswerState[];
      readonly mets: ReadonlyMap<string, MetState>;
    },
  ): Promise<{ readonly own: Write[]; readonly met: Write[] }> {
    const { userId, courseId, testId } = key;
    const [record] = await readRows(documents, [recordRow(tables, userId, courseId)]);
    const mets = [...known.mets.values()];
    const migrated = migrateTest(row, { ...setting, ...known, mets, record });
    const name = testKey(userId, courseId, testId);
    const made = readable(tables.qbankTests, name, migrated ?? { unreadable: ['version'] });
    const { version, updatedAt, causedBy, causedAt, questions: asked } = made.test;
    const paper = { ...name, questions: asked, version, updatedAt, causedBy, causedAt };
    return {
      own: [
        { ...checked(QbankTestRow, testPut(tables, undefined, made.test)), when: unchanged(row) },
        fittingPut(tables.qbankPapers, QbankPaperRow, paper, absent('userId')),
        ...(made.record === undefined
          ? []
          : [checked(QbankRecordRow, recordPut(tables, record, made.record))]),
      ],
      met: made.mets.map((met) =>
        checked(QbankMeetingRow, meetingPut(tables, known.mets.get(met.questionId), met)),
      ),
    };
  }

  return {
    bringQuestion: async (courseId, questionId) => {
      await question(courseId, questionId);
    },
    bringBank: (userId, courseId) => once(banks, `${userId}#${courseId}`, () => takeBank(userId, courseId)),
  };
}

/** The write of a row that fits its schema. @throws MalformedRow */
function checked(schema: Parameters<typeof fittingPut>[1], { table, item, when }: Put): Put {
  return fittingPut(table, schema, item, when);
}
