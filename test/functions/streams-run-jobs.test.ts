import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MOST_FAILURES, MOST_SEGMENTS, stopJob } from '../../shared/domain/job.ts';
import { type JobKind, jobPut } from '../../shared/store/jobs.ts';
import { MalformedRow } from '../../shared/store/reads.ts';
import { commit } from '../../shared/store/transact.ts';
import { type Database, startDatabase } from '../support/database.ts';
import type { Request } from '../support/faults.ts';
import { streamRecords } from '../support/streams.ts';
import { cause, type JobRunner, jobRunner } from './job-runner.ts';

let engine: Database;
let db: Database;
let jobs: JobRunner;
/** What the toy did, item after item. */
let worked: string[];
/** What befalls an item before it is worked on. */
let befall: (item: string) => void | Promise<void>;

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
  worked = [];
  befall = () => undefined;
  jobs = jobRunner(db, { toy });
});

/** Writes a row for each item of its segment: `items` of them, four a page. */
const toy: JobKind = async ({ parameters, segment, cursor }) => {
  const all = Array.from({ length: Number(parameters.items ?? 10) }, (_, item) => item);
  const left = all.slice(Number(cursor?.behind ?? -1) + 1);
  const items = left.slice(0, 4).map((item) => ({
    name: `${segment}.${item}`,
    ...(parameters.recurs === true && { recurs: true as const }),
    cursor: { behind: item },
    work: async () => {
      worked.push(`${segment}.${item}`);
      await befall(`${segment}.${item}`);
      const row = { userId: `${segment}.${item}`, version: 1 };
      await db.documents.send(new PutCommand({ TableName: db.tables.students, Item: row }));
      return { [item % 2 === 0 ? 'even' : 'odd']: 1 };
    },
  }));
  const last = items.at(-1);
  return { items, ...(left.length > 4 && last !== undefined && { next: last.cursor }) };
};

const names = (segments: number, items: number) =>
  Array.from({ length: segments }, (_, segment) =>
    Array.from({ length: items }, (__, item) => `${segment}.${item}`),
  )
    .flat()
    .sort();

async function effects() {
  return (await db.rows('students')).map(({ userId }) => String(userId)).sort();
}

const WRITES = ['PutItem', 'TransactWriteItems'];

function writes() {
  return db.faults.requests.filter(({ name }) => WRITES.includes(name)).length;
}

describe('a job', () => {
  it('works through its list by steps that wake one another, and ends', async () => {
    await jobs.start();
    await jobs.flow();
    expect(worked).toEqual(names(1, 10));
    expect(await effects()).toEqual(names(1, 10));
    const ended = { status: 'done', done: 10, aside: 0, counts: { even: 5, odd: 5 } };
    expect(await jobs.segments()).toMatchObject([{ ...ended, version: 4, ...cause }]);
    expect(await jobs.job()).toMatchObject({
      ...ended,
      segmentsDone: 1,
      segmentsFailed: 0,
      endedAt: jobs.now.toISOString(),
      version: 2,
    });
  });

  it('ends at once where there is nothing to do', async () => {
    await jobs.start({ parameters: { items: 0 } });
    await jobs.flow();
    expect(await jobs.job()).toMatchObject({ status: 'done', done: 0, counts: {} });
  });

  it('starts once under its id, and leaves nothing where it does not start', async () => {
    await jobs.start();
    await expect(jobs.start({ segments: [{}, {}] })).rejects.toMatchObject({ reason: 'stale' });
    expect(await jobs.segments()).toHaveLength(1);
  });

  it('ends with the last of its segments, which run side by side', async () => {
    await jobs.start({ segments: [{}, {}, {}] });
    await jobs.flow();
    expect(await effects()).toEqual(names(3, 10));
    expect(await jobs.job()).toMatchObject({
      status: 'done',
      segmentsDone: 3,
      done: 30,
      counts: { even: 15, odd: 15 },
      version: 4,
    });
  });

  it('asks for nothing but the two rows when a step is delivered again', async () => {
    await jobs.start();
    const told: Awaited<ReturnType<JobRunner['untold']>> = [];
    for (let left = await jobs.untold(); left.length > 0; left = await jobs.untold()) {
      told.push(...left);
      await jobs.run({ Records: streamRecords(left) });
      const before = await db.rows('jobs');
      db.faults.clear();
      // This step again, and all that came before it, the newest first.
      for (const record of [...told].reverse()) await jobs.run({ Records: streamRecords([record]) });
      expect(new Set(db.faults.requests.map(({ name }) => name))).toEqual(
        new Set(told.length > 1 ? ['BatchGetItem'] : []),
      );
      expect(await db.rows('jobs')).toEqual(before);
    }
    expect(worked).toEqual(names(1, 10));
  });

  it('takes one step for all the records of a segment that come together', async () => {
    await jobs.start();
    const [job, first] = await jobs.untold();
    await jobs.run({ Records: streamRecords([first, first].flatMap((record) => record ?? [])) });
    const [second] = await jobs.untold();
    await jobs.run({
      Records: streamRecords([job, first, second, first].flatMap((record) => record ?? [])),
    });
    expect(worked).toEqual(names(1, 8));
  });

  it('moves once when two take the same step at once', async () => {
    await jobs.start();
    let arrived = 0;
    let go: () => void = () => undefined;
    const both = new Promise<void>((resolve) => {
      go = resolve;
    });
    befall = (item) => {
      if (item !== '0.0') return;
      arrived += 1;
      if (arrived === 2) go();
      return both;
    };
    const records = streamRecords(await jobs.untold());
    await Promise.all([jobs.run({ Records: records }), jobs.run({ Records: records })]);
    expect(worked).toHaveLength(8);
    expect(await jobs.segments()).toMatchObject([{ version: 2, done: 4, counts: { even: 2, odd: 2 } }]);
    await jobs.flow();
    expect(await jobs.job()).toMatchObject({ status: 'done', done: 10 });
  });

  it('is not moved back by a step that comes late', async () => {
    await jobs.start();
    const records = streamRecords((await jobs.untold()).slice(1));
    const other = jobRunner({ ...db, documents: db.plain }, { toy });
    let late = true;
    db.faults.plan(async ({ name, input }: Request) => {
      if (!late || name !== 'PutItem' || input.TableName !== db.tables.jobs) return undefined;
      late = false;
      // Between what the late one has read and what it writes, the job goes on to its end.
      await other.flow();
      return undefined;
    });
    await jobs.run({ Records: records });
    expect(late).toBe(false);
    expect(await jobs.segments()).toMatchObject([{ status: 'done', done: 10, version: 4 }]);
    expect(await jobs.job()).toMatchObject({ status: 'done', done: 10, segmentsDone: 1 });
  });

  it('counts both segments that end at the same moment', async () => {
    await jobs.start({ segments: [{}, {}], parameters: { items: 1 } });
    const told = (await jobs.untold()).slice(1);
    await Promise.all(told.map((record) => jobs.run({ Records: streamRecords([record]) })));
    expect(await jobs.job()).toMatchObject({ status: 'done', segmentsDone: 2, done: 2 });
  });

  it('stops a step in time, behind what it did', async () => {
    await jobs.start({ parameters: { items: 100 } });
    jobs = jobRunner(db, {
      toy: async (task) => {
        const { items, next } = await toy({ ...task, parameters: { items: 0 } });
        const cursor = Number(task.cursor?.behind ?? -1);
        const slow = Array.from({ length: 100 - cursor - 1 }, (_, index) => cursor + 1 + index);
        return {
          ...(next !== undefined && { next }),
          items: [
            ...items,
            ...slow.map((item) => ({
              name: String(item),
              cursor: { behind: item },
              work: () => {
                jobs.pass(1);
                worked.push(String(item));
                return Promise.resolve({});
              },
            })),
          ],
        };
      },
    });
    await jobs.run({ Records: streamRecords(await jobs.untold()) });
    // Eight at a time, and none begins after twelve seconds.
    expect(await jobs.segments()).toMatchObject([{ cursor: { behind: 15 }, done: 16, status: 'running' }]);
    await jobs.flow();
    expect(worked).toEqual(Array.from({ length: 100 }, (_, item) => String(item)));
  });
});

describe('a job that is cut off', () => {
  /** After the given number of writes nothing works any more. */
  const diesAfter = (most: number) => {
    let done = 0;
    db.faults.plan(({ name }: Request) => {
      if (done >= most) return { kind: 'denied' };
      if (WRITES.includes(name)) done += 1;
      return undefined;
    });
  };

  it('ends as if nothing had been, whichever write was its last', async () => {
    await jobs.start({ jobId: 'toy~whole', segments: [{}, {}] });
    await jobs.flow();
    const all = writes();
    expect(all).toBeGreaterThan(20);
    for (let most = 0; most <= all; most += 1) {
      const jobId = `toy~${most}`;
      worked = [];
      await jobs.start({ jobId, segments: [{}, {}] });
      db.faults.clear();
      diesAfter(most);
      for (let records = await jobs.untold(); records.length > 0; records = await jobs.untold()) {
        const { batchItemFailures } = await jobs.run({ Records: streamRecords(records) });
        if (batchItemFailures.length === 0) continue;
        db.faults.clear();
        // The stream delivers again what was in flight.
        expect(await jobs.run({ Records: streamRecords(records) })).toEqual({ batchItemFailures: [] });
      }
      db.faults.clear();
      jobs.pass(3600);
      await jobs.wake();
      await jobs.flow();
      expect(await jobs.job(jobId), jobId).toMatchObject({
        status: 'done',
        done: 20,
        counts: { even: 10, odd: 10 },
      });
      expect(new Set(worked)).toEqual(new Set(names(2, 10)));
    }
  });

  it.each(['lost', '500 after', '500 before'] as const)(
    'moves once where the reply to any of its moves is a %s',
    async (kind) => {
      await jobs.start({ segments: [{}, {}] });
      let moves = 0;
      db.faults.plan(({ name, input }) => {
        const move =
          name === 'TransactWriteItems' || (name === 'PutItem' && input.TableName === db.tables.jobs);
        if (move) moves += 1;
        return move && moves % 2 === 1 ? { kind } : undefined;
      });
      await jobs.flow();
      // Every other one; a move whose reply alone was lost has come all the same, and need not come again.
      expect(moves).toBeGreaterThanOrEqual(6);
      expect(worked.sort()).toEqual(names(2, 10));
      expect(await jobs.job()).toMatchObject({ status: 'done', done: 20, segmentsDone: 2 });
    },
  );

  it('is woken by the schedule where its record never came, and not before a minute has passed', async () => {
    await jobs.start();
    await jobs.untold();
    jobs.pass(59);
    expect(await jobs.wake()).toEqual({ woken: 0 });
    jobs.pass(1);
    const woken = await Promise.all([jobs.wake(), jobs.wake()]);
    expect(woken.map((each) => each.woken).sort()).toEqual([0, 1]);
    expect(await jobs.segments()).toMatchObject([
      { version: 2, failures: 1, lastFailure: 'The step did not come to its end.' },
    ]);
    await jobs.flow();
    expect(await jobs.job()).toMatchObject({ status: 'done', done: 10 });
    const [segment] = await jobs.segments();
    expect(segment).toMatchObject({ failures: 0 });
    expect(segment).not.toHaveProperty('lastFailure');
    jobs.pass(3600);
    expect(await jobs.wake()).toEqual({ woken: 0 });
  });

  it('keeps the others going where one segment cannot be read', async () => {
    await jobs.start({ segments: [{}, {}] });
    await jobs.untold();
    const [segment] = await jobs.segments();
    const damaged = { ...segment, done: 'many', waking: 'segment' };
    await db.plain.send(new PutCommand({ TableName: db.tables.jobs, Item: damaged }));
    jobs.pass(60);
    await expect(jobs.wake()).rejects.toThrow('1 of 2 segments could not be woken');
    const records = await jobs.untold();
    expect(await jobs.run({ Records: streamRecords(records) })).toEqual({ batchItemFailures: [] });
    expect(worked).toEqual(['1.0', '1.1', '1.2', '1.3']);
  });
});

describe('a step that fails', () => {
  it('sets aside what no retry can mend, once, and goes on', async () => {
    await jobs.start();
    befall = (item) => {
      if (item === '0.5') throw new MalformedRow('students', 'userId=0.5', ['name']);
    };
    await jobs.flow();
    expect(await jobs.job()).toMatchObject({ status: 'done', done: 9, aside: 1 });
    const failures = await db.rows('failures');
    expect(failures).toMatchObject([
      { consumer: 'run-jobs', failureId: `${db.tables.jobs}#toy~1#0.5#run-jobs` },
    ]);
    expect(failures[0]?.reason).toContain('userId=0.5');
    expect(JSON.parse(String(failures[0]?.record))).toMatchObject({ jobId: 'toy~1', item: '0.5' });
  });

  it('sets aside once what every job of its kind meets, and again once that was settled', async () => {
    befall = (item) => {
      if (item === '0.5') throw new MalformedRow('students', 'userId=0.5', ['name']);
    };
    const parameters = { items: 10, recurs: true };
    for (const jobId of ['toy~1', 'toy~2']) await jobs.start({ jobId, parameters });
    await jobs.flow();
    const [failure, ...others] = await db.rows('failures');
    expect(others).toEqual([]);
    const failureId = `${db.tables.jobs}#toy#0.5#run-jobs`;
    expect(failure).toMatchObject({ failureId, listing: 'waiting' });

    const { listing: _listing, ...waited } = failure ?? {};
    const settled = { ...waited, version: Number(waited.version) + 1 };
    await db.plain.send(new PutCommand({ TableName: db.tables.failures, Item: settled }));
    jobs.pass(60);
    await jobs.start({ jobId: 'toy~3', parameters });
    await jobs.flow();
    const [again, ...more] = await db.rows('failures');
    expect(more).toEqual([]);
    expect(again).toMatchObject({ failureId, listing: 'waiting' });
    expect(Number(again?.version)).toBeGreaterThan(settled.version);
    // The role of the function may put failures, and not read them.
    const asked = db.faults.requests.filter(({ input }) =>
      JSON.stringify(input).includes(db.tables.failures),
    );
    expect(new Set(asked.map(({ name }) => name))).toEqual(new Set(['PutItem']));
  });

  it('is noted with its reason and begun anew by the schedule, which changes nothing else', async () => {
    await jobs.start({ segments: [{}, {}] });
    befall = (item) => {
      if (item === '0.5') throw new Error('out of order');
    };
    await jobs.flow();
    const [waiting, other] = await jobs.segments();
    expect(waiting).toMatchObject({
      status: 'running',
      done: 4,
      failures: 1,
      lastFailure: 'Error: out of order',
    });
    expect(other).toMatchObject({ status: 'done', done: 10 });
    jobs.pass(59);
    expect(await jobs.wake()).toEqual({ woken: 0 });
    befall = () => undefined;
    jobs.pass(1);
    expect(await jobs.wake()).toEqual({ woken: 1 });
    await jobs.flow();
    expect(await jobs.job()).toMatchObject({ status: 'done', done: 20, segmentsFailed: 0 });
    expect(await db.rows('failures')).toEqual([]);
  });

  it('is given up after ten in a row, and the job with it once the others have ended', async () => {
    await jobs.start({ segments: [{}, {}] });
    befall = (item) => {
      if (item === '0.5') throw new Error('out of order');
    };
    await jobs.flow();
    for (let failures = 2; failures <= MOST_FAILURES; failures += 1) {
      expect(await jobs.job()).toMatchObject({ status: 'running', segmentsDone: 1 });
      jobs.pass(3600);
      await jobs.wake();
      await jobs.flow();
    }
    expect(await jobs.job()).toMatchObject({
      status: 'failed',
      segmentsDone: 2,
      segmentsFailed: 1,
      done: 14,
    });
    expect(await jobs.segments()).toMatchObject([{ status: 'failed', failures: 10 }, { status: 'done' }]);
    jobs.pass(3600);
    expect(await jobs.wake()).toEqual({ woken: 0 });
  });

  it('is given up as well where it is cut off again and again', async () => {
    await jobs.start();
    for (let failures = 1; failures <= MOST_FAILURES; failures += 1) {
      jobs.pass(3600);
      expect(await jobs.wake()).toEqual({ woken: 1 });
    }
    expect(await jobs.job()).toMatchObject({ status: 'failed', segmentsFailed: 1 });
  });

  it('of a kind nobody knows is noted too', async () => {
    await jobs.start({ kind: 'toString' });
    await jobs.flow();
    expect(await jobs.segments()).toMatchObject([{ lastFailure: 'Error: There is no kind of job toString' }]);
  });

  it('is delivered again where not even that can be noted', async () => {
    await jobs.start();
    const records = streamRecords((await jobs.untold()).slice(1));
    db.faults.plan(() => ({ kind: 'denied' }));
    const [record] = records;
    expect(await jobs.run({ Records: records })).toEqual({
      batchItemFailures: [{ itemIdentifier: record?.dynamodb.SequenceNumber }],
    });
  });
});

describe('a segment that waits', () => {
  it('takes no step before its time, and then is woken without having failed', async () => {
    await jobs.start({ segments: [{}, { notBefore: '2026-11-22T10:01:00.000Z' }] });
    await jobs.flow();
    expect(await effects()).toEqual(names(1, 10));
    expect(await jobs.job()).toMatchObject({ status: 'running', segmentsDone: 1 });
    jobs.pass(59);
    expect(await jobs.wake()).toEqual({ woken: 0 });
    jobs.pass(1);
    expect(await jobs.wake()).toEqual({ woken: 1 });
    expect(await jobs.segments()).toMatchObject([{}, { failures: 0 }]);
    await jobs.flow();
    expect(await effects()).toEqual(names(2, 10));
    expect(await jobs.job()).toMatchObject({ status: 'done' });
  });
});

describe('a stage of a job', () => {
  /** The toy again, with the stage before the number of the segment in it. */
  const staged: JobKind = async (task) => {
    const { items, next } = await toy(task);
    return {
      items: items.map((item) => ({
        ...item,
        work: () => {
          order.push(`${task.jobId} ${task.stage}.${task.segment}`);
          return item.work(() => {});
        },
      })),
      ...(next !== undefined && { next }),
    };
  };
  let order: string[];
  beforeEach(() => {
    order = [];
    jobs = jobRunner(db, { toy: staged });
  });
  const later = [{ segments: 3, afterSeconds: 35 }, { segments: 1 }];
  const parameters = { items: 1 };

  it('begins when all segments of the one before have ended, after its delay', async () => {
    await jobs.start({ segments: [{}, {}], later, parameters });
    expect(await jobs.segments()).toHaveLength(2);
    await jobs.flow();
    expect(order.sort()).toEqual(['toy~1 1.0', 'toy~1 1.1']);
    expect(await jobs.job()).toMatchObject({ status: 'running', segments: 6, segmentsDone: 2, stage: 2 });
    expect(await jobs.segments()).toHaveLength(5);
    jobs.pass(34);
    expect(await jobs.wake()).toEqual({ woken: 0 });
    jobs.pass(1);
    expect(await jobs.wake()).toEqual({ woken: 3 });
    order = [];
    await jobs.flow();
    expect(order.slice(0, 3).sort()).toEqual(['toy~1 2.0', 'toy~1 2.1', 'toy~1 2.2']);
    expect(order.slice(3)).toEqual(['toy~1 3.0']);
    expect(await jobs.job()).toMatchObject({ status: 'done', segmentsDone: 6, stage: 3, done: 6 });
  });

  it('begins once, where two end the last segment at once and where the reply to that is lost', async () => {
    await jobs.start({ segments: [{}], later: [{ segments: 2 }], parameters });
    db.faults.plan(({ name, count }) =>
      name === 'TransactWriteItems' && count === 1 ? { kind: 'lost' } : undefined,
    );
    const records = streamRecords(await jobs.untold());
    await Promise.all([jobs.run({ Records: records }), jobs.run({ Records: records })]);
    await jobs.run({ Records: records });
    expect(await jobs.segments()).toMatchObject([{ version: 2 }, { version: 1 }, { version: 1 }]);
    await jobs.flow();
    expect(await jobs.job()).toMatchObject({ status: 'done', segmentsDone: 3, done: 3 });
  });

  it('does not begin after a segment that gave up: the job has failed', async () => {
    befall = (item) => {
      if (item === '1.0') throw new Error('out of order');
    };
    await jobs.start({ segments: [{}, {}], later, parameters });
    for (let failures = 0; failures <= MOST_FAILURES; failures += 1) {
      await jobs.flow();
      jobs.pass(3600);
      await jobs.wake();
    }
    expect(await jobs.job()).toMatchObject({ status: 'failed', stage: 1, segmentsDone: 2, segments: 6 });
    expect(await jobs.segments()).toHaveLength(2);
  });

  it('does not begin in a job that was stopped while the last segment was at work', async () => {
    befall = () => stop();
    await jobs.start({ segments: [{}], later, parameters });
    await jobs.flow();
    expect(await jobs.job()).toMatchObject({ status: 'stopped', stage: 1, segmentsDone: 1 });
    expect(await jobs.segments()).toHaveLength(1);
  });

  it('fits a transaction with ninety segments', async () => {
    await jobs.start({ segments: [{}], later: [{ segments: MOST_SEGMENTS }], parameters: { items: 0 } });
    await jobs.flow();
    expect(await jobs.job()).toMatchObject({ status: 'done', segmentsDone: MOST_SEGMENTS + 1 });
  });

  it('goes on in a job from before there were stages', async () => {
    await jobs.start({ segments: [{}, {}], parameters });
    const { stage: _stage, stageFrom: _from, later: _later, ...old } = await jobs.job();
    await db.plain.send(new PutCommand({ TableName: db.tables.jobs, Item: old }));
    await jobs.flow();
    expect(order.sort()).toEqual(['toy~1 1.0', 'toy~1 1.1']);
    expect(await jobs.job()).toMatchObject({ status: 'done', segmentsDone: 2 });
  });
});

async function stop() {
  const job = await jobs.job();
  const stopped = stopJob(job, jobs.now.toISOString(), {
    causedBy: 'stop',
    causedAt: jobs.now.toISOString(),
  });
  if (stopped !== undefined) await commit(db.plain, [jobPut(db.tables, job, stopped)]);
}

describe('a job that is stopped', () => {
  it('ends at the next move of each segment, and stays stopped', async () => {
    await jobs.start({ segments: [{}, { notBefore: '2026-11-22T10:01:00.000Z' }] });
    befall = (item) => (item === '0.5' ? stop() : undefined);
    await jobs.flow();
    expect(await effects()).toEqual(names(1, 8));
    jobs.pass(60);
    await jobs.wake();
    await jobs.flow();
    expect(await jobs.segments()).toMatchObject([{ status: 'stopped', done: 8 }, { status: 'stopped' }]);
    expect(await jobs.job()).toMatchObject({ status: 'stopped', causedBy: 'stop' });
    expect(await effects()).toEqual(names(1, 8));
    jobs.pass(3600);
    expect(await jobs.wake()).toEqual({ woken: 0 });
  });

  it('stays stopped where its last step was on its way', async () => {
    await jobs.start();
    befall = (item) => (item === '0.9' ? stop() : undefined);
    await jobs.flow();
    expect(await jobs.job()).toMatchObject({ status: 'stopped', segmentsDone: 1, done: 10 });
  });
});
