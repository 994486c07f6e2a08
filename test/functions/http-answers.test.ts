import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
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

  it.each([
    ['to a question that was blank', 'q3', 'a'],
    ['that replaces another', 'q4', 'b'],
  ])(
    '%s and was decided before the test was closed is decided again, and refused',
    async (_which, questionId, optionId) => {
      await start('t1');
      await answer('t1', 'q4', 'a');
      const held = holdNext(school.db, 'TransactWriteItems');
      const late = refusal(answer('t1', questionId, optionId));
      await held.reached;
      await submit('t1');
      held.release();
      expect(await late).toBe('test_closed');
      expect(await paper('t1')).toMatchObject({ score: 33.33 });
      expect(await school.db.rows('qbankQuestionAttempts')).toMatchObject([
        { questionId: 'q4', optionId: 'a' },
      ]);
    },
  );

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
