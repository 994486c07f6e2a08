import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fillBank, question } from '../support/bank.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { holdNext, type HttpSchool, httpSchool, refusal, sent, written } from './http-school.ts';
import { openBank, testTaking } from './test-taking.ts';

let engine: Database;
let school: HttpSchool;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  school = httpSchool(await engine.fresh());
  await openBank(school);
});

const { start, answer, submit, open, paper } = testTaking(() => school);

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
