import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { CourseId, UserId } from '../../shared/domain/ids.ts';
import { decodeCursor, encodeCursor } from '../../shared/store/cursor.ts';
import { analyticsKey, attemptKey, outlineKey } from '../../shared/store/keys.ts';
import { createOutlines } from '../../shared/store/outlines.ts';
import { queryAllRows, queryRows } from '../../shared/store/pages.ts';
import { MalformedRow, readRow, readRows, readSnapshot } from '../../shared/store/reads.ts';
import * as rows from '../../shared/store/rows.ts';
import { absent, commit, type Write } from '../../shared/store/transact.ts';
import * as build from '../domain/builders.ts';
import { type Database, startDatabase } from '../support/database.ts';

let engine: Database;
let db: Database;
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
});

const courseId = build.id<CourseId>('c1');
const user = (userId: string) => build.id<UserId>(userId);

function put(userId: string, over: Partial<Extract<Write, { kind: 'put' }>> = {}): Write {
  const item = build.student({ userId: user(userId) });
  return { kind: 'put', table: db.tables.students, item, when: absent('userId'), ...over };
}

async function caught(action: Promise<unknown>): Promise<unknown> {
  return action.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('reading', () => {
  it('gives rows at the positions of their requests, more than a hundred and repeated ones too', async () => {
    for (const userId of ['a', 'b']) await commit(db.documents, [put(userId)]);
    const wanted = Array.from({ length: 120 }, (_, index) => user(index === 110 ? 'b' : `x${index}`));
    const requests = [user('a'), ...wanted, user('a')].map((userId) => rows.studentRow(db.tables, userId));
    const found = await readRows(db.documents, requests);
    expect(found.flatMap((row, index) => (row === undefined ? [] : [[index, row.userId]]))).toEqual([
      [0, 'a'],
      [111, 'b'],
      [121, 'a'],
    ]);
    expect(db.faults.requests.filter(({ name }) => name === 'BatchGetItem')).toHaveLength(2);
    const snapshot = await readSnapshot(db.documents, [
      rows.studentRow(db.tables, user('nobody')),
      rows.studentRow(db.tables, user('b')),
    ]);
    expect(snapshot.map((row) => row?.userId)).toEqual([undefined, 'b']);
  });

  it('keeps attributes it does not know and names what is malformed without its value', async () => {
    await commit(db.documents, [put('a', { item: { ...build.student({ userId: user('a') }), later: 1 } })]);
    await commit(db.documents, [
      put('b', { item: { ...build.student({ userId: user('b') }), joinedAt: 'secret' } }),
    ]);
    expect(await readRow(db.documents, rows.studentRow(db.tables, user('a')))).toMatchObject({ later: 1 });
    const error = await caught(readRow(db.documents, rows.studentRow(db.tables, user('b'))));
    expect(error).toBeInstanceOf(MalformedRow);
    expect(String(error)).toMatch(/userId=b in joinedAt$/);
  });

  it('pages through a partition in the order of the sort key', async () => {
    const write = (part: string) =>
      put('any', {
        table: db.tables.courses,
        item: build.outlineRow(build.outline({}), { part }),
        when: absent('part'),
      });
    for (const version of [10, 9, 11])
      await commit(db.documents, [write(outlineKey(courseId, version).part)]);
    await commit(db.documents, [write('draft')]);
    const request = {
      table: db.tables.courses,
      schema: z.object({ part: z.string() }),
      partition: ['courseId', 'c1'],
      sort: { attribute: 'part', beginsWith: 'outline#' },
      limit: 2,
    } as const;
    const page = await queryRows(db.documents, request);
    expect(page.rows.map(({ part }) => part)).toEqual(['outline#000009', 'outline#000010']);
    const rest = await queryRows(db.documents, { ...request, start: page.next });
    expect([rest.rows.map(({ part }) => part), rest.next]).toEqual([['outline#000011'], undefined]);
    expect(await queryAllRows(db.documents, { ...request, limit: 1, descending: true })).toHaveLength(3);
    const between = { attribute: 'part', from: 'draft', to: 'outline#000009' };
    expect((await queryRows(db.documents, { ...request, sort: between })).rows).toHaveLength(2);
  });

  it('reads each published outline once, and none of a course never published', async () => {
    const item = build.outlineRow(build.outline({ one: [] }), { part: 'outline#000002' });
    await commit(db.documents, [put('any', { table: db.tables.courses, item, when: absent('part') })]);
    const outlines = createOutlines(db.documents, db.tables, 1);
    db.faults.clear();
    const never = { courseId: build.id<CourseId>('c2'), outlineVersion: 0 };
    for (let reads = 0; reads < 3; reads += 1) {
      const inForce = await outlines.inForce([{ courseId, outlineVersion: 2 }, never]);
      expect(inForce.get(courseId)?.chapters).toHaveLength(1);
      expect(inForce.get(never.courseId)?.chapters).toEqual([]);
    }
    expect(db.faults.requests).toHaveLength(1);
    await expect(outlines.inForce([{ courseId, outlineVersion: 3 }])).rejects.toBeInstanceOf(MalformedRow);
  });
});

describe('keys and cursors', () => {
  it('sort by number', () => {
    const [two, ten] = [2, 10].map(
      (number) => attemptKey(user('u'), courseId, build.id('q'), number).attempt,
    );
    expect([two, ten]).toEqual(['c1#q#0002', 'c1#q#0010']);
    expect(analyticsKey('course#c1|quiz#q', 3)).toEqual({ scope: 'course#c1', part: 'quiz#q#3' });
  });

  it('come back as they were given, and from nobody else', () => {
    const schema = z.strictObject({ userId: z.literal('ada'), courseId: z.string() });
    const cursor = encodeCursor({ userId: 'ada', courseId: 'c1' });
    expect(decodeCursor(cursor, schema)).toEqual({ userId: 'ada', courseId: 'c1' });
    expect(decodeCursor(undefined, schema)).toBeUndefined();
    for (const forged of [
      '',
      'x',
      '%%%',
      encodeCursor({ userId: 'bob', courseId: 'c1' }),
      encodeCursor({}),
    ]) {
      expect(build.refusal(() => decodeCursor(forged, schema))).toMatchObject({
        code: 'invalid_request',
        details: { 'query.cursor': expect.any(String) },
      });
    }
  });
});
