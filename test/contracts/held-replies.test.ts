import { afterEach, expect, it } from 'vitest';
import { holdToContract } from '../support/contract.ts';
import { serve, type TestServer } from '../local/http-support.ts';

let server: TestServer | undefined;
afterEach(() => server?.close());

const JSON_OF_A_FUNCTION = { 'content-type': 'application/json', 'x-request-id': 'request-1' };

const answering = (status: number, body: unknown, headers = JSON_OF_A_FUNCTION as Record<string, string>) =>
  serve(async (_request, response) => {
    await Promise.resolve();
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });

it('a reply out of contract fails whoever asked, and the school again where nobody minded', async () => {
  server = await answering(200, { received: true, applied: true, more: 1 });
  const held = holdToContract(server.url);
  const call = fetch(`${server.url}/webhooks/payments`, { method: 'POST', body: '{}' });
  await expect(call).rejects.toThrow('must NOT have additional properties');
  expect(() => held.release()).toThrow('receive-payment-event replied 200');
});

it('a reply that is called JSON and is none is out of contract', async () => {
  server = await answering(200, '{"received": tr');
  const held = holdToContract(server.url);
  const call = fetch(`${server.url}/webhooks/payments`, { method: 'POST', body: '{}' });
  await expect(call).rejects.toThrow('is none: {"received": tr');
  expect(() => held.release()).toThrow('is called JSON');
});

it('a reply of a function that does not name the request is out of contract, and one of API Gateway is not', async () => {
  const bare = { 'content-type': 'application/json' };
  server = await answering(200, { received: true, applied: true }, bare);
  const held = holdToContract(server.url);
  const call = () => fetch(`${server?.url}/webhooks/payments`, { method: 'POST', body: '{}' });
  await expect(call()).rejects.toThrow('x-request-id');
  expect(() => held.release()).toThrow('x-request-id');
  await server.close();
  server = await answering(429, { message: 'Too Many Requests' }, bare);
  const heldToo = holdToContract(server.url);
  expect((await call()).status).toBe(429);
  expect(() => heldToo.release()).not.toThrow();
});

it('a reply in contract, or of what is none of the API, comes through', async () => {
  server = await answering(200, { received: true, applied: true });
  const held = holdToContract(server.url);
  const reply = await fetch(`${server.url}/webhooks/payments`, { method: 'POST', body: '{}' });
  expect(await reply.json()).toEqual({ received: true, applied: true });
  expect((await fetch(`${server.url}/local/anything`)).status).toBe(200);
  expect(() => held.release()).not.toThrow();
});

it('a school that has stopped is held no more', async () => {
  server = await answering(418, {});
  const before = globalThis.fetch;
  holdToContract(server.url).release();
  expect(globalThis.fetch).toBe(before);
  expect((await fetch(`${server.url}/me/dashboard`)).status).toBe(418);
});
