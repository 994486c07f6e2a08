import { afterEach, describe, expect, it } from 'vitest';
import { apiTemplate, type RunningApi, runApi, send, serve } from './http-support.ts';

const running: RunningApi[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.close()));
});

async function run(...args: Parameters<typeof runApi>): Promise<RunningApi> {
  const api = await runApi(...args);
  running.push(api);
  return api;
}

describe('CORS', () => {
  const cors = {
    AllowOrigins: ['https://school.example'],
    AllowMethods: ['GET', 'POST'],
    AllowHeaders: ['authorization', 'content-type'],
    ExposeHeaders: ['etag'],
    AllowCredentials: true,
    MaxAge: 300,
  };
  const template = apiTemplate([{ key: 'GET /things' }, { key: 'ANY /closed', jwt: true }], { cors });
  const preflight = (origin: string) => ({
    headers: [['Origin', origin] as const, ['Access-Control-Request-Method', 'GET'] as const],
  });

  it('answers a preflight without a route and without a function', async () => {
    const api = await run(template);
    for (const path of ['/things', '/nowhere']) {
      const answer = await send(api.port, 'OPTIONS', path, preflight('https://school.example'));
      expect(answer).toMatchObject({ status: 204, text: '' });
      expect(answer.headers).toMatchObject({
        'access-control-allow-origin': 'https://school.example',
        'access-control-allow-methods': 'GET,POST',
        'access-control-allow-headers': 'authorization,content-type',
        'access-control-allow-credentials': 'true',
        'access-control-max-age': '300',
      });
    }
    expect(api.invocations).toEqual([]);
  });

  it('leaves the preflight of a path that is not its own to the next handler', async () => {
    const { api } = await run(template);
    const next = await serve(async (req, res) => res.end(String(await api.handle(req, res))));
    running.push({ ...next, api, invocations: [], failures: [] });
    const answer = await send(next.port, 'OPTIONS', '/graphql', preflight('https://school.example'));
    expect(answer.text).toBe('false');
  });

  it('tells a foreign origin nothing', async () => {
    const api = await run(template);
    for (const answer of [
      await send(api.port, 'OPTIONS', '/things', preflight('https://evil.example')),
      await send(api.port, 'GET', '/things', { headers: [['Origin', 'https://evil.example']] }),
    ]) {
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('asks the authorizer first where a protected route takes OPTIONS', async () => {
    const api = await run(template);
    expect((await send(api.port, 'OPTIONS', '/closed', preflight('https://school.example'))).status).toBe(
      401,
    );
  });

  it('puts its own headers in place of the function’s', async () => {
    const api = await run(template, () => ({
      statusCode: 200,
      headers: { 'Access-Control-Allow-Origin': '*', 'access-control-allow-methods': 'DELETE' },
    }));
    const { headers } = await send(api.port, 'GET', '/things', {
      headers: [['Origin', 'https://school.example']],
    });
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://school.example',
      'access-control-expose-headers': 'etag',
    });
    expect(headers['access-control-allow-methods']).toBeUndefined();
  });

  it('lets the function speak where the API has no CORS configuration', async () => {
    const api = await run(apiTemplate([{ key: 'POST /things' }]), () => ({
      statusCode: 200,
      headers: { 'access-control-allow-origin': '*' },
    }));
    const { headers } = await send(api.port, 'POST', '/things', {
      headers: [['Origin', 'https://any.example']],
    });
    expect(headers['access-control-allow-origin']).toBe('*');
  });

  it.each([
    ['*', 'http://a.example', '*'],
    ['https://*', 'https://a.example', 'https://a.example'],
    ['https://*', 'http://a.example', undefined],
  ])('takes %s for %s as %s', async (pattern, origin, allowed) => {
    const api = await run(apiTemplate([{ key: 'GET /things' }], { cors: { AllowOrigins: [pattern] } }));
    const { headers } = await send(api.port, 'GET', '/things', { headers: [['Origin', origin]] });
    expect(headers['access-control-allow-origin']).toBe(allowed);
  });
});
