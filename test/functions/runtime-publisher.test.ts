import { describe, expect, it } from 'vitest';
import { createPublisher } from '../../shared/runtime/publisher.ts';
import { type Log, silentLog } from '../../shared/runtime/logger.ts';
import { adminChange, studentChange } from '../support/change.ts';

function publisher(replies: readonly (Response | Error)[]) {
  const sent: { url: string; headers: Headers; body: unknown }[] = [];
  const warned: string[] = [];
  const logger: Log = { ...silentLog, warn: (message) => warned.push(message) };
  const fetch: typeof globalThis.fetch = async (url, init) => {
    sent.push({
      url: String(url),
      headers: new Headers(init?.headers),
      body: JSON.parse(String(init?.body)),
    });
    const reply = replies[sent.length - 1] ?? new Error('no more replies');
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const subject = createPublisher({
    url: 'https://api.example.com:8443/graphql',
    region: 'us-east-1',
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }),
    logger,
    fetch,
    sleep: async () => {},
  });
  return { subject, sent, warned };
}

const done = () => Response.json({ data: {} });

describe('the publisher', () => {
  it('sends a mutation signed for AppSync', async () => {
    const { subject, sent } = publisher([done()]);
    expect(await subject.student(studentChange())).toBe(true);
    const { url, headers, body } = sent[0] ?? {};
    expect(url).toBe('https://api.example.com:8443/graphql');
    expect(headers?.get('authorization')).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/us-east-1\/appsync\/aws4_request, SignedHeaders=[^,]*host[^,]*, Signature=[0-9a-f]{64}$/,
    );
    expect(headers?.get('x-amz-security-token')).toBe('token');
    expect(body).toMatchObject({ variables: { change: { userId: 'ada' } } });
  });

  it('takes errors in a reply of status 200 for a failure, and tries again', async () => {
    const refused = Response.json({ data: null, errors: [{ errorType: 'Unauthorized' }] });
    const { subject, sent, warned } = publisher([refused, done()]);
    expect(await subject.admin(adminChange())).toBe(true);
    expect([sent.length, warned.length]).toEqual([2, 0]);
  });

  it('gives up after three tries, with a line in the log and no exception', async () => {
    const { subject, sent, warned } = publisher([
      new Error('ECONNREFUSED'),
      new Response('busy', { status: 503 }),
      new Response('not json'),
    ]);
    expect(await subject.admin(adminChange())).toBe(false);
    expect([sent.length, warned]).toEqual([3, ['publish_failed']]);
  });

  it('does not send what is not a change', async () => {
    const { subject, sent, warned } = publisher([]);
    expect(await subject.student(studentChange({ userId: '' }))).toBe(false);
    expect([sent.length, warned]).toEqual([0, ['publish_failed']]);
  });
});
