import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aggregateAnalytics } from '../../functions/streams/aggregate-analytics.ts';
import { projectProgress } from '../../functions/streams/project-progress.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import { ledgerKey, type Table } from '../../shared/store/keys.ts';
import { fillBank, question } from '../support/bank.ts';
import { publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { deliver, streamRecords } from '../support/streams.ts';
import { type HttpSchool, httpSchool, refusal, sent, SHARDS } from './http-school.ts';
import { putRows, stamp } from './http-rows.ts';

let engine: Database;
let db: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
  school = httpSchool(db);
});

const FACTS = [
  'chapterCompletions',
  'videoProgress',
  'quizAttempts',
  'waivers',
  'qbankQuestionAttempts',
] as const;
const SOURCES = [
  ...FACTS.filter((table) => table !== 'waivers'),
  'students',
  'enrollments',
  'qbankTests',
  'qbankRecords',
] as const;

/** Every row of the tables as if it had just been written. */
async function recordsOf(tables: readonly Table[]) {
  const rows = await Promise.all(
    tables.map(async (table) => (await db.rows(table)).map((after) => ({ table: db.tables[table], after }))),
  );
  return streamRecords(rows.flat());
}

/** Lets the projection and the aggregates follow. */
async function follow(): Promise<void> {
  const given = { documents: db.plain, tables: db.tables, logger: silentLog, clock: () => school.now };
  await deliver(projectProgress(given), await recordsOf(FACTS));
  await deliver(aggregateAnalytics({ ...given, shards: SHARDS }), await recordsOf(SOURCES));
}

const course = { courseId: 'c' };
const explain = async (userId = 'ann') =>
  (await school.admin.call('explain-progress', { params: { ...course, userId } })).body;

async function ledgerOf(scope: string, part: string, limit = 50) {
  const pages = [];
  let cursor: string | undefined;
  do {
    const query = { scope, part, limit, ...(cursor !== undefined && { cursor }) };
    pages.push((await school.admin.call('explain-aggregate', { query })).body);
    cursor = pages.at(-1)?.cursor;
    expect(pages.length).toBeLessThan(100);
  } while (cursor !== undefined);
  return pages;
}

function total(pages: readonly { readonly sum: Readonly<Record<string, number>> }[]) {
  const sum: Record<string, number> = {};
  for (const page of pages) {
    for (const [name, value] of Object.entries(page.sum)) sum[name] = (sum[name] ?? 0) + value;
  }
  return sum;
}

const withoutZeros = (metrics: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(metrics).filter(([, value]) => value !== 0));

async function study(userId: string): Promise<void> {
  const student = school.student(userId);
  await student.call('enroll-directly', { params: course });
  await student.call('complete-chapter', { params: { ...course, chapterId: 'read' } });
  const attempt = { ...course, quizId: 'quiz', attemptId: `of-${userId}` };
  await student.call('submit-quiz-attempt', { params: attempt, body: rightAnswers });
}

describe('where a progress comes from', () => {
  beforeEach(async () => {
    await publish(school.admin, 'c', threeChapters());
    await study('ann');
  });

  it('is told by the source rows, whatever is stored, and what is stored is compared', async () => {
    expect(await explain()).toMatchObject({
      inStep: false,
      computed: { totalProgress: 66 },
      stored: { totalProgress: 0 },
    });
    await follow();
    const explained = await explain();
    expect(explained).toMatchObject({
      userId: 'ann',
      enrollmentStatus: 'active',
      total: { shown: 66, rule: 'floored' },
      inStep: true,
      differs: [],
      stored: { totalProgress: 66 },
    });
    expect(explained.items.map(({ itemId, completion }) => [itemId, completion])).toMatchObject([
      [expect.any(String), 1],
      ['film', 0],
      ['quiz', 1],
    ]);
    expect(explained.items[2]?.facts).toMatchObject([{ from: 'quizAttempts', by: 'ann', counts: true }]);
  });

  it('names the admin who waived, and what is left of an item that is gone', async () => {
    const film = { ...course, userId: 'ann', itemId: 'film' };
    await school.admin.call('waive-item', { params: film, body: { reason: 'was ill' } });
    expect((await explain()).items[1]?.facts).toMatchObject([
      { from: 'waivers', by: 'the-admin', reason: 'was ill', counts: true },
    ]);
    const { outline } = threeChapters();
    const shorter = { chapters: outline.chapters.filter(({ chapterId }) => chapterId === 'read') };
    await school.admin.call('put-course', { params: course, body: threeChapters({ outline: shorter }) });
    await school.admin.call('set-course-status', { params: course, body: { status: 'published' } });
    const explained = await explain();
    expect(explained.uncounted.map(({ from }) => from).sort()).toEqual(['quizAttempts', 'waivers']);
    expect(explained.total).toMatchObject({ shown: 100, rule: 'complete' });
  });

  it('costs one request for each table of facts, one for the stored rows and one for an outline', async () => {
    db.faults.clear();
    await explain();
    expect(sent(db).sort()).toEqual(['Query', 'Query', 'Query', 'Query', 'Query', 'TransactGetItems']);
  });

  it('is nothing for students, nor of who was never enrolled', async () => {
    const params = { ...course, userId: 'ann' };
    expect(await refusal(school.student('ann').call('explain-progress', { params }))).toBe('forbidden');
    expect(await refusal(explain('bob'))).toBe('not_enrolled');
    const unknown = { courseId: 'no-course', userId: 'ann' };
    expect(await refusal(school.admin.call('explain-progress', { params: unknown }))).toBe('course_unknown');
  });
});

describe('what an aggregate is the sum of', () => {
  it('is paged, and all pages add up to it', async () => {
    await publish(school.admin, 'c', threeChapters());
    for (const userId of ['ann', 'bob', 'cy']) await study(userId);
    await follow();
    for (const [scope, part, rows] of [
      ['course#c', 'total', 9],
      ['course#c', 'quiz#quiz', 3],
      ['course#c', 'day#2026-11-22', 3],
      ['school', 'total', 12],
      ['course#other', 'total', 0],
    ] as const) {
      const pages = await ledgerOf(scope, part, 2);
      expect(pages.flatMap((page) => page.rows).length, `${scope} ${part}`).toBe(rows);
      expect(total(pages)).toEqual(withoutZeros(pages[0]?.metrics ?? {}));
      for (const page of pages) expect(page.rows.length).toBeLessThanOrEqual(2);
    }
    const [page] = await ledgerOf('course#c', 'quiz#quiz');
    expect(page?.rows[0]).toMatchObject({ sourceVersion: 1, metrics: { attempts: 1, passes: 1 } });
  });

  it('finds few rows among many with a bounded look at the ledger', async () => {
    const others = Array.from({ length: 5000 }, (_, index) => ({
      ...ledgerKey(`students#s${index}`),
      sourceVersion: 1,
      contribution: { 'school|total': { learners: 1 } },
      ...stamp,
    }));
    const contribution = { 'course#c|total': { attempts: 1 } };
    const wanted = { ...others[0], ...ledgerKey('wanted#ann'), contribution };
    await putRows(db, 'ledger', [...others, wanted]);
    db.faults.clear();
    const pages = await ledgerOf('course#c', 'total');
    expect(pages.flatMap(({ rows }) => rows.map(({ source }) => source))).toEqual(['wanted#ann']);
    expect(pages.length).toBeLessThanOrEqual(3);
    expect(sent(db).filter((name) => name === 'Scan').length).toBeLessThanOrEqual(3 * pages.length);
  });

  it('is found by keys where it concerns one question or one student, without looking through the ledger', async () => {
    await publish(school.admin, 'c', threeChapters());
    await fillBank(school.admin, 'c', [question('q1'), question('q2')]);
    for (const userId of ['ann', 'bob', 'cy']) {
      const student = school.student(userId);
      await student.call('enroll-directly', { params: course });
      for (const testId of ['t1', 't2']) {
        const params = { ...course, testId };
        await student.call('start-test', { params, body: { mode: 'timed', count: 2, from: 'all' } });
        const answer = { optionId: 'a', answerId: testId, seconds: 4 };
        // cy leaves the question blank: that counts too, and the test says it.
        const questionId = userId === 'cy' ? 'q2' : 'q1';
        await student.call('answer-question', { params: { ...params, questionId }, body: answer });
        await student.call('submit-test', { params });
      }
    }
    await follow();
    db.faults.clear();
    const ofQuestion = await ledgerOf('bank#c', 'question#q1#000001', 2);
    const ofStudent = await ledgerOf('student#ann', 'qbank#c', 1);
    expect(sent(db)).not.toContain('Scan');
    for (const pages of [ofQuestion, ofStudent]) {
      expect(total(pages)).toEqual(withoutZeros(pages[0]?.metrics ?? {}));
      expect(pages[0]?.rows.length).toBeGreaterThan(0);
    }
    expect(total(ofQuestion)).toMatchObject({ answers: 2, blanks: 1 });
    expect(total(ofStudent)).toMatchObject({ tests: 2 });
  });

  it('is refused where the scope, the part or the cursor cannot be', async () => {
    const ask = (query: { scope: string; part: string; cursor?: string }) =>
      refusal(school.admin.call('explain-aggregate', { query }));
    expect(await ask({ scope: 'galaxy', part: 'total' })).toBe('invalid_request');
    expect(await ask({ scope: 'school', part: 'total|x' })).toBe('invalid_request');
    expect(await ask({ scope: 'school', part: 'total', cursor: 'e30' })).toBe('invalid_request');
    expect(
      await refusal(
        school.student('ann').call('explain-aggregate', { query: { scope: 'school', part: 'total' } }),
      ),
    ).toBe('forbidden');
  });
});
