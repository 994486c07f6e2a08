import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { projectProgress } from '../../functions/streams/project-progress.ts';
import type { CourseId, UserId } from '../../shared/domain/ids.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import { keepFailure } from '../../shared/store/failures.ts';
import type { Table } from '../../shared/store/keys.ts';
import * as build from '../domain/builders.ts';
import { publish, threeChapters } from '../support/courses.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { completionRow } from '../support/rows.ts';
import { deliver, streamRecords } from '../support/streams.ts';
import { failFirst, type HttpSchool, httpSchool, refusal, sent } from './http-school.ts';
import { putRows, walk } from './http-rows.ts';

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

/** Sets a record of a row aside, as a consumer does. */
async function setAside(
  table: Table,
  key: Record<string, string>,
  { consumer = 'project-progress', eventId = 'e1' } = {},
): Promise<void> {
  const raw = { eventID: eventId, dynamodb: { Keys: marshall(key), NewImage: marshall({ secret: 'Ada' }) } };
  const record = { table: db.tables[table], eventId, raw };
  await keepFailure(db.plain, db.tables, { consumer, record, reason: 'malformed: version' }, school.now);
  school.pass(1);
}

const list = async (query: { consumer?: string; limit?: number; cursor?: string } = {}) =>
  (await school.admin.call('get-failures', { query })).body;
const redrive = async (failureId: string) =>
  (await school.admin.call('redrive-failure', { params: { failureId } })).body;

async function only(): Promise<string> {
  const { failures } = await list();
  expect(failures).toHaveLength(1);
  return failures[0]?.failureId ?? '';
}

const KEY = { userId: 'u1', completion: 'c1#basics' };
const row = () => completionRow(build.completion('basics', { version: 3, causedBy: 'what ada did' }));

describe('what was set aside', () => {
  it('is listed page by page, the newest first, without its content', async () => {
    for (let number = 0; number < 5; number += 1) {
      await setAside('chapterCompletions', KEY, { eventId: `e${number}` });
    }
    const pages = await walk(db, (cursor) =>
      school.admin.call('get-failures', { query: { limit: 2, ...cursor } }),
    );
    const times = pages.map(({ failures }) => failures.map(({ setAsideAt }) => setAsideAt.slice(17, 19)));
    expect(times).toEqual([['04', '03'], ['02', '01'], ['00']]);
    expect(JSON.stringify(pages)).not.toContain('Ada');
    expect(pages[0]?.failures[0]).toMatchObject({
      consumer: 'project-progress',
      reason: 'malformed: version',
      status: 'waiting',
    });
  });

  it('is listed of one consumer', async () => {
    await setAside('chapterCompletions', KEY);
    await setAside('chapterCompletions', KEY, { consumer: 'aggregate-analytics' });
    const { failures } = await list({ consumer: 'aggregate-analytics' });
    expect(failures.map(({ consumer }) => consumer)).toEqual(['aggregate-analytics']);
    expect(await list({ consumer: 'nobody' })).toEqual({ failures: [] });
  });

  it('is shown whole to admins until it is settled', async () => {
    await setAside('chapterCompletions', KEY);
    await putRows(db, 'chapterCompletions', [row()]);
    const failureId = await only();
    const get = async () => (await school.admin.call('get-failure', { params: { failureId } })).body;
    expect((await get()).record).toMatchObject({ dynamodb: { NewImage: { secret: { S: 'Ada' } } } });
    await redrive(failureId);
    expect(await get()).toMatchObject({ status: 'redriven', record: {} });
  });

  it('is nothing for students, and unknown under ids that nobody gave', async () => {
    const ann = school.student('ann');
    const params = { failureId: 'abc' };
    expect(await refusal(ann.call('get-failures', {}))).toBe('forbidden');
    expect(await refusal(ann.call('get-failure', { params }))).toBe('forbidden');
    expect(await refusal(ann.call('redrive-failure', { params }))).toBe('forbidden');
    expect(await refusal(ann.call('redrive-failures', {}))).toBe('forbidden');
    expect(await refusal(ann.call('drop-failure', { params, body: { reason: 'x' } }))).toBe('forbidden');
    expect(await refusal(redrive('abc'))).toBe('failure_unknown');
    expect(await refusal(list({ cursor: 'e30' }))).toBe('invalid_request');
  });
});

describe('redriving', () => {
  it('writes the row as its next version with the cause it had, and settles the failure, together', async () => {
    await setAside('chapterCompletions', KEY);
    await putRows(db, 'chapterCompletions', [row()]);
    const failureId = await only();
    db.faults.clear();
    const redriven = await redrive(failureId);
    expect(sent(db)).toEqual(['GetItem', 'GetItem', 'TransactWriteItems']);
    expect(redriven).toMatchObject({ status: 'redriven', settledBy: 'the-admin' });
    expect(await db.rows('chapterCompletions')).toEqual([
      { ...row(), version: 4, updatedAt: school.now.toISOString() },
    ]);
    expect((await list()).failures).toEqual([]);
  });

  it('has the effect of once, however often it is sent and wherever the reply is lost', async () => {
    await setAside('chapterCompletions', KEY);
    await putRows(db, 'chapterCompletions', [row()]);
    const failureId = await only();
    failFirst(db, 'TransactWriteItems', { kind: 'lost' });
    const first = await redrive(failureId);
    expect(await redrive(failureId)).toEqual(first);
    await Promise.all([redrive(failureId), redrive(failureId)]);
    expect(await db.rows('chapterCompletions')).toMatchObject([{ version: 4 }]);
  });

  it('leaves what it cannot redrive, and says why', async () => {
    await setAside('chapterCompletions', KEY);
    const failureId = await only();
    expect(await refusal(redrive(failureId))).toBe('row_gone');
    await putRows(db, 'chapterCompletions', [{ ...row(), version: 'one' }]);
    expect(await refusal(redrive(failureId))).toBe('row_malformed');
    await setAside('analytics', { scope: 'school', part: 'total#0' }, { consumer: 'notify-subscribers' });
    const { body } = await school.admin.call('redrive-failures', {});
    expect(body.redriven).toEqual([]);
    expect(body.left.map(({ code }) => code)).toEqual(['failure_not_redrivable', 'row_malformed']);
    expect((await list()).failures).toHaveLength(2);
  });

  it('of all records takes a page of those of the consumer', async () => {
    await putRows(db, 'chapterCompletions', [row()]);
    for (let number = 0; number < 5; number += 1) {
      const eventId = `e${number}`;
      await setAside('chapterCompletions', KEY, { eventId });
      await setAside('chapterCompletions', KEY, { eventId, consumer: 'aggregate-analytics' });
    }
    const redriven: string[] = [];
    let cursor: string | undefined;
    do {
      const query = { consumer: 'project-progress', limit: 4, ...(cursor !== undefined && { cursor }) };
      const { body } = await school.admin.call('redrive-failures', { query });
      redriven.push(...body.redriven.map(({ consumer }) => consumer));
      cursor = body.cursor;
    } while (cursor !== undefined);
    expect(redriven).toEqual(Array.from({ length: 5 }, () => 'project-progress'));
    expect((await list()).failures).toHaveLength(5);
    expect(await db.rows('chapterCompletions')).toMatchObject([{ version: 8 }]);
  });

  it('brings in what could not be projected when it came', async () => {
    const project = projectProgress({
      documents: db.plain,
      tables: db.tables,
      logger: silentLog,
      clock: () => school.now,
    });
    const completion = completionRow(
      build.completion('read', { userId: build.id<UserId>('ann'), courseId: build.id<CourseId>('c') }),
    );
    await putRows(db, 'chapterCompletions', [completion]);
    const { userId, completion: sort } = completion;
    const Keys = marshall({ userId, completion: sort });
    const told = async () => {
      const [after] = await db.rows('chapterCompletions');
      if (after === undefined) throw new Error('There is no row');
      const [record] = streamRecords([{ table: db.tables.chapterCompletions, after }]);
      await deliver(project, [{ ...record, dynamodb: { ...record?.dynamodb, Keys } }] as never);
    };
    await told();
    expect(
      await refusal(school.student('ann').call('get-student-course-detail', { params: { courseId: 'c' } })),
    ).toBe('course_unknown');
    await publish(school.admin, 'c', threeChapters());
    await school.student('ann').call('enroll-directly', { params: { courseId: 'c' } });
    await redrive(await only());
    await told();
    await told();
    expect(await db.rows('studentProgress')).toMatchObject([
      { totalProgress: 33, completedChapters: { read: { version: 2 } } },
    ]);
  });
});

describe('dropping', () => {
  it('lets a record be, with a reason, once and for all', async () => {
    await setAside('chapterCompletions', KEY);
    const params = { failureId: await only() };
    const body = { reason: 'A row of a test' };
    const { body: dropped } = await school.admin.call('drop-failure', { params, body });
    expect(dropped).toMatchObject({ status: 'dropped', note: 'A row of a test', settledBy: 'the-admin' });
    const again = await school.admin.call('drop-failure', { params, body: { reason: 'Another' } });
    expect(again.body).toEqual(dropped);
    expect(await refusal(redrive(params.failureId))).toBe('failure_settled');
    expect((await list()).failures).toEqual([]);
  });
});
