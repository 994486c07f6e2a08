import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerStudent } from '../../functions/triggers/register-student.ts';
import { type Message, silentLog } from '../../shared/runtime/logger.ts';
import { type Database, startDatabase } from '../support/database.ts';
import { at, putRows, stamp } from './http-rows.ts';
import { failFirst, holdNext, sent } from './http-school.ts';

let engine: Database;
let db: Database;
let logged: Message[];
beforeAll(async () => {
  engine = await startDatabase();
});
afterAll(() => engine.stop());
beforeEach(async () => {
  db = await engine.fresh();
  logged = [];
});

const ada = { sub: 'ada', name: 'Ada Okafor', email: 'ada@school.example', email_verified: 'true' };

function confirmation(userAttributes: object, triggerSource = 'PostConfirmation_ConfirmSignUp') {
  return { version: '1', triggerSource, userName: 'someone', request: { userAttributes }, response: {} };
}

function call<Event>(event: Event): Promise<Event> {
  const logger = { ...silentLog, error: (message: Message) => void logged.push(message) };
  const { documents, tables } = db;
  const handler = registerStudent({ documents, tables, clock: () => new Date(at), logger });
  return handler(event, { awsRequestId: 'request-1' });
}

describe('a confirmed sign-up', () => {
  it('makes the row of a newcomer and gives Cognito its event back', async () => {
    const event = confirmation(ada);
    expect(await call(event)).toBe(event);
    expect(await db.rows('students')).toEqual([
      {
        userId: 'ada',
        joinedAt: at,
        newcomerSince: '2026-11-22',
        name: 'Ada Okafor',
        namePrefix: 'ad',
        nameKey: 'ada okafor',
        email: 'ada@school.example',
        emailPrefix: 'ad',
        emailKey: 'ada@school.example',
        version: 1,
        updatedAt: at,
        causedBy: 'request-1',
        causedAt: at,
      },
    ]);
  });

  it('changes nothing when Cognito calls again', async () => {
    await call(confirmation(ada));
    db.faults.clear();
    await call(confirmation({ ...ada, name: 'Another' }));
    expect(sent(db)).toEqual(['GetItem']);
  });

  it('completes the row that an enrollment made before', async () => {
    await putRows(db, 'students', [{ userId: 'ada', joinedAt: at, ...stamp, version: 3, later: true }]);
    await call(confirmation(ada));
    const [row] = await db.rows('students');
    expect(row).toMatchObject({ name: 'Ada Okafor', email: ada.email, version: 4, later: true });
    expect(row).not.toHaveProperty('newcomerSince');
  });

  it.each(['lost', '500 after', '500 before', 'throttled'] as const)(
    'registers once when the write meets: %s',
    async (kind) => {
      failFirst(db, 'PutItem', { kind });
      await call(confirmation(ada));
      expect(await db.rows('students')).toMatchObject([{ userId: 'ada', version: 1 }]);
    },
  );

  it('completes a row that came between its read and its write', async () => {
    const held = holdNext(db, 'PutItem');
    const signingUp = call(confirmation(ada));
    await held.reached;
    await putRows(db, 'students', [{ userId: 'ada', joinedAt: at, ...stamp, version: 2 }]);
    held.release();
    await signingUp;
    expect(await db.rows('students')).toMatchObject([{ name: 'Ada Okafor', version: 3 }]);
  });
});

describe('a confirmation that is no sign-up', () => {
  it('does nothing for a forgotten password', async () => {
    const event = confirmation(ada, 'PostConfirmation_ConfirmForgotPassword');
    expect(await call(event)).toBe(event);
    expect(sent(db)).toEqual([]);
  });

  it.each([
    ['a user without sub', confirmation({ name: 'Ada' })],
    ['a sub that is no id', confirmation({ ...ada, sub: 'a b' })],
    ['something else', { Records: [] }],
  ])('fails aloud for %s, and writes nothing', async (_what, event) => {
    await expect(call(event)).rejects.toThrow();
    expect(logged).toEqual(['sign_up_failed']);
    expect(await db.rows('students')).toEqual([]);
  });
});
