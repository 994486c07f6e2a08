import { afterEach, describe, expect, it } from 'vitest';
import { readBody } from '../../infra/local/http/request-body.ts';
import { send, sendRaw, serve, type TestServer } from './http-support.ts';

let server: TestServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function run(limits: Parameters<typeof readBody>[1]): Promise<TestServer> {
  server = await serve(async (req, res) => {
    const result = await readBody(req, limits);
    res.end(result.ok ? result.bytes : result.reason);
  });
  return server;
}

describe('a body', () => {
  it('is read whole up to the limit, and refused beyond it', async () => {
    const { port } = await run({ limitBytes: 10, timeoutMs: 5000 });
    expect((await send(port, 'POST', '/', { body: '1234567890' })).text).toBe('1234567890');
    expect((await send(port, 'POST', '/', { body: '12345678901' })).text).toBe('too-large');
    expect((await send(port, 'POST', '/')).text).toBe('');
  });

  it('is counted as it comes when its length is not announced', async () => {
    const { port } = await run({ limitBytes: 10, timeoutMs: 5000 });
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(await sendRaw(port, `${head}a\r\n1234567890\r\n0\r\n\r\n`)).toMatch(/1234567890$/);
    expect(await sendRaw(port, `${head}a\r\n1234567890\r\n1\r\n1\r\n0\r\n\r\n`)).toMatch(/too-large$/);
  });

  it('is given up when it does not come in time', async () => {
    const { port } = await run({ limitBytes: 10, timeoutMs: 30 });
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\n';
    expect(await sendRaw(port, `${head}123`)).toMatch(/timed-out$/);
  });
});
