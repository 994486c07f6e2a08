import { afterEach, describe, expect, it } from 'vitest';
import { apiTemplate, type RunningApi, runApi, send } from './http-support.ts';

let api: RunningApi | undefined;
afterEach(async () => {
  await api?.close();
  api = undefined;
});

async function run(...args: Parameters<typeof runApi>): Promise<RunningApi> {
  api = await runApi(...args);
  return api;
}

const echo = apiTemplate([{ key: 'ANY /echo' }, { key: 'ANY /items/{id}' }, { key: 'ANY /files/{proxy+}' }]);

async function eventOf(method: string, path: string, request?: Parameters<typeof send>[3]) {
  const running = await run(echo, undefined, { now: () => Date.UTC(2020, 2, 12, 19, 3, 58, 390) });
  const answer = await send(running.port, method, path, request);
  expect(answer.status).toBe(204);
  const [invocation] = running.invocations;
  if (invocation === undefined) throw new Error('Nothing was invoked');
  return invocation.event;
}

describe('event', () => {
  it('has the shape of payload format 2.0', async () => {
    const event = await eventOf('POST', '/items/42?parameter1=value1&parameter1=value2&parameter2=value', {
      headers: [
        ['Header1', 'value1'],
        ['Header2', 'value1'],
        ['header2', 'value2'],
        ['User-Agent', 'agent'],
        ['Cookie', 'cookie1=a; cookie2=b'],
        ['Content-Type', 'application/json'],
      ],
      body: '{"a":1}',
    });
    expect(event).toEqual({
      version: '2.0',
      routeKey: 'ANY /items/{id}',
      rawPath: '/items/42',
      rawQueryString: 'parameter1=value1&parameter1=value2&parameter2=value',
      cookies: ['cookie1=a', 'cookie2=b'],
      headers: {
        'content-length': '7',
        'content-type': 'application/json',
        header1: 'value1',
        header2: 'value1,value2',
        host: 'api.example.com',
        'user-agent': 'agent',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-5e6a879e-[0-9a-f]{24}$/),
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': String(api?.port),
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { parameter1: 'value1,value2', parameter2: 'value' },
      pathParameters: { id: '42' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'Api',
        domainName: 'api.example.com',
        domainPrefix: 'api',
        http: {
          method: 'POST',
          path: '/items/42',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'agent',
        },
        requestId: expect.stringMatching(/^[\w+/]{15}=$/),
        routeKey: 'ANY /items/{id}',
        stage: '$default',
        time: '12/Mar/2020:19:03:58 +0000',
        timeEpoch: 1584039838390,
      },
      body: '{"a":1}',
      isBase64Encoded: false,
    });
  });

  it('leaves out what is empty', async () => {
    const event = await eventOf('GET', '/echo');
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false });
    for (const field of ['body', 'cookies', 'queryStringParameters', 'pathParameters', 'stageVariables']) {
      expect(event).not.toHaveProperty(field);
    }
    expect(event.requestContext).not.toHaveProperty('authorizer');
  });

  it.each([
    'text/csv; charset=utf-8',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'application/xml',
  ])('gives a body of type %s as text', async (type) => {
    const event = await eventOf('POST', '/echo', { headers: [['content-type', type]], body: 'naïve' });
    expect(event).toMatchObject({ body: 'naïve', isBase64Encoded: false });
  });

  it.each([['application/octet-stream'], ['application/x-www-form-urlencoded'], ['image/png'], [undefined]])(
    'gives a body of type %s as base64',
    async (type) => {
      const bytes = Buffer.from([0, 255, 128, 10]);
      const event = await eventOf('POST', '/echo', {
        headers: type === undefined ? [] : [['content-type', type]],
        body: bytes,
      });
      expect(event).toMatchObject({ body: bytes.toString('base64'), isBase64Encoded: true });
    },
  );

  it('joins repeats that Node would drop', async () => {
    const event = await eventOf('GET', '/echo', {
      headers: [
        ['User-Agent', 'one'],
        ['User-Agent', 'two'],
        ['If-None-Match', '"a"'],
        ['If-None-Match', '"b"'],
        ['Cookie', 'a=1'],
        ['Cookie', 'b=2; c=3'],
      ],
    });
    expect(event.headers).toMatchObject({ 'user-agent': 'one,two', 'if-none-match': '"a","b"' });
    expect(event.cookies).toEqual(['a=1', 'b=2', 'c=3']);
  });

  it('adds the caller to x-forwarded-for and keeps a trace id that was sent', async () => {
    const event = await eventOf('GET', '/echo', {
      headers: [
        ['X-Forwarded-For', '10.0.0.1'],
        ['X-Amzn-Trace-Id', 'Root=1-2-3'],
      ],
    });
    expect(event.headers).toMatchObject({
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-amzn-trace-id': 'Root=1-2-3',
    });
  });

  it('decodes the path and the query once, and leaves the raw query as it was sent', async () => {
    const event = await eventOf('GET', '/items/a%20b%2525%C3%BC?q=a%2Cb&q=c+d&empty&__proto__=x');
    expect(event.rawPath).toBe('/items/a b%25ü');
    expect(event.pathParameters).toEqual({ id: 'a b%25ü' });
    expect(event.rawQueryString).toBe('q=a%2Cb&q=c+d&empty&__proto__=x');
    expect(Object.entries(event.queryStringParameters ?? {})).toEqual([
      ['q', 'a,b,c d'],
      ['empty', ''],
      ['__proto__', 'x'],
    ]);
  });

  it('cuts the path at an encoded question mark, as API Gateway does', async () => {
    const event = await eventOf('GET', '/items/a%3Fb=1?c=2');
    expect(event).toMatchObject({ rawPath: '/items/a', rawQueryString: 'c=2', pathParameters: { id: 'a' } });
  });

  it('takes the path out of an absolute request target', async () => {
    const event = await eventOf('GET', 'http://other.example/items/1?x=y');
    expect(event).toMatchObject({ rawPath: '/items/1', rawQueryString: 'x=y' });
  });
});

describe('reply', () => {
  async function answerTo(payload: unknown, method = 'GET') {
    const running = await run(echo, () => payload);
    return await send(running.port, method, '/echo');
  }

  it('sends status, headers, cookies and body', async () => {
    const answer = await answerTo({
      statusCode: 201,
      headers: { 'Content-Type': 'text/html', ETag: '"1"', 'x-number': 3, 'x-flag': true },
      cookies: ['a=1; HttpOnly', 'b=2'],
      body: '<p>',
    });
    expect(answer).toMatchObject({ status: 201, text: '<p>' });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/html',
      'content-length': '3',
      etag: '"1"',
      'x-number': '3',
      'x-flag': 'true',
      'set-cookie': ['a=1; HttpOnly', 'b=2'],
      'apigw-requestid': expect.stringMatching(/=$/),
    });
  });

  it('decodes a base64 body', async () => {
    const bytes = Buffer.from([0, 255, 1]);
    const answer = await answerTo({ statusCode: 200, isBase64Encoded: true, body: bytes.toString('base64') });
    expect(answer.bytes).toEqual(bytes);
  });

  it.each([
    ['an object', { a: 1 }, '{"a":1}'],
    ['a list', [1], '[1]'],
    ['a text, without quotes', 'Hello from Lambda!', 'Hello from Lambda!'],
    ['nothing', undefined, 'null'],
  ])('makes a JSON 200 of %s that has no statusCode', async (_what, payload, text) => {
    const answer = await answerTo(payload);
    expect(answer).toMatchObject({ status: 200, text });
    expect(answer.headers['content-type']).toBe('application/json');
  });

  it('calls a body plain text when the function does not say', async () => {
    const answer = await answerTo({ statusCode: 200, body: 'ü' });
    expect(answer.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'content-length': '2',
    });
  });

  it('measures the body itself, whatever the function claims', async () => {
    const headers = { 'Content-Length': '999', 'Transfer-Encoding': 'chunked', Connection: 'upgrade' };
    const answer = await answerTo({ statusCode: 200, headers, body: 'four' });
    expect(answer).toMatchObject({ status: 200, text: 'four' });
    expect(answer.headers['content-length']).toBe('4');
  });

  it.each([204, 304])('sends no body with %i', async (statusCode) => {
    const answer = await answerTo({
      statusCode,
      headers: { ETag: '"1"', 'Content-Length': '7' },
      body: 'ignored',
    });
    expect(answer).toMatchObject({ status: statusCode, text: '' });
    expect(answer.headers).toMatchObject({ etag: '"1"' });
    expect(answer.headers['content-length']).toBeUndefined();
  });

  it('sends no body to HEAD', async () => {
    const answer = await answerTo({ statusCode: 200, body: 'four' }, 'HEAD');
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers['content-length']).toBe('4');
  });

  it.each([
    ['a status that is no number', { statusCode: '200' }],
    ['a status out of range', { statusCode: 700 }],
    ['an informational status', { statusCode: 101 }],
    ['a body that is an object', { statusCode: 200, body: { a: 1 } }],
    ['a header that is a list', { statusCode: 200, headers: { a: ['b'] } }],
    ['a header with a line break', { statusCode: 200, headers: { 'x-first': '1', a: 'b\r\nset-cookie: c' } }],
    ['a header with a bad name', { statusCode: 200, headers: { 'a b': 'c' } }],
    ['cookies that are no list', { statusCode: 200, cookies: 'a=1' }],
  ])('answers 500 for %s, and reports it', async (_what, payload) => {
    const answer = await answerTo(payload);
    expect(answer).toMatchObject({ status: 500, text: '{"message":"Internal Server Error"}' });
    expect(answer.headers).not.toHaveProperty('set-cookie');
    expect(answer.headers).not.toHaveProperty('x-first');
    expect(api?.failures).toHaveLength(1);
  });
});
