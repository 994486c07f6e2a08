import { createHmac } from 'node:crypto';
import { createLocalJWKSet, exportJWK, exportSPKI, generateKeyPair, importJWK, SignJWT } from 'jose';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type IssuerKeys, loadIssuerKeys } from '../../infra/local/identity/issuer-keys.ts';
import { createJwtAuthorizer, stringifyClaims } from '../../infra/local/http/jwt-authorizer.ts';
import { createSigningKeys, verifyJwt } from '../../infra/local/identity/verify-jwt.ts';
import {
  apiTemplate,
  CLIENT_ID,
  ISSUER,
  resource,
  type RouteSpec,
  type RunningApi,
  runApi,
  send,
  serve,
  type TestServer,
} from './http-support.ts';

const NOW = 1_800_000_000;
const closed: { close(): Promise<void> }[] = [];
let keys: IssuerKeys;
let otherKeys: IssuerKeys;

beforeAll(async () => {
  [keys, otherKeys] = await Promise.all([loadIssuerKeys(), loadIssuerKeys()]);
});
afterEach(async () => {
  await Promise.all(closed.splice(0).map((one) => one.close()));
});

const accessClaims = {
  sub: 'student-1',
  iss: ISSUER,
  client_id: CLIENT_ID,
  token_use: 'access',
  scope: 'school/read school/write',
  iat: NOW - 10,
  exp: NOW + 60,
};

function sign(claims: object, header: object = {}, signer = keys): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'RS256', kid: keys.kid, ...header })
    .sign(signer.privateKey);
}

async function run(route: Omit<RouteSpec, 'key'> = {}): Promise<RunningApi> {
  const api = await runApi(apiTemplate([{ key: 'GET /me', jwt: true, ...route }]), undefined, {
    signingKeys: createSigningKeys([{ issuerUrl: ISSUER, getKey: keys.getKey }]),
    now: () => NOW * 1000 + 500,
  });
  closed.push(api);
  return api;
}

function call(api: TestServer, authorization: string | undefined, path = '/me') {
  const headers = authorization === undefined ? [] : [['Authorization', authorization] as const];
  return send(api.port, 'GET', path, { headers });
}

describe('a token that passes', () => {
  it.each([
    ['an access token, by client_id', accessClaims],
    ['an ID token, by aud', { ...accessClaims, client_id: undefined, aud: CLIENT_ID, token_use: 'id' }],
    ['one for several audiences', { ...accessClaims, aud: ['other', CLIENT_ID] }],
    ['one issued and valid from this very second', { ...accessClaims, iat: NOW, nbf: NOW }],
    ['one that expires in the next second', { ...accessClaims, exp: NOW + 1 }],
  ])('is %s', async (_what, claims) => {
    const api = await run();
    expect((await call(api, `Bearer ${await sign(claims)}`)).status).toBe(204);
    expect(api.invocations).toHaveLength(1);
  });

  it.each(['', 'Bearer ', 'bearer ', 'Bearer   '])('may stand behind "%s"', async (prefix) => {
    const api = await run();
    expect((await call(api, prefix + (await sign(accessClaims)))).status).toBe(204);
  });

  it('brings its claims as strings, groups in brackets', async () => {
    const api = await run();
    await call(api, await sign({ ...accessClaims, 'cognito:groups': ['admin', 'student'], nothing: null }));
    expect(api.invocations[0]?.event.requestContext.authorizer).toEqual({
      jwt: {
        claims: {
          sub: 'student-1',
          iss: ISSUER,
          client_id: CLIENT_ID,
          token_use: 'access',
          scope: 'school/read school/write',
          iat: String(NOW - 10),
          exp: String(NOW + 60),
          'cognito:groups': '[admin student]',
        },
        scopes: null,
      },
    });
  });
});

describe('a token that is refused', () => {
  it.each([
    ['has expired', { exp: NOW }, 'the token has expired'],
    ['never expires', { exp: undefined }, 'the token has an invalid exp'],
    ['expires at no number', { exp: 'tomorrow' }, 'the token has an invalid exp'],
    ['is not valid yet', { nbf: NOW + 1 }, 'the token is not valid yet'],
    ['was issued in the future', { iat: NOW + 1 }, 'the token was issued in the future'],
    ['has another issuer', { iss: `${ISSUER}x` }, 'the token has an invalid issuer'],
    ['has no issuer', { iss: undefined }, 'the token has an invalid issuer'],
    ['is for another client', { client_id: 'Other' }, 'the token does not have a valid audience'],
    ['is for another audience', { aud: 'Other' }, 'the token does not have a valid audience'],
    ['is for nobody', { client_id: undefined }, 'the token does not have a valid audience'],
    ['has an empty audience', { aud: [] }, 'the token does not have a valid audience'],
  ])('%s', async (_what, change, reason) => {
    const api = await run();
    const answer = await call(api, `Bearer ${await sign({ ...accessClaims, ...change })}`);
    expect(answer).toMatchObject({ status: 401, text: '{"message":"Unauthorized"}' });
    expect(answer.headers['www-authenticate']).toBe(
      `Bearer scope="" error="invalid_token" error_description="${reason}"`,
    );
    expect(api.invocations).toEqual([]);
  });

  it.each([
    ['is missing', async () => undefined],
    ['is empty', async () => 'Bearer '],
    ['is no JWT', async () => 'Bearer nonsense'],
    ['is of two parts', async () => 'Bearer a.b'],
    ['is signed by another key', async () => sign(accessClaims, {}, otherKeys)],
    ['names an unknown key', async () => sign(accessClaims, { kid: otherKeys.kid }, otherKeys)],
    ['names no key', async () => sign(accessClaims, { kid: undefined })],
    [
      'has no signature (alg none)',
      async () => `${encode({ alg: 'none', kid: keys.kid })}.${encode(accessClaims)}.`,
    ],
    ['is signed with the public key as a secret (HS256)', () => confused()],
    ['was changed after it was signed', async () => tampered()],
    ['is sent twice', async () => `${await sign(accessClaims)}, ${await sign(accessClaims)}`],
  ])('%s', async (_what, make) => {
    const api = await run();
    const answer = await call(api, await make());
    expect(answer).toMatchObject({ status: 401, text: '{"message":"Unauthorized"}' });
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(api.invocations).toEqual([]);
  });

  it('gets the bare challenge when there is none', async () => {
    const api = await run();
    expect((await call(api, undefined)).headers['www-authenticate']).toBe('Bearer');
  });
});

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

async function tampered(): Promise<string> {
  const [header, , signature] = (await sign(accessClaims)).split('.');
  return `${header}.${encode({ ...accessClaims, sub: 'student-2' })}.${signature}`;
}

async function confused(): Promise<string> {
  const [jwk] = keys.jwks.keys;
  const publicKey = jwk === undefined ? undefined : await importJWK(jwk);
  if (publicKey === undefined || publicKey instanceof Uint8Array) throw new Error('Not a public key');
  const signed = `${encode({ alg: 'HS256', kid: keys.kid })}.${encode(accessClaims)}`;
  return `${signed}.${createHmac('sha256', await exportSPKI(publicKey))
    .update(signed)
    .digest('base64url')}`;
}

it('refuses RSA-PSS even with a key that does not say what it is for', async () => {
  const { privateKey, publicKey } = await generateKeyPair('PS256');
  const { kty, n, e } = await exportJWK(publicKey);
  if (kty !== 'RSA' || n === undefined || e === undefined) throw new Error('Not an RSA key');
  const getKey = createLocalJWKSet({ keys: [{ kty, n, e, kid: 'k' }] });
  const token = await new SignJWT(accessClaims)
    .setProtectedHeader({ alg: 'PS256', kid: 'k' })
    .sign(privateKey);
  const signingKeys = createSigningKeys([{ issuerUrl: ISSUER, getKey }]);
  expect(await verifyJwt(token, { issuer: ISSUER, signingKeys, now: () => NOW * 1000 })).toEqual({
    ok: false,
    reason: 'the token is signed by an unsupported algorithm',
  });
});

describe('scopes', () => {
  it.each([
    ['scope as a text', { scope: 'school/read other' }, ['school/read']],
    [
      'scp as a list',
      { scope: undefined, scp: ['school/read', 'school/admin'] },
      ['school/read', 'school/admin'],
    ],
  ])('one of the route’s is enough: %s', async (_what, change, granted) => {
    const api = await run({ scopes: ['school/read', 'school/admin'] });
    expect((await call(api, await sign({ ...accessClaims, ...change }))).status).toBe(204);
    expect(api.invocations[0]?.event.requestContext.authorizer?.jwt.scopes).toEqual(granted);
  });

  it.each([
    ['holds others', { scope: 'school/reader' }],
    ['holds none, like an ID token', { scope: undefined }],
    ['holds something else than scopes', { scope: { 'school/read': true } }],
  ])('a token that %s is answered with 403', async (_what, change) => {
    const api = await run({ scopes: ['school/read', 'school/admin'] });
    const answer = await call(api, await sign({ ...accessClaims, ...change }));
    expect(answer).toMatchObject({ status: 403, text: '{"message":"Forbidden"}' });
    expect(answer.headers['www-authenticate']).toMatch(
      /^Bearer scope="school\/read school\/admin" error="insufficient_scope"/,
    );
    expect(api.invocations).toEqual([]);
  });

  it('a bad token is answered with 401, not 403', async () => {
    const api = await run({ scopes: ['school/read'] });
    expect((await call(api, await sign({ ...accessClaims, scope: '', exp: NOW }))).status).toBe(401);
  });
});

describe('the authorizer’s template', () => {
  const properties = {
    AuthorizerType: 'JWT',
    IdentitySource: ['$request.querystring.token'],
    JwtConfiguration: { Issuer: ISSUER, Audience: [CLIENT_ID] },
  };
  const build = (change: object) =>
    createJwtAuthorizer(resource('A', 'AWS::ApiGatewayV2::Authorizer', { ...properties, ...change }), {
      signingKeys: createSigningKeys([{ issuerUrl: ISSUER, getKey: keys.getKey }]),
      now: () => NOW * 1000,
    });

  it('may name a query parameter as the place of the token', async () => {
    const authorizer = build({});
    const server = await serve(async (req, res) => {
      const decision = await authorizer.authorize(req, (req.url ?? '').split('?')[1] ?? '', []);
      res.end(String(decision.ok));
    });
    closed.push(server);
    expect((await send(server.port, 'GET', `/?token=${await sign(accessClaims)}`)).text).toBe('true');
    expect((await send(server.port, 'GET', '/?other=1')).text).toBe('false');
  });

  it.each([
    { AuthorizerType: 'REQUEST' },
    { IdentitySource: ['$request.body.token'] },
    { IdentitySource: [] },
    { JwtConfiguration: { Issuer: ISSUER, Audience: [] } },
  ])('is refused with %j', (change) => {
    expect(() => build(change)).toThrow();
  });
});

describe('an issuer elsewhere', () => {
  it('is asked for its keys by discovery, once, and again after it failed', async () => {
    const asked: (string | undefined)[] = [];
    let up = false;
    const idp: TestServer = await serve(async (req, res) => {
      asked.push(req.url);
      const body =
        req.url?.endsWith('jwks') === true ? keys.jwks : { issuer: idp.url, jwks_uri: `${idp.url}/jwks` };
      res.writeHead(up ? 200 : 500, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    closed.push(idp);
    const template = apiTemplate([{ key: 'GET /me', jwt: true }]);
    const api = await runApi(
      {
        ...template,
        resource: (id) =>
          id === 'Authorizer'
            ? resource(id, 'AWS::ApiGatewayV2::Authorizer', {
                AuthorizerType: 'JWT',
                IdentitySource: ['$request.header.Authorization'],
                JwtConfiguration: { Issuer: idp.url, Audience: [CLIENT_ID] },
              })
            : template.resource(id),
      },
      undefined,
      { now: () => NOW * 1000 },
    );
    closed.push(api);
    const token = await sign({ ...accessClaims, iss: idp.url });

    expect((await call(api, await sign({ ...accessClaims, iss: 'https://stranger.example' }))).status).toBe(
      401,
    );
    expect(asked).toEqual([]);
    expect((await call(api, token)).headers['www-authenticate']).toContain('OIDC discovery');
    up = true;
    expect((await call(api, token)).status).toBe(204);
    expect((await call(api, token)).status).toBe(204);
    expect(asked).toEqual([
      '/.well-known/openid-configuration',
      '/.well-known/openid-configuration',
      '/jwks',
    ]);
  });
});

describe('claims as strings', () => {
  it.each([
    [['admin'], '[admin]'],
    [[], '[]'],
    [['a b', 'c'], '[a b c]'],
    [[1, true, ['x']], '[1 true [x]]'],
    [1_800_000_000, '1800000000'],
    [true, 'true'],
    [{ a: [1] }, '{"a":[1]}'],
    ['plain', 'plain'],
  ])('%j becomes %s', (value, text) => {
    expect(stringifyClaims({ claim: value })).toEqual({ claim: text });
  });
});
