import { afterEach, describe, expect, it } from 'vitest';
import { createHttpApi } from '../../infra/local/http/http-api.ts';
import type { InvokeResult } from '../../infra/local/lambda/invocation.ts';
import type { SynthesisedTemplate } from '../../infra/local/template/resource.ts';
import {
  apiTemplate,
  resource,
  type RunningApi,
  runApi,
  send,
  sendRaw,
  serve,
  templateOf,
} from './http-support.ts';

const running: RunningApi[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.close()));
});

async function run(...args: Parameters<typeof runApi>): Promise<RunningApi> {
  const api = await runApi(...args);
  running.push(api);
  return api;
}

const oneRoute = apiTemplate([{ key: 'POST /things' }]);

describe('routing', () => {
  it('invokes the function that the route leads to', async () => {
    const api = await run(apiTemplate([{ key: 'GET /a/{x}' }, { key: 'GET /a/b' }, { key: '$default' }]));
    for (const path of ['/a/b', '/a/c', '/other']) await send(api.port, 'GET', path);
    expect(api.invocations.map((one) => one.functionName)).toEqual(['fn-1', 'fn-0', 'fn-2']);
    expect(api.invocations[2]?.event).toMatchObject({ routeKey: '$default', rawPath: '/other' });
  });

  it('answers 404 where no route leads', async () => {
    const api = await run(oneRoute);
    for (const [method, path] of [
      ['GET', '/things'],
      ['POST', '/'],
      ['POST', '/things/'],
      ['OPTIONS', '/things'],
    ] as const) {
      expect(await send(api.port, method, path)).toMatchObject({
        status: 404,
        text: '{"message":"Not Found"}',
      });
    }
    expect(api.invocations).toEqual([]);
  });

  it('leaves a request that no route takes untouched for the next handler', async () => {
    const { api } = await run(oneRoute);
    const next = await serve(async (req, res) => {
      if (await api.handle(req, res)) return;
      const chunks = await req.toArray();
      res.end(Buffer.concat(chunks));
    });
    try {
      expect(await send(next.port, 'POST', '/next', { body: 'all of it' })).toMatchObject({
        text: 'all of it',
      });
    } finally {
      await next.close();
    }
  });

  it('reads an invocation path as well as a function ARN', async () => {
    const integration = resource('Integration0', 'AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'AWS_PROXY',
      IntegrationUri:
        'arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:fn-0:live/invocations',
      PayloadFormatVersion: '2.0',
    });
    const api = await run(replacing(oneRoute, integration));
    await send(api.port, 'POST', '/things');
    expect(api.invocations).toHaveLength(1);
  });
});

function replacing(template: SynthesisedTemplate, one: ReturnType<typeof resource>): SynthesisedTemplate {
  return {
    ...template,
    resource: (logicalId) => (logicalId === one.logicalId ? one : template.resource(logicalId)),
  };
}

describe('a template that cannot run', () => {
  const api = resource('Api', 'AWS::ApiGatewayV2::Api', { ProtocolType: 'HTTP' });
  const stage = resource('Stage', 'AWS::ApiGatewayV2::Stage', { StageName: '$default' });
  const fn = resource('Fn', 'AWS::Lambda::Function', {});
  const integration = (properties: Record<string, unknown> = {}) =>
    resource('Integration', 'AWS::ApiGatewayV2::Integration', {
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: 'arn:aws:lambda:us-east-1:000000000000:function:Fn',
      PayloadFormatVersion: '2.0',
      ...properties,
    });
  const route = (properties: Record<string, unknown> = {}, logicalId = 'Route') =>
    resource(logicalId, 'AWS::ApiGatewayV2::Route', {
      RouteKey: 'GET /a',
      Target: 'integrations/Integration',
      ...properties,
    });
  const invoke = async (): Promise<InvokeResult> => ({ ok: true, payload: null });

  it.each([
    ['there is no API', [stage], 'exactly one HTTP API'],
    ['there are two APIs', [api, { ...api, logicalId: 'Api2' }, stage], 'exactly one HTTP API'],
    ['the API speaks WebSocket', [{ ...api, properties: { ProtocolType: 'WEBSOCKET' } }, stage], 'Api'],
    ['there is no stage', [api], 'exactly one stage'],
    ['the stage has a name', [api, resource('Stage', stage.type, { StageName: 'prod' })], '$default'],
    [
      'a route is authorised by IAM',
      [api, stage, fn, integration(), route({ AuthorizationType: 'AWS_IAM' })],
      'Route',
    ],
    [
      'a JWT route has no authorizer',
      [api, stage, fn, integration(), route({ AuthorizationType: 'JWT' })],
      'Route',
    ],
    ['a route key is malformed', [api, stage, fn, integration(), route({ RouteKey: 'GET a' })], 'GET a'],
    ['two routes have one key', [api, stage, fn, integration(), route(), route({}, 'Other')], 'GET /a'],
    ['the integration is missing', [api, stage, fn, route()], 'No resource Integration'],
    ['the function is missing', [api, stage, integration(), route()], 'no function'],
    [
      'the payload has format 1.0',
      [api, stage, fn, integration({ PayloadFormatVersion: '1.0' }), route()],
      'Integration',
    ],
    [
      'the timeout is over 30 s',
      [api, stage, fn, integration({ TimeoutInMillis: 30_001 }), route()],
      'Integration',
    ],
  ])('is refused at once when %s', (_what, resources, text) => {
    expect(() => createHttpApi({ template: templateOf(resources), invoke })).toThrow(text);
  });
});

describe('failures', () => {
  it.each([
    [
      'a function that failed',
      { ok: false, errorType: 'TypeError', errorMessage: 'secret', timedOut: false },
    ],
    [
      'a function that timed out',
      { ok: false, errorType: 'Timeout', errorMessage: 'secret', timedOut: true },
    ],
  ] as const)('answers 500 for %s, and does not tell why', async (_what, result) => {
    const api = await run(oneRoute, undefined, { invoke: async () => result });
    expect(await send(api.port, 'POST', '/things')).toMatchObject({
      status: 500,
      text: '{"message":"Internal Server Error"}',
    });
    expect(api.failures).toEqual([`${result.errorType}: secret`]);
  });

  it('answers 500 when the invocation itself breaks', async () => {
    const api = await run(oneRoute, undefined, { invoke: () => Promise.reject(new Error('no worker')) });
    expect((await send(api.port, 'POST', '/things')).status).toBe(500);
    expect(api.failures).toEqual(['no worker']);
  });

  it('answers 503 when the integration takes longer than its timeout, whatever comes later', async () => {
    let finish: (error: Error) => void = () => undefined;
    const api = await run(apiTemplate([{ key: 'GET /slow', timeoutMs: 50 }]), undefined, {
      invoke: () => new Promise((_resolve, reject) => (finish = reject)),
    });
    expect(await send(api.port, 'GET', '/slow')).toMatchObject({
      status: 503,
      text: '{"message":"Service Unavailable"}',
    });
    finish(new Error('too late'));
    expect(api.failures).toEqual(['no reply within 50 ms']);
  });
});

describe('hostile requests', () => {
  it.each(['/things/%', '/things/%zz', '/%00', '/%FF', '/%C0%AE', '*', 'things'])(
    'answers 400 to the target %s',
    async (target) => {
      const api = await run(apiTemplate([{ key: '$default' }]));
      const answer = await sendRaw(
        api.port,
        `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
      );
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(api.invocations).toEqual([]);
    },
  );

  it('treats dots in a path as ordinary names', async () => {
    const api = await run(apiTemplate([{ key: 'GET /admin' }, { key: 'GET /me/{x}/{y}' }]));
    await send(api.port, 'GET', '/me/%2e%2e/admin');
    expect(api.invocations.map(({ event }) => event.pathParameters)).toEqual([{ x: '..', y: 'admin' }]);
    expect((await send(api.port, 'GET', '/me/../../admin')).status).toBe(404);
  });

  it('takes an encoded slash for a slash', async () => {
    const api = await run(apiTemplate([{ key: 'GET /items/{id}' }]));
    expect((await send(api.port, 'GET', '/items/a%2Fb')).status).toBe(404);
  });

  it('answers 431 when the request line and the headers have more than 10,240 bytes', async () => {
    const api = await run(oneRoute);
    const filler = (length: number) => ({ headers: [['x-filler', 'a'.repeat(length)] as const] });
    expect((await send(api.port, 'POST', '/things', filler(10_000))).status).toBe(204);
    expect((await send(api.port, 'POST', '/things', filler(10_240))).status).toBe(431);
  });

  it('answers 413 to a body of more than 10 MB, announced or not', async () => {
    const api = await run(oneRoute);
    const head = 'POST /things HTTP/1.1\r\nHost: a\r\nConnection: close\r\n';
    const announced = await sendRaw(api.port, `${head}Content-Length: ${10 * 1024 * 1024 + 1}\r\n\r\n`);
    expect(announced).toMatch(/^HTTP\/1\.1 413 [^]*\{"message":"Request Entity Too Large"\}$/);
    const chunk = `100000\r\n${'a'.repeat(0x100000)}\r\n`;
    const streamed = await sendRaw(
      api.port,
      `${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(11)}0\r\n\r\n`,
    );
    expect(streamed).toMatch(/^HTTP\/1\.1 413 /);
    expect(api.invocations).toEqual([]);
  });

  it('answers 413 to a body that Lambda would not take', async () => {
    const api = await run(oneRoute);
    const fits = {
      headers: [['content-type', 'text/plain'] as const],
      body: 'a'.repeat(6 * 1024 * 1024 - 10_000),
    };
    expect((await send(api.port, 'POST', '/things', fits)).status).toBe(204);
    expect((await send(api.port, 'POST', '/things', { ...fits, headers: [] })).status).toBe(413);
  });

  it('answers 408 to a body that does not come', async () => {
    const api = await run(oneRoute, undefined, { bodyTimeoutMs: 50 });
    const answer = await sendRaw(
      api.port,
      'POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(api.invocations).toEqual([]);
  });

  it('invokes nothing when the client goes away in the middle of its body', async () => {
    const api = await run(oneRoute);
    const handled = new Promise<boolean>((resolve) => {
      const original = api.api.handle;
      Object.assign(api.api, {
        handle: async (...args: Parameters<typeof original>) => {
          args[0].once('data', () => args[0].socket.destroy());
          const result = await original(...args);
          resolve(result);
          return result;
        },
      });
    });
    const broken = sendRaw(api.port, 'POST /things HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
    expect(await handled).toBe(true);
    await broken.catch(() => undefined);
    expect(api.invocations).toEqual([]);
    expect(api.failures).toEqual([]);
  });
});
