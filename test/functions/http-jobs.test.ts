import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { VOID_QUESTION, voidQuestionJob } from '../../shared/store/void-job.ts';
import { fillBank, question } from '../support/bank.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { type HttpSchool, httpSchool, refusal, sent, written } from './http-school.ts';
import { walk } from './http-rows.ts';
import { type JobRunner, jobRunner } from './job-runner.ts';

let engine: Database;
let school: HttpSchool;
let jobs: JobRunner;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  const db = await engine.fresh();
  school = httpSchool(db);
  const kind = voidQuestionJob(db.documents, db.tables, { now: () => jobs.now });
  jobs = jobRunner(db, { [VOID_QUESTION]: kind });
});

const get = async (jobId: string) => (await school.admin.call('get-job', { params: { jobId } })).body;
const stop = async (jobId: string) => (await school.admin.call('stop-job', { params: { jobId } })).body;

describe('voiding a question', () => {
  const ofQuestion = { courseId: 'c', questionId: 'q1' };
  const version = { ...ofQuestion, questionVersion: 1 };
  const body = { reason: 'No option is right.' };
  const score = async () => {
    const test = { courseId: 'c', testId: 't1' };
    return (await school.student('ann').call('get-test', { params: test })).body.score;
  };

  beforeEach(async () => {
    await publish(school.admin, 'c', threeChapters());
    await fillBank(school.admin, 'c', [question('q1'), question('q2')]);
    const ann = school.student('ann');
    await ann.call('enroll-directly', { params: { courseId: 'c' } });
    const params = { courseId: 'c', testId: 't1' };
    await ann.call('start-test', { params, body: { mode: 'timed', count: 2 } });
    for (const [questionId, optionId] of [
      ['q1', 'b'],
      ['q2', 'a'],
    ] as const) {
      await ann.call('answer-question', {
        params: { ...params, questionId },
        body: { optionId, answerId: questionId, seconds: 0 },
      });
    }
    await ann.call('submit-test', { params });
  });

  it('lets scores follow, and follow back', async () => {
    expect(await score()).toBe(50);
    await school.admin.call('void-question', { params: version, body });
    await jobs.flow();
    expect(await score()).toBe(100);
    await school.admin.call('validate-question', { params: version });
    await jobs.flow();
    expect(await score()).toBe(50);
    const { body: list } = await school.admin.call('get-jobs', {});
    expect(list.jobs.map(({ jobId }) => jobId).sort()).toEqual([
      'void-question~c~q1~2',
      'void-question~c~q1~3',
    ]);
  });

  it('starts one job however often it is sent, and none where nothing changes', async () => {
    await Promise.all([1, 2, 3].map(() => school.admin.call('void-question', { params: version, body })));
    await school.admin.call('void-question', { params: version, body });
    const { body: list } = await school.admin.call('get-jobs', {});
    expect(list.jobs).toMatchObject([
      {
        jobId: 'void-question~c~q1~2',
        kind: 'void-question',
        parameters: version,
        status: 'running',
        requestedBy: 'the-admin',
      },
    ]);
  });
});

describe('the jobs', () => {
  it('are listed page by page, the newest first', async () => {
    for (let number = 0; number < 7; number += 1) {
      await jobs.start({ jobId: `toy~${number}` });
      jobs.pass(1);
    }
    const pages = await walk(school.db, (cursor) =>
      school.admin.call('get-jobs', { query: { limit: 3, ...cursor } }),
    );
    expect(pages.map((page) => page.jobs.map(({ jobId }) => jobId))).toEqual([
      ['toy~6', 'toy~5', 'toy~4'],
      ['toy~3', 'toy~2', 'toy~1'],
      ['toy~0'],
    ]);
    expect(await refusal(school.admin.call('get-jobs', { query: { cursor: 'e30' } }))).toBe(
      'invalid_request',
    );
  });

  it('tell how far each segment has come, and why one waits', async () => {
    jobs = jobRunner(school.db, {
      toy: ({ segment }) => {
        if (segment === 1) throw new Error('out of order');
        const work = () => Promise.resolve({ counted: 2 });
        return Promise.resolve({ items: [{ name: 'x', cursor: { behind: 1 }, work }] });
      },
    });
    await jobs.start({ segments: [{}, {}, { notBefore: '2026-11-22T10:05:00.000Z' }] });
    await jobs.flow();
    school.db.faults.clear();
    expect(await get('toy~1')).toMatchObject({
      status: 'running',
      segments: 3,
      segmentsDone: 1,
      done: 1,
      counts: { counted: 2 },
      progress: [
        { segment: 0, status: 'done', done: 1, failures: 0 },
        { segment: 1, status: 'running', failures: 1, lastFailure: 'Error: out of order' },
        { segment: 2, status: 'running', notBefore: '2026-11-22T10:05:00.000Z' },
      ],
    });
    expect(sent(school.db).sort()).toEqual(['GetItem', 'Query']);
  });

  it('show of later stages only that they are to come', async () => {
    jobs = jobRunner(school.db, { toy: () => Promise.resolve({ items: [] }) });
    await jobs.start({ segments: [{}], later: [{ segments: 2, afterSeconds: 60 }, { segments: 1 }] });
    expect(await get('toy~1')).toMatchObject({
      segments: 4,
      stage: 1,
      stages: 3,
      progress: [{ segment: 0 }],
    });
    await jobs.flow();
    const { progress, ...job } = await get('toy~1');
    expect(job).toMatchObject({ status: 'running', segments: 4, segmentsDone: 1, stage: 2, stages: 3 });
    expect(progress.map(({ segment }) => segment)).toEqual([0, 1, 2]);
  });

  it('can be stopped, once, and not when they have ended', async () => {
    await jobs.start({ segments: [{}, {}] });
    school.pass(5);
    const stopped = await stop('toy~1');
    expect(stopped).toMatchObject({ status: 'stopped', endedAt: '2026-11-22T10:00:05.000Z', version: 2 });
    const before = await written(school.db);
    school.pass(5);
    expect(await stop('toy~1')).toEqual(stopped);
    expect(await written(school.db)).toEqual(before);
    await jobs.flow();
    expect((await get('toy~1')).progress).toMatchObject([{ status: 'stopped' }, { status: 'stopped' }]);
  });

  it('are nothing for students, and unknown under ids that nobody gave', async () => {
    await jobs.start();
    const ann = school.student('ann');
    expect(await refusal(ann.call('get-jobs', {}))).toBe('forbidden');
    expect(await refusal(ann.call('get-job', { params: { jobId: 'toy~1' } }))).toBe('forbidden');
    expect(await refusal(ann.call('stop-job', { params: { jobId: 'toy~1' } }))).toBe('forbidden');
    expect(await refusal(get('toy~2'))).toBe('job_unknown');
    expect(await refusal(stop('toy~2'))).toBe('job_unknown');
    expect(await refusal(get('Toy#1'))).toBe('invalid_request');
  });
});
