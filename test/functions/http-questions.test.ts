import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ApiError, type Arguments } from '../../shared/client/api.ts';
import { QUESTION_ORDERS } from '../../shared/contracts/qbank.ts';
import type { Metrics } from '../../shared/domain/contribution.ts';
import type { CourseId, QuestionId } from '../../shared/domain/ids.ts';
import { questionAggregate } from '../../shared/domain/qbank-contribution.ts';
import { pairMetrics } from '../../shared/domain/qbank-pairs.ts';
import { sumMetrics } from '../../shared/domain/totals.ts';
import { analyticsKey } from '../../shared/store/keys.ts';
import { threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { failFirst, holdNext, type HttpSchool, httpSchool, refusal, sent, written } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
  await school.admin.call('put-course', { params: c, body: threeChapters() });
});

type Draft = Arguments<'put-question'>[0]['body'];
type TableQuery = NonNullable<Arguments<'get-question-table'>[0]['query']>;

const c = { courseId: 'c' };
const draft = (change: Partial<Draft> = {}): Draft => ({
  topic: 'logic',
  difficulty: 'easy',
  stem: 'What follows?',
  options: [
    { optionId: 'a', text: 'All' },
    { optionId: 'b', text: 'Nothing' },
  ],
  key: 'a',
  explanation: 'It does.',
  ...change,
});
const imported = (questionId: string, change: Partial<Draft> = {}) => ({ questionId, ...draft(change) });
const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => imported(`q${String(from + index).padStart(3, '0')}`));

const put = async (questionId: string, change: Partial<Draft> = {}) => {
  const reply = await school.admin.call('put-question', {
    params: { ...c, questionId },
    body: draft(change),
  });
  return reply.body;
};
const get = async (questionId: string) => {
  const reply = await school.admin.call('get-question', { params: { ...c, questionId } });
  return reply.body;
};
const bring = async (questions: unknown[], idempotencyKey?: string) => {
  const reply = await school.admin.call('import-questions', {
    params: c,
    body: { questions },
    idempotencyKey,
  });
  return reply.body;
};
const declareVoid = async (questionId: string, questionVersion: number, reason = 'The key is wrong') => {
  const params = { ...c, questionId, questionVersion };
  return (await school.admin.call('void-question', { params, body: { reason } })).body;
};
const validate = async (questionId: string, questionVersion: number) => {
  const params = { ...c, questionId, questionVersion };
  return (await school.admin.call('validate-question', { params })).body;
};
const table = async (query: TableQuery = {}) =>
  (await school.admin.call('get-question-table', { params: c, query })).body;

/** What a call is refused with, in full. */
const problem = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiError)) throw new Error('It was not refused');
  return { code: error.problem.code, details: error.problem.details };
};

/** Lets something happen between the reading and the writing of the next command. */
function beforeNextWrite(act: () => Promise<unknown>): void {
  let done = false;
  school.db.faults.plan(async ({ name }) => {
    if (done || !['PutItem', 'TransactWriteItems'].includes(name)) return undefined;
    done = true;
    await act();
    return undefined;
  });
}

/** Rows of the bank by the first word of their part. */
async function bankRows(kind: 'bank' | 'question' | 'version') {
  const rows = await school.db.rows('qbankQuestions');
  return rows.filter(({ part }) => String(part).split('#')[0] === kind);
}

/** Writes a shard of the statistics of a question, as the stream does. */
async function measured(
  questionId: string,
  metrics: Readonly<Record<string, number>>,
  { questionVersion = 1, shard = 0 } = {},
): Promise<void> {
  const name = questionAggregate('c' as CourseId, questionId as QuestionId, questionVersion);
  const now = school.now.toISOString();
  const stamp = { version: 1, updatedAt: now, causedBy: 'a-test', causedAt: now };
  await school.db.plain.send(
    new PutCommand({
      TableName: school.db.tables.qbankQuestionStatistics,
      Item: { ...analyticsKey(name, shard), ...metrics, ...stamp },
    }),
  );
}

describe('putting a question', () => {
  it('creates it as its version 1, with an ordinal of its own', async () => {
    expect(await put('q1', { ifVersion: 0 })).toEqual({
      ...c,
      questionId: 'q1',
      ...draft(),
      questionVersion: 1,
      voids: [],
      version: 1,
      updatedAt: school.now.toISOString(),
    });
    await put('q2');
    expect(await bankRows('bank')).toMatchObject([{ questions: 2, version: 2 }]);
    const ordinals = (await bankRows('question')).map(({ questionId, ordinal }) => [questionId, ordinal]);
    expect(new Map(ordinals as [string, number][])).toEqual(
      new Map([
        ['q1', 0],
        ['q2', 1],
      ]),
    );
  });

  it.each<[string, Partial<Draft>]>([
    ['stem', { stem: 'What else follows?' }],
    ['key', { key: 'b' }],
    ['explanation', { explanation: 'It does not.' }],
    ['options', { options: draft().options.toReversed() }],
  ])('makes a new version of it when the %s is another', async (_, change) => {
    await put('q1');
    expect(await put('q1', change)).toMatchObject({ ...change, questionVersion: 2, version: 2 });
    const { versions } = await get('q1');
    expect(versions.map(({ questionVersion }) => questionVersion)).toEqual([2, 1]);
    expect(versions[1]).toMatchObject({ stem: 'What follows?', key: 'a', explanation: 'It does.' });
  });

  it('makes no new version when only topic or difficulty is another', async () => {
    await put('q1');
    const change = { topic: 'sets', difficulty: 'hard' } as const;
    expect(await put('q1', change)).toMatchObject({ ...change, questionVersion: 1, version: 2 });
    expect(await bankRows('version')).toHaveLength(1);
  });

  it('says the same and writes nothing when it is sent again, even with the version it was made on', async () => {
    const first = await put('q1', { ifVersion: 0 });
    const before = await written(school.db);
    expect(await put('q1', { ifVersion: 0 })).toEqual(first);
    expect(await written(school.db)).toEqual(before);
  });

  it('is refused when another change came first, and writes nothing', async () => {
    await put('q1');
    await put('q1', { stem: 'Second', ifVersion: 1 });
    const before = await written(school.db);
    for (const ifVersion of [0, 1, 3]) {
      const late = await problem(put('q1', { stem: 'Late', ifVersion }));
      expect(late).toEqual({ code: 'version_conflict', details: { version: 2 } });
    }
    expect(await written(school.db)).toEqual(before);
  });

  it('decides again on a change that came between', async () => {
    await put('q1');
    beforeNextWrite(() => put('q1', { stem: 'First', ifVersion: 1 }));
    expect(await refusal(put('q1', { stem: 'Late', ifVersion: 1 }))).toBe('version_conflict');
    expect(await get('q1')).toMatchObject({ stem: 'First', questionVersion: 2 });
  });

  it('gives two that come at the same moment different ordinals', async () => {
    await Promise.all(['q1', 'q2', 'q3', 'q4'].map((questionId) => put(questionId)));
    const ordinals = (await bankRows('question')).map(({ ordinal }) => ordinal);
    expect(ordinals.toSorted()).toEqual([0, 1, 2, 3]);
    expect(await bankRows('bank')).toMatchObject([{ questions: 4 }]);
  });

  it.each(['lost', '500 after'] as const)('takes effect once when its reply is %s', async (kind) => {
    failFirst(school.db, 'TransactWriteItems', { kind });
    expect(await put('q1', { ifVersion: 0 })).toMatchObject({ version: 1, questionVersion: 1 });
    expect(await bankRows('bank')).toMatchObject([{ questions: 1 }]);
  });

  it.each<[string, object, string, object]>([
    [
      'a key that is none of the options',
      { key: 'c' },
      'question_invalid',
      { 'body.key': expect.any(String) },
    ],
    [
      'two options of one id',
      { options: [...draft().options, { optionId: 'a', text: 'Again' }] },
      'question_invalid',
      { 'body.options.2.optionId': expect.any(String) },
    ],
    ['an empty stem', { stem: ' ' }, 'invalid_request', { 'body.stem': expect.any(String) }],
    ['a field it has not', { ordinal: 3 }, 'invalid_request', { 'body.ordinal': expect.any(String) }],
    [
      'more than a test could show',
      {
        stem: '心'.repeat(8000),
        explanation: '心'.repeat(8000),
        options: ['a', 'b', 'c'].map((optionId) => ({ optionId, text: '心'.repeat(2000) })),
      },
      'invalid_request',
      { 'body.stem': expect.stringContaining('64000 bytes') },
    ],
  ])('names the field of %s and writes nothing', async (_, change, code, details) => {
    const before = await written(school.db);
    expect(await problem(put('q1', change))).toEqual({ code, details });
    expect(await written(school.db)).toEqual(before);
  });

  it('is refused in an unknown course', async () => {
    const params = { courseId: 'other', questionId: 'q1' };
    const before = await written(school.db);
    expect(await refusal(school.admin.call('put-question', { params, body: draft() }))).toBe(
      'course_unknown',
    );
    expect(await written(school.db)).toEqual(before);
  });
});

describe('importing questions', () => {
  it('reports each in its place: created, revised, unchanged, and why one was refused', async () => {
    await put('same');
    await put('old');
    const report = await bring([
      imported('new'),
      { questionId: 'bad', topic: 'logic', stem: 7, key: 'a', options: draft().options },
      imported('same'),
      imported('old', { key: 'b' }),
      imported('late', { ifVersion: 2 }),
      imported('keyless', { key: 'z' }),
      imported('new', { stem: 'Another' }),
      null,
      { ...imported('?'), extra: 1 },
    ]);
    const refused = { outcome: 'refused', message: expect.any(String) as string };
    const invalid = { ...refused, code: 'invalid_request' };
    const text = expect.any(String) as string;
    expect(report).toEqual({
      created: 1,
      revised: 1,
      unchanged: 1,
      refused: 6,
      questions: [
        { questionId: 'new', outcome: 'created', questionVersion: 1 },
        { ...invalid, questionId: 'bad', details: { 'body.questions.1.stem': text } },
        { questionId: 'same', outcome: 'unchanged', questionVersion: 1 },
        { questionId: 'old', outcome: 'revised', questionVersion: 2 },
        { ...refused, questionId: 'late', code: 'version_conflict', details: { version: 0 } },
        {
          ...refused,
          questionId: 'keyless',
          code: 'question_invalid',
          details: { 'body.questions.5.key': text },
        },
        { ...refused, questionId: 'new', code: 'question_conflict', details: { questionId: 'new' } },
        { ...invalid, questionId: null, details: { 'body.questions.7': text } },
        {
          ...invalid,
          questionId: null,
          details: { 'body.questions.8.questionId': text, 'body.questions.8.extra': text },
        },
      ],
    });
    expect((await table({ sort: 'question' })).questions.map(({ questionId }) => questionId)).toEqual([
      'new',
      'old',
      'same',
    ]);
    expect(await get('new')).toMatchObject({ stem: 'What follows?' });
  });

  it('writes two hundred by five transactions, and reads each hundred rows at once', async () => {
    school.db.faults.clear();
    expect(await bring(many(200))).toMatchObject({ created: 200, refused: 0 });
    const count = (name: string) => sent(school.db).filter((each) => each === name).length;
    expect([count('TransactWriteItems'), count('GetItem')]).toEqual([5, 1]);
    expect(count('BatchGetItem')).toBeLessThanOrEqual(10);
    expect(await bankRows('bank')).toMatchObject([{ questions: 200, version: 200 }]);
    const ordinals = (await bankRows('question')).map(({ ordinal }) => Number(ordinal));
    expect(ordinals.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  it('sees that a question comes twice, however far apart', async () => {
    const report = await bring([...many(120), imported('q000', { stem: 'Another' })]);
    expect(report).toMatchObject({ created: 120, refused: 1 });
    expect(report.questions.at(-1)).toMatchObject({ questionId: 'q000', code: 'question_conflict' });
    expect(await get('q000')).toMatchObject({ questionVersion: 1 });
  });

  it('says unchanged and writes nothing when it is sent again', async () => {
    await bring(many(3));
    const before = await written(school.db);
    expect(await bring(many(3))).toMatchObject({ created: 0, revised: 0, unchanged: 3, refused: 0 });
    expect(await written(school.db)).toEqual(before);
  });

  it('says the same again under the same Idempotency-Key', async () => {
    await put('q001', { key: 'b' });
    const first = await bring(many(3), 'k1');
    expect(first).toMatchObject({ created: 2, revised: 1 });
    const before = await written(school.db);
    expect(await bring(many(3), 'k1')).toEqual(first);
    expect(await written(school.db)).toEqual(before);
  });

  it('loses nothing and gives no ordinal twice when two come at once', async () => {
    const reports = await Promise.all([bring(many(120)), bring(many(120, 60))]);
    expect(reports.map(({ refused }) => refused)).toEqual([0, 0]);
    expect(reports[0].created + reports[1].created).toBe(180);
    const ordinals = (await bankRows('question')).map(({ ordinal }) => Number(ordinal));
    expect(ordinals.sort((a, b) => a - b)).toEqual(Array.from({ length: 180 }, (_, index) => index));
    expect(await bankRows('bank')).toMatchObject([{ questions: 180 }]);
    expect(await bankRows('version')).toHaveLength(180);
  });

  it('decides again on what came between its reading and its writing', async () => {
    beforeNextWrite(() => put('q001', { key: 'b' }));
    expect(await bring(many(2))).toMatchObject({ created: 1, revised: 1 });
    expect(await get('q001')).toMatchObject({ key: 'a', questionVersion: 2 });
  });

  it('goes on where it stopped when it failed between its transactions and is sent again', async () => {
    school.db.faults.clear();
    school.db.faults.plan(({ name, count }) =>
      name === 'TransactWriteItems' && count === 2 ? { kind: 'denied' } : undefined,
    );
    expect(await refusal(bring(many(120)))).toBe('500');
    expect(await bankRows('question')).toHaveLength(49);
    expect(await bankRows('bank')).toMatchObject([{ questions: 49 }]);
    school.db.faults.clear();
    const report = await bring(many(120));
    expect(report).toMatchObject({ created: 71, unchanged: 49, refused: 0 });
    const ordinals = (await bankRows('question')).map(({ ordinal }) => Number(ordinal));
    expect(ordinals.sort((a, b) => a - b)).toEqual(Array.from({ length: 120 }, (_, index) => index));
  });

  it.each(['lost', '500 after', '500 before'] as const)(
    'says what it did when a reply of the database is %s',
    async (kind) => {
      await put('q001', { key: 'b' });
      failFirst(school.db, 'TransactWriteItems', { kind });
      expect(await bring(many(3))).toMatchObject({ created: 2, revised: 1, unchanged: 0 });
      expect(await bankRows('bank')).toMatchObject([{ questions: 3 }]);
    },
  );

  it('is refused in an unknown course, even where nothing in it can be read', async () => {
    const call = school.admin.call('import-questions', {
      params: { courseId: 'other' },
      body: { questions: [7] },
    });
    expect(await refusal(call)).toBe('course_unknown');
  });

  it('is refused as a whole when it is empty or too long, and writes nothing', async () => {
    const before = await written(school.db);
    for (const questions of [[], many(201)]) {
      expect(await problem(bring(questions))).toEqual({
        code: 'invalid_request',
        details: { 'body.questions': expect.any(String) as string },
      });
    }
    expect(await written(school.db)).toEqual(before);
  });
});

describe('reading a question', () => {
  it('shows every version with its own figures, the newest first', async () => {
    await put('q1');
    school.pass(60);
    await put('q1', { key: 'b' });
    await put('q10');
    await measured('q1', { answers: 4, correct: 3, 'option.a': 3, 'option.b': 1, seconds: 40 });
    await measured('q1', { answers: 2, correct: 2, 'option.b': 2 }, { questionVersion: 2 });
    await measured('q10', { answers: 9 });
    const { versions } = await get('q1');
    expect(versions).toMatchObject([
      {
        questionVersion: 2,
        key: 'b',
        since: '2026-11-22T10:01:00.000Z',
        figures: { people: 2, facility: 1 },
      },
      {
        questionVersion: 1,
        key: 'a',
        since: '2026-11-22T10:00:00.000Z',
        figures: {
          people: 4,
          facility: 0.75,
          meanSeconds: 10,
          options: [
            { optionId: 'a', count: 3, share: 0.75 },
            { optionId: 'b', count: 1, share: 0.25 },
          ],
        },
      },
    ]);
  });

  it('adds up whatever shards there are', async () => {
    await put('q1');
    await measured('q1', { answers: 1, correct: 1 });
    await measured('q1', { answers: 3 }, { shard: 1 });
    expect((await get('q1')).versions[0]?.figures).toMatchObject({ people: 4, facility: 0.25 });
  });

  it('does not show half of a revision that comes while it is read', async () => {
    await put('q1');
    const held = holdNext(school.db, 'Query');
    const reading = get('q1');
    await held.reached;
    await put('q1', { stem: 'Second' });
    held.release();
    const { questionVersion, stem, versions } = await reading;
    expect([questionVersion, stem, versions.length]).toEqual([1, 'What follows?', 1]);
  });

  it('refuses an unknown one', async () => {
    expect(await refusal(get('q1'))).toBe('question_unknown');
  });
});

describe('declaring a question void', () => {
  it('says which version, why, who and when, and leaves the others', async () => {
    await put('q1');
    await put('q1', { key: 'b' });
    const { voids, version } = await declareVoid('q1', 1);
    const said = { voidedBy: 'the-admin', voidedAt: school.now.toISOString() };
    expect(voids).toEqual([{ questionVersion: 1, reason: 'The key is wrong', ...said }]);
    expect(version).toBe(3);
    expect((await get('q1')).versions.map(({ voided }) => voided)).toEqual([false, true]);
    expect((await table()).questions).toMatchObject([{ voided: false }]);
    await declareVoid('q1', 2);
    expect((await table()).questions).toMatchObject([{ voided: true }]);
    expect((await get('q1')).voids.map(({ questionVersion }) => questionVersion)).toEqual([2, 1]);
  });

  it('says the same and writes nothing when it is sent again, and takes another reason', async () => {
    await put('q1');
    const first = await declareVoid('q1', 1);
    const before = await written(school.db);
    school.pass(5);
    expect(await declareVoid('q1', 1)).toEqual(first);
    expect(await written(school.db)).toEqual(before);
    expect((await declareVoid('q1', 1, 'Two keys')).voids).toMatchObject([{ reason: 'Two keys' }]);
  });

  it('is taken back, once', async () => {
    await put('q1');
    await declareVoid('q1', 1);
    const first = await validate('q1', 1);
    expect(first).toMatchObject({ voids: [], version: 3 });
    const before = await written(school.db);
    expect(await validate('q1', 1)).toEqual(first);
    expect(await written(school.db)).toEqual(before);
  });

  it('outlives a revision that comes between its reading and its writing', async () => {
    await put('q1');
    beforeNextWrite(() => put('q1', { key: 'b' }));
    expect(await declareVoid('q1', 1)).toMatchObject({ questionVersion: 2, version: 3 });
    expect(await get('q1')).toMatchObject({ key: 'b', questionVersion: 2, voids: [{ questionVersion: 1 }] });
  });

  it('is refused for a question or a version that is not there, and writes nothing', async () => {
    await put('q1');
    const before = await written(school.db);
    expect(await refusal(declareVoid('q2', 1))).toBe('question_unknown');
    expect(await refusal(declareVoid('q1', 2))).toBe('question_unknown');
    expect(await refusal(validate('q1', 2))).toBe('question_unknown');
    const empty = await problem(declareVoid('q1', 1, ' '));
    expect(empty).toEqual({
      code: 'invalid_request',
      details: { 'body.reason': expect.any(String) as string },
    });
    expect(await written(school.db)).toEqual(before);
  });
});

describe('the question table', () => {
  const ids = (questions: readonly { questionId: string }[]) => questions.map(({ questionId }) => questionId);

  /** First attempts at a question whose key is `a`, each with how many of four others were right, so many times over. */
  const attempts = (times: number, ...chosen: ['a' | 'b', number][]): Metrics =>
    sumMetrics(
      Array.from({ length: times }, () => chosen)
        .flat()
        .map(([optionId, othersRight]) => {
          const correct = optionId === 'a';
          const counts = { answers: 1, correct: correct ? 1 : 0, [`option.${optionId}`]: 1 };
          return { ...counts, ...pairMetrics({ optionId, correct, others: 4, othersRight }) };
        }),
    );

  /** `c` and `f` are wrong beyond chance, `b` may be, `a` and `e` tell who knows; of the others nothing is known. */
  async function suspects() {
    await bring(['none', 'f', 'e', 'd', 'c', 'b', 'a'].map((questionId) => imported(questionId)));
    await measured('a', attempts(1, ['a', 3], ['b', 2], ['a', 2], ['b', 2]));
    await measured('b', attempts(1, ['a', 0], ['b', 4], ['a', 1], ['b', 3]));
    await measured('c', attempts(20, ['a', 1], ['b', 3]));
    await measured('d', { answers: 20, correct: 10 });
    await measured('e', attempts(20, ['a', 4], ['b', 0]));
    await measured('f', attempts(20, ['a', 1], ['b', 2], ['a', 2], ['b', 2]));
  }

  /** Questions whose figures go different ways, with equal ones among them. */
  async function measuredOnes() {
    await bring(['none', 'd', 'c', 'b', 'a'].map((questionId) => imported(questionId)));
    await measured('a', { answers: 10, correct: 9, seconds: 500 });
    await measured('b', { answers: 40, correct: 4, seconds: 400 });
    await measured('c', { answers: 30, correct: 15, seconds: 1500 });
    await measured('d', { answers: 20, correct: 10, seconds: 200 });
  }

  it('shows what is wrong beyond chance first, then what may be, then the rest, by discrimination', async () => {
    await suspects();
    const { questions, total } = await table();
    expect(total).toBe(7);
    expect(ids(questions)).toEqual(['c', 'f', 'b', 'a', 'e', 'd', 'none']);
    expect(questions.map(({ figures }) => figures.flags.map(({ beyondChance }) => beyondChance))).toEqual([
      [true, true],
      [true, true],
      [false, false],
      [],
      [],
      [],
      [],
    ]);
  });

  it.each<[TableQuery['sort'], string[], string[]]>([
    ['flags', ['c', 'f', 'b', 'a', 'e', 'd', 'none'], ['e', 'a', 'd', 'none', 'b', 'f', 'c']],
    ['discrimination', ['c', 'b', 'f', 'a', 'e', 'd', 'none'], ['e', 'a', 'f', 'b', 'c', 'd', 'none']],
  ])('turns %s round, with what has none still last', async (sort, ascending, descending) => {
    await suspects();
    expect(ids((await table({ sort })).questions)).toEqual(ascending);
    expect(ids((await table({ sort, order: 'descending' })).questions)).toEqual(descending);
  });

  it.each<[TableQuery['sort'], string[], string[]]>([
    ['facility', ['b', 'c', 'd', 'a', 'none'], ['a', 'c', 'd', 'b', 'none']],
    ['people', ['none', 'a', 'd', 'c', 'b'], ['b', 'c', 'd', 'a', 'none']],
    ['seconds', ['b', 'd', 'a', 'c', 'none'], ['a', 'c', 'b', 'd', 'none']],
    ['question', ['a', 'b', 'c', 'd', 'none'], ['none', 'd', 'c', 'b', 'a']],
  ])('is sorted by %s either way, equal ones by id, null last', async (sort, ascending, descending) => {
    await measuredOnes();
    expect(ids((await table({ sort })).questions)).toEqual(ascending);
    expect(ids((await table({ sort, order: 'descending' })).questions)).toEqual(descending);
  });

  it.each(QUESTION_ORDERS.flatMap((sort) => [[sort, 'ascending'] as const, [sort, 'descending'] as const]))(
    'comes in pages that make the whole: by %s, %s',
    async (sort, order) => {
      await suspects();
      const whole = ids((await table({ sort, order })).questions);
      for (const limit of [1, 3, 7]) {
        const seen: string[][] = [];
        let cursor: string | undefined;
        do {
          const page = await table({ sort, order, limit, cursor });
          expect(page.total).toBe(7);
          seen.push(ids(page.questions));
          cursor = page.cursor;
        } while (cursor !== undefined);
        expect(seen.flat()).toEqual(whole);
        expect(seen).toHaveLength(Math.ceil(7 / limit));
      }
    },
  );

  it('goes on behind where a question stood, though its figures have changed since', async () => {
    await measuredOnes();
    const { questions, cursor } = await table({ sort: 'people', limit: 2 });
    expect(ids(questions)).toEqual(['none', 'a']);
    await measured('a', { answers: 100 }, { shard: 1 });
    const next = await table({ sort: 'people', limit: 2, cursor });
    expect(ids(next.questions)).toEqual(['d', 'c']);
  });

  it('refuses the cursor of another order, topic or course, and one that was made up', async () => {
    await measuredOnes();
    await school.admin.call('put-course', { params: { courseId: 'other' }, body: threeChapters() });
    const { cursor } = await table({ sort: 'people', limit: 1 });
    const details = { 'query.cursor': expect.any(String) as string };
    const refused = { code: 'invalid_request', details };
    for (const query of [
      { sort: 'facility' },
      { sort: 'flags' },
      { sort: 'people', order: 'descending' },
      { sort: 'people', topic: 'logic' },
      { sort: 'people', cursor: Buffer.from('{}').toString('base64url') },
      { sort: 'people', cursor: '?' },
    ] satisfies TableQuery[]) {
      expect(await problem(table({ cursor, ...query }))).toEqual(refused);
    }
    const elsewhere = { params: { courseId: 'other' }, query: { sort: 'people', cursor } as const };
    expect(await problem(school.admin.call('get-question-table', elsewhere))).toEqual(refused);
  });

  it('shows the questions of one topic, and how many they are', async () => {
    await bring([imported('a'), imported('b', { topic: 'sets' }), imported('d', { topic: 'sets' })]);
    const first = await table({ topic: 'sets', limit: 1 });
    expect([first.total, ids(first.questions)]).toEqual([2, ['b']]);
    const second = await table({ topic: 'sets', limit: 1, cursor: first.cursor });
    expect([second.total, ids(second.questions), second.cursor]).toEqual([2, ['d'], undefined]);
    expect(await table({ topic: 'none' })).toEqual({ ...c, total: 0, questions: [] });
  });

  it('shows a question as it stands, with the figures of that version and the beginning of its stem', async () => {
    await put('a');
    await put('a', { key: 'b', stem: `${'x'.repeat(159)}😀and more`, topic: 'sets', difficulty: 'hard' });
    await measured('a', { answers: 8, correct: 8, 'option.a': 8 });
    await measured('a', { answers: 2, correct: 1, 'option.b': 1, 'option.a': 1 }, { questionVersion: 2 });
    expect((await table()).questions).toMatchObject([
      {
        questionId: 'a',
        topic: 'sets',
        difficulty: 'hard',
        questionVersion: 2,
        stem: `${'x'.repeat(159)}😀`,
        key: 'b',
        voided: false,
        figures: { people: 2, facility: 0.5, options: [{ optionId: 'a' }, { optionId: 'b' }] },
      },
    ]);
  });

  it('is read by three requests a page, however many questions are asked for', async () => {
    await bring(many(120));
    school.db.faults.clear();
    const { questions, cursor } = await table({ limit: 100 });
    expect(sent(school.db)).toEqual(['Query', 'Query', 'BatchGetItem']);
    expect(questions).toHaveLength(99);
    expect((await table({ limit: 100, cursor })).questions).toHaveLength(21);
  });

  it('is empty before the first question, and refused in an unknown course', async () => {
    expect(await table()).toEqual({ ...c, total: 0, questions: [] });
    const params = { courseId: 'other' };
    expect(await refusal(school.admin.call('get-question-table', { params }))).toBe('course_unknown');
  });
});

describe('students', () => {
  it('are refused whatever they try with the bank, and nothing is written', async () => {
    await put('q1');
    const before = await written(school.db);
    const ann = school.student('ann');
    const q1 = { ...c, questionId: 'q1' };
    const first = { ...q1, questionVersion: 1 };
    const attempts = [
      ann.call('put-question', { params: q1, body: draft({ key: 'b' }) }),
      ann.call('import-questions', { params: c, body: { questions: many(1) } }),
      ann.call('get-question', { params: q1 }),
      ann.call('void-question', { params: first, body: { reason: 'I was wrong' } }),
      ann.call('validate-question', { params: first }),
      ann.call('get-question-table', { params: c }),
    ];
    expect(await Promise.all(attempts.map(refusal))).toEqual(attempts.map(() => 'forbidden'));
    expect(await written(school.db)).toEqual(before);
  });
});
