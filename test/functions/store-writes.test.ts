import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UserId } from '../../shared/domain/ids.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { analyticsKey } from '../../shared/store/keys.ts';
import { readRow } from '../../shared/store/reads.ts';
import * as rows from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { absent, asRead, atVersion, commit, transact, type Write } from '../../shared/store/transact.ts';
import { Unsettled, unsettledBy } from '../../shared/store/unsettled.ts';
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

const user = (userId: string) => build.id<UserId>(userId);
const sleep = async () => {};

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

describe('a conditional write', () => {
  it('costs half alone, and two are done together or not at all', async () => {
    await commit(db.documents, [put('a')]);
    expect(db.faults.writeUnits()).toBe(1);
    const error = await caught(commit(db.documents, [put('b'), put('a')]));
    expect(error).toMatchObject({ name: 'Unsettled', reason: 'stale', write: 1 });
    expect((await db.rows('students')).map((row) => row.userId)).toEqual(['a']);
  });

  it('refuses with the error of the write that failed, not of another', async () => {
    await commit(db.documents, [put('b'), put('c')]);
    const refusal = (name: string) => ({ refusedBy: new DomainError('version_conflict', name) });
    const writes = ['a', 'b', 'c'].map((userId) => put(userId, refusal(userId)));
    expect(await caught(transact(db.documents, writes))).toMatchObject({
      code: 'version_conflict',
      message: 'b',
    });
    expect(await caught(commit(db.documents, [put('c', refusal('alone'))]))).toMatchObject({
      message: 'alone',
    });
  });

  it('is decided again, not refused, when a pinned row has changed as well', async () => {
    await commit(db.documents, [put('a'), put('b')]);
    const refused = put('b', { refusedBy: new DomainError('version_conflict', 'b') });
    for (const writes of [
      [put('a'), refused],
      [refused, put('a')],
    ]) {
      expect(await caught(transact(db.documents, writes))).toMatchObject({
        name: 'Unsettled',
        reason: 'stale',
      });
    }
  });

  it('is decided again, not refused, when the failed condition may be its own doing', async () => {
    const failed = Object.assign(new Error(), {
      name: 'ConditionalCheckFailedException',
      $metadata: { httpStatusCode: 400, attempts: 2 },
    });
    const documents = createDocuments({ region: 'us-east-1' });
    mockClient(documents as DynamoDBDocumentClient)
      .on(PutCommand)
      .rejects(failed);
    const write = put('a', { refusedBy: new DomainError('version_conflict', 'taken') });
    expect(await caught(commit(documents, [write]))).toMatchObject({ name: 'Unsettled', reason: 'stale' });
  });

  it('pins what was read: its version, or that it was not there', async () => {
    const row = build.student();
    expect(asRead(undefined, 'userId')).toEqual(absent('userId'));
    expect(asRead(row, 'userId')).toEqual(atVersion(1));
    await commit(db.documents, [put('u1')]);
    const next = { item: { ...row, version: 2 }, when: asRead(row, 'userId') };
    await commit(db.documents, [put('u1', next)]);
    expect(await caught(commit(db.documents, [put('u1', next)]))).toMatchObject({ reason: 'stale' });
    const key = { userId: 'u1' };
    const { students: table } = db.tables;
    await transact(db.documents, [{ kind: 'check', table, key, when: atVersion(2) }, put('u2')]);
    await commit(db.documents, [{ kind: 'delete', table, key, when: atVersion(2) }]);
    expect((await db.rows('students')).map((each) => each.userId)).toEqual(['u2']);
  });

  it('never adds without a pinned write beside it', async () => {
    const add: Write = {
      kind: 'add',
      table: db.tables.analytics,
      key: analyticsKey('school|total', 1),
      add: { n: 1 },
      set: {},
    };
    await expect(transact(db.documents, [add])).rejects.toThrow('twice');
    await expect(commit(db.documents, [add])).rejects.toThrow('twice');
    await transact(db.documents, [put('a'), { ...add, set: { 'odd name': 'x' } }]);
    expect(await db.rows('analytics')).toEqual([{ scope: 'school', part: 'total#1', n: 1, 'odd name': 'x' }]);
  });
});

describe('settle', () => {
  it('runs the round again while it is unsettled, and then gives its result', async () => {
    const waits: number[] = [];
    const result = await settle(
      async (attempt) => {
        if (attempt < 4) throw new Unsettled('conflict');
        return attempt;
      },
      { sleep: async (ms) => void waits.push(ms), random: () => 1, firstWaitMs: 10, longestWaitMs: 50 },
    );
    expect([result, waits]).toEqual([4, [20, 40, 50]]);
  });

  it('ends as busy, with the last reason', async () => {
    let rounds = 0;
    const error = await caught(
      settle(
        async () => {
          rounds += 1;
          throw new Unsettled('throttled');
        },
        { sleep },
      ),
    );
    expect(error).toMatchObject({
      name: 'DomainError',
      code: 'busy',
      details: { reason: 'throttled', attempts: 10 },
    });
    expect(rounds).toBe(10);
  });

  it('does not try again what trying cannot mend', async () => {
    for (const error of [
      new DomainError('not_enrolled', 'no'),
      named('AccessDeniedException'),
      new TypeError('x'),
    ]) {
      let rounds = 0;
      const thrown = await caught(
        settle(
          async () => {
            rounds += 1;
            throw error;
          },
          { sleep },
        ),
      );
      expect([thrown, rounds]).toEqual([error, 1]);
    }
  });

  it.each([
    [named('ConditionalCheckFailedException'), 'stale', 0],
    [named('TransactionConflictException'), 'conflict', undefined],
    [named('TransactionInProgressException'), 'conflict', undefined],
    [named('ProvisionedThroughputExceededException'), 'throttled', undefined],
    [named('ThrottlingException'), 'throttled', undefined],
    [named('InternalServerError', 500), 'unknown', undefined],
    [Object.assign(new Error('x'), { code: 'ECONNRESET' }), 'unknown', undefined],
    [Object.assign(new Error('x'), { name: 'TimeoutError' }), 'unknown', undefined],
    [cancelled('None', 'TransactionConflict'), 'conflict', 1],
    [cancelled('TransactionConflict', 'ConditionalCheckFailed'), 'stale', 1],
    [cancelled('None', 'None', 'ThrottlingError'), 'throttled', 2],
    [cancelled('ProvisionedThroughputExceeded'), 'throttled', 0],
  ])('reads %s as %s', (error, reason, write) => {
    expect(unsettledBy(error)).toMatchObject({ reason, ...(write !== undefined && { write }) });
  });

  it('takes a transaction cancelled for a malformed write for a fault', () => {
    expect(unsettledBy(cancelled('None', 'ValidationError'))).toBeUndefined();
    expect(unsettledBy(named('ValidationException'))).toBeUndefined();
  });

  it('meets a lost reply with what the database now says', async () => {
    db.faults.plan(({ name, count }) => (name === 'PutItem' && count === 1 ? { kind: 'lost' } : undefined));
    const decided = await settle(
      async () => {
        const row = await readRow(db.documents, rows.studentRow(db.tables, user('a')));
        if (row !== undefined) return 'was there';
        await commit(db.documents, [put('a')]);
        return 'made';
      },
      { sleep },
    );
    expect(decided).toBe('was there');
  });
});

describe('the client', () => {
  it('resends a transaction whose reply was lost, and it counts once', async () => {
    const { documents } = db;
    const retrying = createDocuments({
      endpoint: documents.config.endpoint,
      region: 'us-east-1',
      credentials: documents.config.credentials,
      maxAttempts: 3,
    });
    let lost = 0;
    retrying.middlewareStack.add(
      (next) => async (args) => {
        const reply = await next(args);
        lost += 1;
        if (lost === 1) throw Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
        return reply;
      },
      { step: 'deserialize', priority: 'high' },
    );
    const key = analyticsKey('school|total', 0);
    await transact(retrying, [
      put('a'),
      { kind: 'add', table: db.tables.analytics, key, add: { n: 1 }, set: {} },
    ]);
    retrying.destroy();
    const { Item } = await db.plain.send(new GetCommand({ TableName: db.tables.analytics, Key: key }));
    expect([lost, Item?.n]).toEqual([2, 1]);
  });
});

function named(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

function cancelled(...codes: string[]): Error {
  return Object.assign(named('TransactionCanceledException'), {
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}
