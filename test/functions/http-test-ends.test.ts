import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fillBank, question } from '../support/bank.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { failFirst, type HttpSchool, httpSchool, refusal, sent } from './http-school.ts';
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

const { start, answer, submit, open, paper, sweep } = testTaking(() => school);

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
