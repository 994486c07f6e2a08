import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createIssuerEndpoints } from '../../infra/local/identity/issuer-endpoints.ts';
import { createIssuer, type Issuer } from '../../infra/local/identity/issuer.ts';
import { createSigningKeys } from '../../infra/local/identity/verify-jwt.ts';
import type { InvokeResult } from '../../infra/local/lambda/invocation.ts';
import {
  apiTemplate,
  CLIENT_ID,
  ISSUER,
  poolResources,
  POOL_ID,
  resource,
  runApi,
  send,
  serve,
  templateOf,
  type TestServer,
} from './http-support.ts';

const NOW = Date.UTC(2030, 0, 1);
let clock = NOW;
let issuer: Issuer;
let server: TestServer;

/** The pools of these tests call no function. */
const invoke = () => Promise.reject(new Error('Nothing is to be called'));

beforeAll(async () => {
  issuer = await createIssuer({ template: templateOf(poolResources), invoke, now: () => clock });
  const handle = createIssuerEndpoints(issuer);
  server = await serve(async (req, res) => {
    if (!(await handle(req, res))) res.writeHead(418).end();
  });
});
afterAll(() => server.close());

function ask(body: unknown, type = 'application/json') {
  return send(server.port, 'POST', '/local/token', {
    headers: [['content-type', type]],
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

describe('tokens', () => {
  it('have the claims of Cognito’s', async () => {
    const request = {
      userId: 'ada',
      groups: ['student', 'admin', 'student'],
      name: 'Ada',
      email: 'ada@school.example',
    };
    const { accessToken, idToken, expiresAt } = await issuer.issueToken(request);
    const unique = expect.stringMatching(/^[0-9a-f-]{36}$/);
    const common = {
      sub: 'ada',
      'cognito:groups': ['student', 'admin'],
      iss: ISSUER,
      origin_jti: unique,
      event_id: unique,
      jti: unique,
      auth_time: NOW / 1000,
      iat: NOW / 1000,
      exp: NOW / 1000 + 3600,
    };
    expect(decodeJwt(accessToken)).toEqual({
      ...common,
      client_id: CLIENT_ID,
      token_use: 'access',
      scope: 'aws.cognito.signin.user.admin',
      username: 'ada',
    });
    expect(decodeJwt(idToken)).toEqual({
      ...common,
      aud: CLIENT_ID,
      token_use: 'id',
      'cognito:username': 'ada',
      name: 'Ada',
      email: 'ada@school.example',
      email_verified: true,
    });
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: 'RS256', kid: issuer.jwks.keys[0]?.kid });
    expect(expiresAt).toBe('2030-01-01T01:00:00.000Z');
  });

  it('leave out the groups of somebody who is in none', async () => {
    expect(decodeJwt((await issuer.issueToken({ userId: 'ada' })).accessToken)).not.toHaveProperty(
      'cognito:groups',
    );
  });

  it('are valid as long as the client’s properties say', async () => {
    const client = resource(CLIENT_ID, 'AWS::Cognito::UserPoolClient', {
      UserPoolId: POOL_ID,
      AccessTokenValidity: 10,
      IdTokenValidity: 2,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'days' },
    });
    const template = templateOf([resource('Pool', 'AWS::Cognito::UserPool', {}), client]);
    const other = await createIssuer({ template, invoke, now: () => NOW });
    const { accessToken, idToken, expiresAt } = await other.issueToken({ userId: 'ada' });
    expect(decodeJwt(accessToken).exp).toBe(NOW / 1000 + 600);
    expect(decodeJwt(idToken).exp).toBe(NOW / 1000 + 2 * 86_400);
    expect(expiresAt).toBe('2030-01-01T00:10:00.000Z');
  });

  it('pass the API’s authorizer, and reach the function as strings', async () => {
    const template = apiTemplate([{ key: 'GET /me', jwt: true }], { extra: poolResources });
    const signingKeys = createSigningKeys([issuer]);
    const api = await runApi(template, undefined, { signingKeys, now: () => NOW });
    try {
      const { accessToken, idToken } = await issuer.issueToken({
        userId: 'ada',
        groups: ['admin', 'student'],
      });
      for (const token of [accessToken, idToken]) {
        const headers = [['Authorization', `Bearer ${token}`] as const];
        expect((await send(api.port, 'GET', '/me', { headers })).status).toBe(204);
      }
      expect(
        api.invocations.map(({ event }) => event.requestContext.authorizer?.jwt.claims['cognito:groups']),
      ).toEqual(['[admin student]', '[admin student]']);
    } finally {
      await api.close();
    }
  });
});

describe('verify', () => {
  it('gives the claims of a token of either kind', async () => {
    const { accessToken, idToken } = await issuer.issueToken({ userId: 'ada', groups: ['admin'] });
    expect(await issuer.verify(accessToken)).toMatchObject({ sub: 'ada', 'cognito:groups': ['admin'] });
    expect(await issuer.verify(idToken)).toMatchObject({ sub: 'ada', token_use: 'id' });
  });

  it('rejects a token that has expired, is from another issuer’s key, or is none', async () => {
    const { accessToken } = await issuer.issueToken({ userId: 'ada', expiresIn: 1 });
    clock = NOW + 1000;
    await expect(issuer.verify(accessToken))
      .rejects.toThrow('expired')
      .finally(() => (clock = NOW));
    const twin = await createIssuer({ template: templateOf(poolResources), invoke, now: () => NOW });
    const foreign = await twin.issueToken({ userId: 'ada' });
    await expect(issuer.verify(foreign.accessToken)).rejects.toThrow('unknown key');
    await expect(issuer.verify('nonsense')).rejects.toThrow('decoded');
  });
});

describe('POST /local/token', () => {
  it('gives both tokens, not to be cached', async () => {
    const answer = await ask({ userId: 'ada', groups: ['student'], expiresIn: 60 });
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    const { accessToken, idToken, expiresAt } = JSON.parse(answer.text);
    expect(await issuer.verify(accessToken)).toMatchObject({ sub: 'ada' });
    expect(await issuer.verify(idToken)).toMatchObject({ sub: 'ada' });
    expect(expiresAt).toBe('2030-01-01T00:01:00.000Z');
  });

  it.each([
    ['access', ['accessToken', 'expiresAt']],
    ['id', ['idToken', 'expiresAt']],
  ])('gives only the %s token when asked for that', async (use, fields) => {
    expect(Object.keys(JSON.parse((await ask({ userId: 'ada', use })).text))).toEqual(fields);
  });

  it.each([
    ['no user', {}, '/userId'],
    ['a user with a space', { userId: 'a b' }, '/userId'],
    ['an empty user', { userId: '' }, '/userId'],
    ['a user with a line break', { userId: 'a\n' }, '/userId'],
    ['groups that are no list', { userId: 'a', groups: 'admin' }, '/groups'],
    ['a group the template does not have', { userId: 'a', groups: ['admin', 'teacher'] }, '/groups/1'],
    ['a bad address', { userId: 'a', email: 'x' }, '/email'],
    ['an expiry in the past', { userId: 'a', expiresIn: 0 }, '/expiresIn'],
    ['an expiry after more than a day', { userId: 'a', expiresIn: 86_401 }, '/expiresIn'],
    ['another use', { userId: 'a', use: 'refresh' }, '/use'],
    ['a field that there is not', { userId: 'a', role: 'admin' }, ''],
    ['a list', [], ''],
  ])('refuses %s, and names the field', async (_what, body, pointer) => {
    const answer = await ask(body);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({
      type: 'about:blank',
      title: 'Bad Request',
      status: 400,
      errors: [{ pointer, detail: expect.any(String) }],
    });
  });

  it('says which groups there are', async () => {
    const answer = await ask({ userId: 'a', groups: ['teacher'] });
    expect(JSON.parse(answer.text).errors).toEqual([
      { pointer: '/groups/0', detail: "No group 'teacher' in the user pool (it has: admin, student)" },
    ]);
  });

  it('refuses what is not JSON', async () => {
    expect((await ask('{')).status).toBe(400);
    expect((await ask('')).status).toBe(400);
    expect((await ask({ userId: 'a' }, 'text/plain')).status).toBe(415);
    expect((await ask({ userId: 'a', name: 'x'.repeat(70_000) })).status).toBe(413);
  });

  it('answers 405 to another method, and nothing to another path', async () => {
    const answer = await send(server.port, 'GET', '/local/token');
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    for (const path of ['/local/token/', '/local/tokens', '/local/sign-up/', '/', '/%', '/constructor']) {
      expect((await send(server.port, 'POST', path)).status).toBe(418);
    }
  });
});

describe('a sign-up', () => {
  const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:lockstep-register-student';
  const trigger = resource('Pool', 'AWS::Cognito::UserPool', {
    LambdaConfig: { PostConfirmation: FUNCTION },
  });
  const permission = resource('MayCall', 'AWS::Lambda::Permission', {
    FunctionName: FUNCTION,
    Principal: 'cognito-idp.amazonaws.com',
    SourceArn: `arn:aws:cognito-idp:us-east-1:000000000000:userpool/${POOL_ID}`,
  });
  const pool = [trigger, permission, ...poolResources.slice(1)];
  const person = { userId: 'ada', name: 'Ada', email: 'ada@school.example' };

  /** An issuer whose function answers so; tells what it was called with. */
  async function withFunction(answer: (event: unknown) => InvokeResult) {
    const calls: [string, unknown][] = [];
    const signing = await createIssuer({
      template: templateOf(pool),
      invoke: async (functionName, event) => {
        calls.push([functionName, event]);
        return answer(event);
      },
    });
    return { signing, calls };
  }
  const echo = (event: unknown): InvokeResult => ({ ok: true, payload: event });

  async function post(signing: Issuer, body: unknown) {
    const handle = createIssuerEndpoints(signing);
    const own = await serve((req, res) => handle(req, res));
    try {
      const headers = [['content-type', 'application/json'] as const];
      return await send(own.port, 'POST', '/local/sign-up', { headers, body: JSON.stringify(body) });
    } finally {
      await own.close();
    }
  }

  it('calls the function of the template with the event of Cognito', async () => {
    const { signing, calls } = await withFunction(echo);
    await signing.signUp(person);
    expect(calls).toEqual([
      [
        'lockstep-register-student',
        {
          version: '1',
          region: 'us-east-1',
          userPoolId: POOL_ID,
          userName: 'ada',
          callerContext: { awsSdkVersion: expect.any(String), clientId: CLIENT_ID },
          triggerSource: 'PostConfirmation_ConfirmSignUp',
          request: {
            userAttributes: {
              sub: 'ada',
              'cognito:user_status': 'CONFIRMED',
              name: 'Ada',
              email: 'ada@school.example',
              email_verified: 'true',
            },
          },
          response: {},
        },
      ],
    ]);
  });

  it('over HTTP is followed by tokens, as a sign-in is', async () => {
    const { signing, calls } = await withFunction(echo);
    const answer = await post(signing, { ...person, groups: ['student'] });
    expect(answer.status).toBe(200);
    expect(await signing.verify(JSON.parse(answer.text).accessToken)).toMatchObject({ sub: 'ada' });
    expect(calls).toHaveLength(1);
  });

  it('is not a sign-in', async () => {
    const { signing, calls } = await withFunction(echo);
    await signing.issueToken({ userId: 'ada' });
    expect(calls).toEqual([]);
  });

  it('with a group that there is not signs nobody up', async () => {
    const { signing, calls } = await withFunction(echo);
    expect((await post(signing, { ...person, groups: ['teacher'] })).status).toBe(400);
    expect(calls).toEqual([]);
  });

  it.each<[string, InvokeResult, string]>([
    [
      'fails',
      { ok: false, errorType: 'Error', errorMessage: 'no', timedOut: false },
      'failed with error no.',
    ],
    ['answers with something else than the event', { ok: true, payload: null }, 'Unrecognizable'],
  ])('tells when the function %s', async (_what, result, detail) => {
    const { signing } = await withFunction(() => result);
    await expect(signing.signUp(person)).rejects.toThrow(detail);
    const answer = await post(signing, person);
    expect(answer.status).toBe(502);
    expect(JSON.parse(answer.text).detail).toContain(detail);
  });

  it('does nothing where the template has no function for it', async () => {
    await expect(issuer.signUp(person)).resolves.toBeUndefined();
  });

  it('needs the permission that Cognito needs', async () => {
    const template = templateOf(pool.filter((one) => one !== permission));
    await expect(createIssuer({ template, invoke })).rejects.toThrow('does not let Cognito call');
  });
});

describe('discovery', () => {
  it('leads from the issuer to its public keys', async () => {
    const configuration = JSON.parse(
      (await send(server.port, 'GET', '/local/issuer/.well-known/openid-configuration')).text,
    );
    expect(configuration).toMatchObject({
      issuer: ISSUER,
      jwks_uri: 'http://api.example.com/local/issuer/.well-known/jwks.json',
    });
    const keys = JSON.parse((await send(server.port, 'GET', new URL(configuration.jwks_uri).pathname)).text);
    expect(keys).toEqual(issuer.jwks);
  });

  it('never shows the private key', () => {
    expect(issuer.jwks.keys.map((key) => Object.keys(key).toSorted())).toEqual([
      ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    ]);
  });
});

describe('the key', () => {
  async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'lockstep-issuer-'));
    try {
      await use(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  }
  const template = templateOf(poolResources);

  it('outlives a restart in the data folder, readable by its owner only', () =>
    inFolder(async (root) => {
      const dataFolder = join(root, 'new', 'folder');
      const first = await createIssuer({ template, invoke, dataFolder });
      const { accessToken } = await first.issueToken({ userId: 'ada' });
      const second = await createIssuer({ template, invoke, dataFolder });
      expect(await second.verify(accessToken)).toMatchObject({ sub: 'ada' });
      expect(await readdir(dataFolder)).toEqual(['issuer-key.json']);
      expect((await stat(join(dataFolder, 'issuer-key.json'))).mode & 0o777).toBe(0o600);
    }));

  it.each(['', '{}', '{"kty":"RSA"}'])('is not taken from a file that holds "%s"', (text) =>
    inFolder(async (dataFolder) => {
      await writeFile(join(dataFolder, 'issuer-key.json'), text);
      await expect(createIssuer({ template, invoke, dataFolder })).rejects.toThrow('issuer-key.json');
    }),
  );
});

describe('a template without a usable pool', () => {
  it.each([
    ['has no pool', poolResources.slice(1)],
    ['has no client', poolResources.filter((one) => one.logicalId !== CLIENT_ID)],
    ['has two pools', [...poolResources, resource('Pool2', 'AWS::Cognito::UserPool', {})]],
  ])('is refused when it %s', async (_what, resources) => {
    await expect(createIssuer({ template: templateOf(resources), invoke })).rejects.toThrow('user pool');
  });
});
