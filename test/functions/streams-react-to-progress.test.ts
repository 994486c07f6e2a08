import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { reactToProgress } from '../../functions/streams/react-to-progress.ts';
import { CertificateRow, NotificationRow } from '../../shared/contracts/rows.ts';
import { CODE_BYTES } from '../../shared/domain/certificate.ts';
import type { CourseId, UserId } from '../../shared/domain/ids.ts';
import type { ProgressState } from '../../shared/domain/states.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import * as build from '../domain/builders.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { itIsMetered } from '../support/engines.ts';
import type { Fault } from '../support/faults.ts';
import { deliver, streamRecords } from '../support/streams.ts';

let engine: Database;
let db: Database;
const NOW = new Date(build.at(60));

beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
  await put('courses', build.course({ title: 'Anatomy' }));
  await put('students', build.student({ name: 'Ann Lee' }));
});

async function put(table: keyof Database['tables'], item: object) {
  await db.plain.send(new PutCommand({ TableName: db.tables[table], Item: { ...item } }));
}

/** Draws another code each time, so that a certificate that was written twice would show. */
function handler({ documents = db.documents, clock = () => NOW, first = 1 } = {}) {
  const { tables } = db;
  let drawn = first;
  const random = () => new Uint8Array(CODE_BYTES).fill(drawn++);
  const settling = { sleep: async () => {} };
  return reactToProgress({ documents, tables, random, logger: silentLog, clock, settling });
}

const completed = (over: Partial<ProgressState> = {}) =>
  build.progress({ totalProgress: 100, completedAt: build.at(5), version: 7, ...over });
const lowered = (over: Partial<ProgressState> = {}) =>
  build.progress({ lowered: { outlineVersion: 2, from: 80, to: 60, at: build.at(0) }, version: 4, ...over });

const recordsOf = (...rows: object[]) =>
  streamRecords(rows.map((after) => ({ table: db.tables.studentProgress, after })));

const certificates = async () => (await db.rows('certificates')).map((row) => CertificateRow.parse(row));
const notifications = async () => (await db.rows('notifications')).map((row) => NotificationRow.parse(row));
const sent = () => db.faults.requests.map(({ name }) => name);

describe('react-to-progress', () => {
  it('issues the certificate of a completed course and tells the student, in one transaction', async () => {
    await deliver(handler(), recordsOf(completed({ causedBy: 'request-9' })));
    const [certificate] = await certificates();
    expect(certificate).toMatchObject({
      userId: 'u1',
      certificate: 'c1#completion',
      studentName: 'Ann Lee',
      courseTitle: 'Anatomy',
      code: '1'.repeat(26),
      completedAt: build.at(5),
      issuedAt: build.at(60),
      version: 1,
      causedBy: 'request-9',
    });
    expect(await notifications()).toMatchObject([
      { kind: 'certificate_issued', courseId: 'c1', details: { title: 'Anatomy', code: '1'.repeat(26) } },
    ]);
    expect(sent()).toEqual(['BatchGetItem', 'BatchGetItem', 'TransactWriteItems']);
  });

  it('reads and writes nothing for rows that call for nothing', async () => {
    await deliver(handler(), recordsOf(build.progress(), build.progress({ totalProgress: 99, version: 2 })));
    expect(sent()).toEqual([]);
  });

  it.each([
    ['the same record again', completed()],
    ['an older one that comes late', completed({ version: 6 })],
    ['later progress', completed({ version: 8, totalProgress: 50, outlineVersion: 2 })],
  ])('spends one read and no write on %s', async (_, row) => {
    const run = handler();
    await deliver(run, recordsOf(completed()));
    const before = [await db.rows('certificates'), await db.rows('notifications')];
    db.faults.clear();
    await deliver(run, recordsOf(row));
    expect(sent()).toEqual(['BatchGetItem']);
    expect([await db.rows('certificates'), await db.rows('notifications')]).toEqual(before);
  });

  it('names by their ids who gave no name and what has no row', async () => {
    const stranger = completed({ userId: build.id<UserId>('u2'), courseId: build.id<CourseId>('gone') });
    await deliver(handler(), recordsOf(stranger));
    expect(await certificates()).toMatchObject([{ studentName: 'u2', courseTitle: 'gone' }]);
  });

  it('issues one certificate for all the rows of a batch that call for it, by the earliest', async () => {
    const later = completed({ version: 9, outlineVersion: 3 });
    await deliver(handler(), recordsOf(later, completed({ version: 8 }), completed()));
    expect(await certificates()).toMatchObject([{ outlineVersion: 1 }]);
    expect(sent().filter((name) => name === 'TransactWriteItems')).toHaveLength(1);
  });

  it('tells once of a percentage that a new outline lowered', async () => {
    const run = handler();
    await deliver(run, recordsOf(lowered(), lowered({ version: 5 })));
    await deliver(run, recordsOf(lowered({ version: 6 })));
    expect(await notifications()).toMatchObject([
      {
        notificationId: `${build.at(0)}.progress_lowered.c1.2`,
        details: { title: 'Anatomy', from: 80, to: 60 },
        version: 1,
      },
    ]);
    expect(sent()).toEqual(['BatchGetItem', 'BatchGetItem', 'PutItem', 'BatchGetItem']);
  });

  it('does not tell again what has expired and is gone', async () => {
    const clock = () => new Date(build.at(91 * 86_400));
    await deliver(handler({ clock }), recordsOf(lowered({ version: 50 })));
    expect(sent()).toEqual([]);
  });

  it('leaves alone a notification that was read', async () => {
    const run = handler();
    await deliver(run, recordsOf(lowered()));
    const [notification] = await notifications();
    await put('notifications', { ...notification, readAt: build.at(70), version: 2 });
    await deliver(run, recordsOf(lowered()));
    expect(await notifications()).toMatchObject([{ readAt: build.at(70), version: 2 }]);
  });

  describe.each([
    { of: 'a certificate', row: completed, write: 'TransactWriteItems', rows: [1, 1], writes: [0, 1] },
    { of: 'the news of lowered progress', row: lowered, write: 'PutItem', rows: [0, 1], writes: [0] },
  ])('writes $of exactly once', ({ row, write, rows, writes }) => {
    const counts = async () => [(await certificates()).length, (await notifications()).length];

    it.each<Fault>([
      ...writes.flatMap((at) => [
        { kind: 'conflict' as const, write: at },
        { kind: 'stale' as const, write: at },
      ]),
      { kind: 'throttled' },
      { kind: 'lost' },
      { kind: '500 before' },
      { kind: '500 after' },
    ])('after a fault of the write: %o', async (fault) => {
      db.faults.plan(({ name, count }) => (name === write && count === 1 ? fault : undefined));
      expect(await deliver(handler(), recordsOf(row()))).toBe(1);
      expect(await counts()).toEqual(rows);
    });

    it.each([1, 2])('after a fault of read %i', async (at) => {
      db.faults.plan(({ name, count }) =>
        name === 'BatchGetItem' && count === at ? { kind: '500 before' } : undefined,
      );
      expect(await deliver(handler(), recordsOf(row()))).toBe(1);
      expect(await counts()).toEqual(rows);
    });

    it('when another invocation writes it after this one has looked', async () => {
      db.faults.plan(async ({ name, count }) => {
        if (name !== write || count > 1) return undefined;
        await deliver(handler({ documents: db.plain, first: 20 }), recordsOf(row()));
        return undefined;
      });
      await deliver(handler(), recordsOf(row()));
      expect(await counts()).toEqual(rows);
      expect(JSON.stringify(await certificates())).not.toContain('1'.repeat(26));
    });

    it('when 20 invocations have the same record', async () => {
      const runs = Array.from({ length: 20 }, (_, index) => handler({ first: index }));
      await Promise.all(runs.map((run) => deliver(run, recordsOf(row()))));
      expect(await counts()).toEqual(rows);
    });

    it('when the role may not write at first, and nothing before that', async () => {
      db.faults.plan(({ name, count }) => (name === write && count === 1 ? { kind: 'denied' } : undefined));
      const records = recordsOf(build.progress(), row());
      const reply = await handler()({ Records: records });
      expect(reply.batchItemFailures).toEqual([{ itemIdentifier: records[1]?.dynamodb.SequenceNumber }]);
      expect(await counts()).toEqual([0, 0]);
      await deliver(handler(), records);
      expect(await counts()).toEqual(rows);
    });
  });

  it('never writes a certificate without its notification', async () => {
    for (const kind of ['500 before', '500 after'] as const) {
      const userId = build.id<UserId>(kind.replace(' ', '-'));
      db.faults.plan(({ name }) => (name === 'TransactWriteItems' ? { kind } : undefined));
      await handler()({ Records: recordsOf(completed({ userId })) });
      expect(await certificates()).toHaveLength((await notifications()).length);
      db.faults.clear();
    }
  });

  it('sets aside a malformed record and dues whose stored rows are malformed, and goes on', async () => {
    const broken = build.id<UserId>('u2');
    await put('students', { ...build.student({ userId: broken }), name: 7 });
    await deliver(
      handler(),
      recordsOf({ ...completed(), completedItems: 'many' }, completed({ userId: broken }), completed()),
    );
    const failures = await db.rows('failures');
    expect(failures.map((row) => row.consumer)).toEqual(['react-to-progress', 'react-to-progress']);
    expect(JSON.stringify(failures.map((row) => row.reason))).toContain('completedItems');
    expect(JSON.stringify(failures.map((row) => row.reason))).not.toContain('many');
    expect((await certificates()).map(({ userId }) => userId)).toEqual(['u1']);
  });

  it('passes the removal of a row', async () => {
    await deliver(handler(), streamRecords([{ table: db.tables.studentProgress, before: completed() }]));
    expect(sent()).toEqual([]);
  });

  itIsMetered('spends at most 5 write units on a certificate and its news, once', async () => {
    const rows = Array.from({ length: 50 }, (_, index) =>
      completed({ userId: build.id<UserId>(`learner-${index}`) }),
    );
    const run = handler();
    await deliver(run, recordsOf(...rows));
    expect(db.faults.writeUnits() / rows.length).toBeLessThanOrEqual(5);
    expect(sent().filter((name) => name === 'BatchGetItem')).toHaveLength(2);
    db.faults.clear();
    await deliver(run, recordsOf(...rows));
    expect([db.faults.writeUnits(), sent()]).toEqual([0, ['BatchGetItem']]);
  });
});
