import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { DomainError } from '../../shared/domain/errors.ts';
import { callerOf, groupsOf } from '../../shared/runtime/caller.ts';
import {
  readEnvironment,
  tableNames,
  tableVariable,
  tableVariables,
} from '../../shared/runtime/environment.ts';
import { createHttpHandler, createPublicHandler } from '../../shared/runtime/http-edge.ts';
import { LARGEST_BODY } from '../../shared/runtime/http-request.ts';
import { type Log, silentLog } from '../../shared/runtime/logger.ts';

const NOW = new Date('2026-11-22T11:00:00.000Z');
const thing = {
  method: 'POST',
  path: '/things/{thingId}',
  audience: 'student',
  params: z.strictObject({ thingId: z.string().max(5) }),
  query: z.strictObject({ limit: z.coerce.number().max(9).default(3) }),
  body: z.strictObject({ chapters: z.array(z.strictObject({ title: z.string() })) }),
  reply: z.strictObject({ thingId: z.string(), by: z.string(), limit: z.number(), cause: z.string() }),
} as const;

const claims = { sub: 'ada', token_use: 'access', 'cognito:groups': '[student]' };

function event(over: Record<string, unknown> = {}, jwt: Record<string, unknown> | undefined = { claims }) {
  return {
    headers: {},
    pathParameters: { thingId: 'a' },
    body: JSON.stringify({ chapters: [] }),
    isBase64Encoded: false,
    requestContext: { requestId: 'request-1', ...(jwt !== undefined && { authorizer: { jwt } }) },
    ...over,
  };
}

function edge(over: object = {}, failing?: Error) {
  const logged: string[] = [];
  const logger: Log = { ...silentLog, error: (message) => logged.push(message) };
  const handler = createHttpHandler(
    { ...thing, ...over },
    async ({ caller, params, query, cause }) => {
      if (failing !== undefined) throw failing;
      return { ...params, ...query, by: caller.userId, cause: `${cause.causedBy} ${cause.causedAt}` };
    },
    { logger, clock: () => NOW },
  );
  return {
    logged,
    call: async (received: unknown) => {
      const { statusCode, headers, body } = await handler(received);
      const json: unknown = body === undefined ? undefined : JSON.parse(body);
      return { statusCode, headers, json };
    },
  };
}

describe('the HTTP edge', () => {
  it('hands the parts of a request to the logic and its answer through the schema', async () => {
    const reply = await edge().call(event({ queryStringParameters: { limit: '7' } }));
    expect(reply).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/json', 'x-request-id': 'request-1' },
      json: { thingId: 'a', by: 'ada', limit: 7, cause: `request-1 ${NOW.toISOString()}` },
    });
  });

  it('names the cause by the Idempotency-Key when there is one, and refuses one that is no key', async () => {
    const kept = await edge().call(event({ headers: { 'idempotency-key': 'key-9' } }));
    expect(kept.json).toMatchObject({ cause: `key-9 ${NOW.toISOString()}` });
    const refused = await edge().call(event({ headers: { 'idempotency-key': 'two words' } }));
    expect(refused.json).toMatchObject({
      code: 'invalid_request',
      details: { 'header.idempotency-key': expect.anything() },
    });
  });

  it('reads a body in base64', async () => {
    const body = Buffer.from('{"chapters":[{"title":"é"}]}').toString('base64');
    expect((await edge().call(event({ body, isBase64Encoded: true }))).statusCode).toBe(200);
  });

  it.each([
    [{ body: '{"chapters":[{"title":1}]}' }, 400, 'body.chapters.0.title'],
    [{ body: '{"chapters":[],"extra":1}' }, 400, 'body.extra'],
    [{ body: '{"chapters":' }, 400, 'body'],
    [{ body: undefined }, 400, 'body'],
    [{ pathParameters: { thingId: 'too-long' } }, 400, 'path.thingId'],
    [{ queryStringParameters: { limit: '10' } }, 400, 'query.limit'],
    [{ queryStringParameters: { page: '1' } }, 400, 'query.page'],
  ])('names the field that is wrong: %j', async (over, status, field) => {
    const reply = await edge().call(event(over));
    expect(reply.statusCode).toBe(status);
    expect(reply.headers['content-type']).toBe('application/problem+json');
    expect(Object.keys(z.object({ details: z.looseObject({}) }).parse(reply.json).details)).toEqual([field]);
  });

  it('refuses a body that is too large before it reads it', async () => {
    const reply = await edge().call(event({ body: `"${'x'.repeat(LARGEST_BODY)}"` }));
    expect([reply.statusCode, reply.json]).toMatchObject([413, { code: 'body_too_large' }]);
  });

  it('refuses a caller without a token, with an ID token, or who is nobody', async () => {
    const { call } = edge();
    expect((await call(event({ requestContext: { requestId: 'r' } }))).statusCode).toBe(401);
    expect((await call(event({}, { claims: { ...claims, token_use: 'id' } }))).statusCode).toBe(401);
    expect((await call(event({}, { claims: { ...claims, sub: 'a#b' } }))).statusCode).toBe(401);
  });

  it('lets only admins at what is for admins', async () => {
    const { call } = edge({ audience: 'admin' });
    expect((await call(event())).statusCode).toBe(403);
    expect(
      (await call(event({}, { claims: { ...claims, 'cognito:groups': '[student admin]' } }))).statusCode,
    ).toBe(200);
  });

  it('reads groups only as API Gateway writes them', () => {
    expect(groupsOf('[admin student]')).toEqual(['admin', 'student']);
    for (const odd of [
      'admin',
      '["admin"]',
      '[admin',
      '[admin, student]',
      '[ admin]',
      '[]',
      ['admin'],
      undefined,
    ]) {
      expect(groupsOf(odd)).toEqual([]);
    }
    expect(callerOf({ ...claims, 'custom:admin': 'true' }).admin).toBe(false);
  });

  it('serves a GET with a strong entity tag and 304 to who has it', async () => {
    const { call } = edge({ method: 'GET' });
    const first = await call(event());
    const { etag = '' } = first.headers;
    expect(etag).toMatch(/^"[\w-]{43}"$/);
    expect(first.headers['cache-control']).toBe('private, no-cache');
    const again = await call(event({ headers: { 'if-none-match': `"other", W/${etag}` } }));
    expect([again.statusCode, again.json, again.headers.etag]).toEqual([304, undefined, etag]);
    expect((await call(event({ headers: { 'if-none-match': '"other"' } }))).statusCode).toBe(200);
  });

  it('turns a refusal into a problem with the status of its code', async () => {
    const refusal = new DomainError('busy', 'Later', { reason: 'conflict' });
    const reply = await edge({}, refusal).call(event());
    expect(reply).toMatchObject({
      statusCode: 503,
      headers: { 'retry-after': '1', 'x-request-id': 'request-1' },
      json: {
        status: 503,
        code: 'busy',
        title: 'Later',
        details: { reason: 'conflict' },
        requestId: 'request-1',
      },
    });
  });

  it('says nothing of an unexpected failure but the id, and logs it once', async () => {
    const { call, logged } = edge({}, new Error('table secret is gone'));
    const reply = await call(event());
    expect(reply.statusCode).toBe(500);
    expect(JSON.stringify(reply)).not.toContain('secret');
    expect(logged).toEqual(['request_failed']);
  });

  it('lets no field out that the contract does not name', async () => {
    const { call } = edge({ reply: z.strictObject({ thingId: z.string() }) });
    expect((await call(event())).statusCode).toBe(500);
    const lenient = await edge({ reply: z.object({ thingId: z.string() }) }).call(event());
    expect(lenient.json).toEqual({ thingId: 'a' });
  });

  it('asks nobody who they are on a public operation', async () => {
    const none = z.strictObject({});
    const operation = {
      method: 'GET',
      audience: 'public',
      params: none,
      query: none,
      reply: z.string(),
    } as const;
    const handler = createPublicHandler(operation, async () => 'hello', {
      logger: silentLog,
      clock: () => NOW,
    });
    const reply = await handler(event({ requestContext: { requestId: 'r' }, pathParameters: undefined }));
    expect([reply.statusCode, reply.body]).toEqual([200, '"hello"']);
  });
});

describe('the environment', () => {
  it('names tables by variables in capitals', () => {
    expect(tableVariable('studentProgress')).toBe('TABLE_STUDENT_PROGRESS');
    const schema = z.object({ ...tableVariables(['courses']), LIMIT: z.coerce.number() });
    const settings = readEnvironment(schema, { TABLE_COURSES: 'courses-7', LIMIT: '4', OTHER: 'x' });
    expect(settings).toEqual({ TABLE_COURSES: 'courses-7', LIMIT: 4 });
    expect(tableNames(settings, ['courses'])).toEqual({ courses: 'courses-7' });
    expect(() => tableNames(settings, ['students'])).toThrow('TABLE_STUDENTS');
  });

  it('is refused when it is wrong, naming the variables and not their values', () => {
    const schema = z.object({ ...tableVariables(['courses']), LIMIT: z.coerce.number() });
    const reading = () => readEnvironment(schema, { LIMIT: 'hunter2' });
    expect(reading).toThrow(/TABLE_COURSES.*LIMIT|LIMIT.*TABLE_COURSES/);
    expect(reading).not.toThrow(/hunter2/);
  });
});
