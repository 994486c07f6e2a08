import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { closeTests } from '../../functions/scheduled/close-tests.ts';
import type { AnswerDraft, TestDraft } from '../../shared/contracts/qbank.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import { fillBank, question } from '../support/bank.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { failFirst, type HttpSchool, holdNext, httpSchool, refusal, sent, written } from './http-school.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
  await publish(school.admin, 'c', threeChapters());
  await fillBank(school.admin, 'c', [
    question('q1'),
    question('q2'),
    question('q3', { topic: 'lung' }),
    question('q4', { topic: 'lung' }),
  ]);
  await school.student('ann').call('enroll-directly', { params: { courseId: 'c' } });
});

const test = (testId: string) => ({ courseId: 'c', testId });

function start(testId: string, body: Partial<z.input<typeof TestDraft>> = {}, who = 'ann') {
  return school
    .student(who)
    .call('start-test', { params: test(testId), body: { mode: 'timed', count: 3, ...body } });
}

function answer(
  testId: string,
  questionId: string,
  optionId: string,
  more: Partial<z.input<typeof AnswerDraft>> & { who?: string } = {},
) {
  const { who = 'ann', ...body } = more;
  return school.student(who).call('answer-question', {
    params: { ...test(testId), questionId },
    body: { optionId, answerId: `${questionId}-${optionId}`, seconds: 5, ...body },
  });
}

const submit = (testId: string, who = 'ann') =>
  school.student(who).call('submit-test', { params: test(testId) });
const paper = async (testId: string, who = 'ann') =>
  (await school.student(who).call('get-test', { params: test(testId) })).body;
const open = (testId: string) => school.student('ann').call('open-test', { params: test(testId) });
const sweep = (clock = () => school.now) =>
  closeTests({
    documents: school.db.documents,
    tables: school.db.tables,
    clock,
    logger: silentLog,
  })({}, { awsRequestId: 'sweep' });

describe('a test', () => {
  it('is made of questions that were wished for, under the id of the student, once', async () => {
    const { body } = await start('t1', { topics: ['lung'], count: 5 });
    expect(body).toEqual({
      courseId: 'c',
      testId: 't1',
      status: 'pending',
      mode: 'timed',
      topics: ['lung'],
      from: 'all',
      createdAt: '2026-11-22T10:00:00.000Z',
      closesAt: '2026-11-29T10:00:00.000Z',
      version: 1,
    });
    const before = await written(school.db);
    school.pass(5);
    expect((await start('t1', { topics: ['lung'], count: 5 })).body).toEqual(body);
    expect(await written(school.db)).toEqual(before);
    expect(await refusal(start('t1', { topics: [], count: 5 }))).toBe('test_conflict');
  });

  it('keeps its questions to itself until it is opened, and its keys until they may be seen', async () => {
    await start('t1');
    expect(await paper('t1')).toMatchObject({ status: 'pending', questionCount: 3, questions: [] });
    await open('t1');
    const shown = await paper('t1');
    expect(shown).toMatchObject({ status: 'in_progress', closesAt: '2026-11-22T10:04:30.000Z' });
    expect(shown.questions.map(({ questionId }) => questionId)).toEqual(['q4', 'q3', 'q2']);
    const told = await answer('t1', 'q4', 'a');
    for (const reply of [shown, told.body, await paper('t1')]) {
      expect(JSON.stringify(reply)).not.toMatch(/Because|"key":|"correct":/);
    }
    await submit('t1');
    const [first, second] = (await paper('t1')).questions;
    expect(first?.solution).toEqual({ key: 'a', explanation: 'Because of q4.', correct: true });
    expect(second?.solution).toEqual({ key: 'a', explanation: 'Because of q3.', correct: null });
  });

  it('shows what was answered before it ended, also when it ends while it is read', async () => {
    await start('t1');
    await open('t1');
    const held = holdNext(school.db, 'BatchGetItem');
    const reading = paper('t1');
    await held.reached;
    await answer('t1', 'q4', 'a');
    await submit('t1');
    held.release();
    const { status, questions } = await reading;
    expect(status).toBe('completed');
    expect(questions[0]).toMatchObject({ answer: { optionId: 'a' }, solution: { correct: true } });
  });

  it('in tutor mode shows the key of each question once it is answered, and the answer is final then', async () => {
    await start('t1', { mode: 'tutor' });
    const { body } = await answer('t1', 'q4', 'b');
    expect(body).toMatchObject({
      optionId: 'b',
      solution: { key: 'a', explanation: 'Because of q4.', correct: false },
    });
    expect((await paper('t1')).questions.map(({ solution }) => solution === null)).toEqual([
      false,
      true,
      true,
    ]);
    expect(await refusal(answer('t1', 'q4', 'a'))).toBe('answer_revealed');
    expect((await answer('t1', 'q4', 'b', { answerId: 'again' })).body).toEqual(body);
  });

  it('takes other answers until it is handed in, and is scored by the last ones, blanks being wrong', async () => {
    await start('t1');
    await answer('t1', 'q4', 'b');
    school.pass(20);
    const { body } = await answer('t1', 'q4', 'a', { seconds: 12 });
    expect(body).toMatchObject({ optionId: 'a', changes: 1, seconds: 12, version: 2 });
    await answer('t1', 'q3', 'c');
    expect((await submit('t1')).body).toMatchObject({
      status: 'completed',
      score: 33.33,
      closedBy: 'student',
      completedAt: '2026-11-22T10:00:20.000Z',
    });
  });

  it('that nobody answered is abandoned when it is handed in, and shows no key', async () => {
    await start('t1');
    await open('t1');
    expect((await submit('t1')).body).toMatchObject({ status: 'abandoned' });
    expect(JSON.stringify(await paper('t1'))).not.toContain('Because');
    expect(await school.db.rows('qbankRecords')).toEqual([]);
  });

  it('draws what was never met, or what was met and never answered right', async () => {
    await start('t1', { count: 2 });
    await answer('t1', 'q4', 'a');
    await answer('t1', 'q3', 'b');
    await submit('t1');
    await start('fresh', { count: 9, from: 'unused', mode: 'tutor' });
    await start('wrong', { count: 9, from: 'incorrect', mode: 'tutor' });
    await Promise.all([open('fresh'), open('wrong')]);
    const idsOf = async (testId: string) => (await paper(testId)).questions.map((each) => each.questionId);
    expect(await idsOf('fresh')).toEqual(['q2', 'q1']);
    expect(await idsOf('wrong')).toEqual(['q3']);
    await answer('wrong', 'q3', 'a');
    await submit('wrong');
    expect(await refusal(start('none', { from: 'incorrect' }))).toBe('no_questions_left');
  });

  it('keeps the question as it was when the question is revised meanwhile', async () => {
    await start('t1', { count: 1 });
    const revised = question('q4', { stem: 'What was q4?', key: 'b' });
    await fillBank(school.admin, 'c', [revised]);
    await open('t1');
    expect((await paper('t1')).questions).toMatchObject([{ questionVersion: 1, stem: 'What is q4?' }]);
    await answer('t1', 'q4', 'a');
    expect((await submit('t1')).body.score).toBe(100);
    await start('t2', { count: 1, mode: 'tutor' });
    expect((await answer('t2', 'q4', 'a')).body.solution).toMatchObject({ key: 'b', correct: false });
    expect(await school.db.rows('qbankMeetings')).toMatchObject([
      { versions: { 1: { firstIn: 't1' }, 2: { firstIn: 't2' } } },
    ]);
  });

  it.each([
    ['who is not enrolled', () => start('t1', {}, 'bob'), 'not_enrolled'],
    [
      'of a course that there is not',
      () =>
        school.student('ann').call('start-test', {
          params: { courseId: 'none', testId: 't1' },
          body: { mode: 'timed', count: 1 },
        }),
      'course_unknown',
    ],
    ['of no question at all', () => start('t1', { count: 0 }), 'invalid_request'],
    ['of more questions than a test holds', () => start('t1', { count: 81 }), 'invalid_request'],
    ['of a topic without questions', () => start('t1', { topics: ['skin'] }), 'no_questions_left'],
  ])('is refused to one %s, and nothing is written', async (_rule, call, code) => {
    const before = await written(school.db);
    expect(await refusal(call())).toBe(code);
    expect(await written(school.db)).toEqual(before);
  });
});

describe('an answer', () => {
  it('that is sent again changes nothing, be it after newer ones or after the end', async () => {
    await start('t1');
    await answer('t1', 'q4', 'a');
    const newer = await answer('t1', 'q4', 'b');
    const before = await written(school.db);
    school.pass(5);
    expect((await answer('t1', 'q4', 'a')).body).toEqual(newer.body);
    expect(await written(school.db)).toEqual(before);
    await submit('t1');
    expect((await answer('t1', 'q4', 'a')).body).toMatchObject({ optionId: 'b', answerId: 'q4-b' });
  });

  it('counts once when its reply is lost, or when it fails before or after it was written', async () => {
    await start('t1');
    for (const [index, kind] of (['lost', '500 before', '500 after'] as const).entries()) {
      const questionId = `q${4 - index}`;
      school.db.faults.clear();
      school.db.faults.plan(({ name, count }) =>
        name === 'TransactWriteItems' && count === 1 ? { kind } : undefined,
      );
      expect((await answer('t1', questionId, 'a')).body).toMatchObject({ version: 1, changes: 0 });
    }
    expect(await school.db.rows('qbankQuestionAttempts')).toHaveLength(3);
  });

  it('of the first of two devices stands until the second one comes, and both end in one', async () => {
    await start('t1');
    await open('t1');
    const replies = await Promise.all(['a', 'b', 'c'].map((option) => answer('t1', 'q4', option)));
    const [row] = await school.db.rows('qbankQuestionAttempts');
    expect(row).toMatchObject({ version: 3, changes: 2 });
    expect(replies.map(({ body }) => body.version).sort()).toEqual([1, 2, 3]);
    const last = replies.find(({ body }) => body.version === 3);
    expect(row?.optionId).toBe(last?.body.optionId);
  });

  it.each([
    ['after the test was handed in', async () => void (await submit('t1')), 'test_closed'],
    ['after the clock has closed it', async () => school.pass(3 * 90), 'test_closed'],
  ])('%s is refused, and nothing is written', async (_when, before, code) => {
    await start('t1');
    await answer('t1', 'q4', 'a');
    await before();
    const rows = await written(school.db);
    expect(await refusal(answer('t1', 'q3', 'a'))).toBe(code);
    expect(await refusal(answer('t1', 'q4', 'b'))).toBe(code);
    expect(await written(school.db)).toEqual(rows);
  });

  it.each([
    ['to a test of somebody else', () => answer('t1', 'q4', 'a', { who: 'bob' }), 'test_unknown'],
    ['to no test', () => answer('none', 'q4', 'a'), 'test_unknown'],
    ['to a question that the test does not have', () => answer('t1', 'q1', 'a'), 'question_not_in_test'],
    ['with an option that there is not', () => answer('t1', 'q4', 'z'), 'option_unknown'],
    [
      'under the id of the one in force',
      () => answer('t1', 'q3', 'b', { answerId: 'q3-a' }),
      'answer_conflict',
    ],
    ['with a time that is none', () => answer('t1', 'q4', 'a', { seconds: -1 }), 'invalid_request'],
  ])('%s is refused, and nothing is written', async (_rule, call, code) => {
    await start('t1');
    await answer('t1', 'q3', 'a');
    const rows = await written(school.db);
    expect(await refusal(call())).toBe(code);
    expect(await written(school.db)).toEqual(rows);
  });

  it('names the field that is wrong', async () => {
    await start('t1');
    const problem = await answer('t1', 'q4', 'z').catch((error: unknown) => error);
    expect(problem).toMatchObject({
      problem: { status: 422, details: { 'body.optionId': expect.any(String) } },
    });
  });

  it('that was decided before the test was closed is decided again, and refused', async () => {
    await start('t1');
    await answer('t1', 'q4', 'a');
    const held = holdNext(school.db, 'TransactWriteItems');
    const late = refusal(answer('t1', 'q3', 'a'));
    await held.reached;
    await submit('t1');
    held.release();
    expect(await late).toBe('test_closed');
    expect(await paper('t1')).toMatchObject({ score: 33.33 });
    expect(await school.db.rows('qbankQuestionAttempts')).toHaveLength(1);
  });

  it('cannot be changed once another test has shown the key', async () => {
    await start('t1', { count: 1 });
    await start('t2', { count: 1, mode: 'tutor' });
    await answer('t1', 'q4', 'b');
    const held = holdNext(school.db, 'TransactWriteItems');
    const late = refusal(answer('t1', 'q4', 'a'));
    await held.reached;
    await answer('t2', 'q4', 'c');
    held.release();
    expect(await late).toBe('answer_revealed');
  });

  it('takes two reads at most, and one write', async () => {
    await start('t1');
    await open('t1');
    school.db.faults.clear();
    await answer('t1', 'q4', 'a');
    expect(sent(school.db)).toEqual(['BatchGetItem', 'BatchGetItem', 'TransactWriteItems']);
    school.db.faults.clear();
    await answer('t1', 'q4', 'b');
    expect(sent(school.db)).toEqual(['BatchGetItem', 'TransactWriteItems']);
  });
});

describe('the end of a test', () => {
  it('comes once, whoever brings it: a student twice at once, and the clock', async () => {
    await start('t1');
    await answer('t1', 'q4', 'a');
    school.pass(3 * 90);
    const [one, two] = await Promise.all([submit('t1'), submit('t1'), sweep()]);
    expect(one.body).toEqual(two.body);
    expect(one.body).toMatchObject({
      status: 'completed',
      closedBy: 'clock',
      closedAt: '2026-11-22T10:04:30.000Z',
      score: 33.33,
    });
    expect(await school.db.rows('qbankRecords')).toMatchObject([{ tests: 1, firstAnswers: 1, version: 1 }]);
  });

  it('comes by the clock to what was left open, and to nothing else', async () => {
    await start('over');
    await answer('over', 'q4', 'a');
    await start('unopened');
    school.pass(60);
    await start('running');
    await answer('running', 'q4', 'b');
    school.pass(3 * 90 - 60);
    expect(await sweep()).toEqual({ tests: 1 });
    expect(await paper('over')).toMatchObject({ status: 'completed', closedBy: 'clock' });
    expect((await paper('running')).status).toBe('in_progress');
    school.pass(7 * 86_400);
    expect(await sweep()).toEqual({ tests: 2 });
    expect((await paper('unopened')).status).toBe('abandoned');
    expect(await sweep()).toEqual({ tests: 0 });
  });

  it('does not come by the clock to a test that was opened just before it would have lapsed', async () => {
    await start('t1');
    school.pass(7 * 86_400 - 1);
    const opened = await open('t1');
    // As if the index had not followed yet.
    const { db } = school;
    await db.plain.send(
      new UpdateCommand({
        TableName: db.tables.qbankTests,
        Key: { userId: 'ann', test: 'c#t1' },
        UpdateExpression: 'SET dueAt = :before',
        ExpressionAttributeValues: { ':before': '2026-11-29T10:00:00.000Z' },
      }),
    );
    school.pass(1);
    await sweep();
    expect(await paper('t1')).toMatchObject(opened.body);
    expect((await answer('t1', 'q4', 'a')).body).toMatchObject({ version: 1 });
  });

  it('is begun for no further test once a run of the clock has lasted long; the next run goes on', async () => {
    await start('t1');
    await answer('t1', 'q4', 'a');
    school.pass(3 * 90);
    let calls = 0;
    const late = () => new Date(school.now.getTime() + 20_000 * calls++);
    expect(await sweep(late)).toEqual({ tests: 0 });
    expect((await paper('t1')).status).toBe('in_progress');
    expect(await sweep()).toEqual({ tests: 1 });
  });

  it('that is cut off anywhere is brought by the next run of the clock, once', async () => {
    await start('t1');
    await answer('t1', 'q4', 'a');
    for (const cut of ['PutItem', 'TransactWriteItems']) {
      school.db.faults.plan(({ name }) => (name === cut ? { kind: 'denied' } : undefined));
      await expect(submit('t1')).rejects.toThrow();
      school.db.faults.clear();
      expect((await paper('t1')).status).toBe('in_progress');
    }
    expect(await refusal(answer('t1', 'q3', 'a'))).toBe('test_closed');
    expect(await sweep()).toEqual({ tests: 1 });
    expect(await paper('t1')).toMatchObject({ status: 'completed', closedBy: 'student', score: 33.33 });
    expect(await school.db.rows('qbankRecords')).toMatchObject([{ tests: 1, version: 1 }]);
  });

  it('comes in the same run where the list of tests finds no capacity at first', async () => {
    await start('t1');
    await answer('t1', 'q4', 'a');
    school.pass(3 * 90);
    failFirst(school.db, 'Query', { kind: 'throttled' });
    expect(await sweep()).toEqual({ tests: 1 });
  });

  it('of one that cannot be read holds up no other, and is told of', async () => {
    await start('bad');
    await start('good');
    await answer('bad', 'q4', 'a');
    await answer('good', 'q4', 'a');
    const { db } = school;
    await db.plain.send(
      new UpdateCommand({
        TableName: db.tables.qbankPapers,
        Key: { userId: 'ann', test: 'c#bad' },
        UpdateExpression: 'SET questions = :none',
        ExpressionAttributeValues: { ':none': 'nothing' },
      }),
    );
    school.pass(3 * 90);
    await expect(sweep()).rejects.toThrow('1 of 2 tests could not be ended');
    expect((await paper('good')).status).toBe('completed');
  });

  it('leaves what is void out of the score, also what was declared so while an answer was on its way', async () => {
    await start('t1');
    await answer('t1', 'q4', 'b');
    await answer('t1', 'q3', 'a');
    await school.admin.call('void-question', {
      params: { courseId: 'c', questionId: 'q4', questionVersion: 1 },
      body: { reason: 'No option is right' },
    });
    expect((await submit('t1')).body.score).toBe(50);
    expect(await school.db.rows('qbankQuestionAttempts')).toContainEqual(
      expect.objectContaining({ questionId: 'q4', voided: true }),
    );
    expect((await paper('t1')).questions.map(({ voided }) => voided)).toEqual([true, false, false]);
  });

  it('writes a test of 80 questions, most of them blank, in one transaction', async () => {
    await fillBank(
      school.admin,
      'c',
      Array.from({ length: 80 }, (_, index) => question(`many${index}`)),
    );
    await start('t1', { count: 80 });
    await answer('t1', 'q4', 'a');
    school.db.faults.clear();
    await submit('t1');
    expect(sent(school.db).filter((name) => name === 'TransactWriteItems')).toHaveLength(1);
    expect((await paper('t1')).score).toBe(1.25);
    expect(await school.db.rows('qbankMeetings')).toHaveLength(80);
  });
});

describe('the question bank of a student', () => {
  const bank = async (query: Record<string, unknown> = {}, who = 'ann') =>
    (await school.student(who).call('get-student-qbank', { params: { courseId: 'c' }, query })).body;

  it('shows the tests page by page, and the place among the peers only where there are enough', async () => {
    for (const testId of ['t1', 't2', 't3']) {
      await start(testId, { count: 1, mode: 'tutor' });
      await answer(testId, 'q4', 'a');
      await submit(testId);
    }
    const first = await bank({ limit: 2 });
    expect(first).toMatchObject({
      courseId: 'c',
      questions: 4,
      accuracy: 100,
      percentile: null,
      peers: 0,
      tests: [{ testId: 't1', score: 100 }, { testId: 't2' }],
    });
    expect(await bank({ limit: 2, cursor: first.cursor })).toMatchObject({ tests: [{ testId: 't3' }] });
  });

  it('takes three requests, however many tests there are', async () => {
    school.db.faults.clear();
    await bank();
    expect(sent(school.db)).toHaveLength(3);
  });

  it('is refused to who is not enrolled', async () => {
    expect(await refusal(bank({}, 'bob'))).toBe('not_enrolled');
  });
});
