import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { createSecret } from '../../shared/runtime/secret.ts';

const ARN = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:payments-Ab12Cd';
const holding = (secret: unknown) => Response.json({ SecretString: JSON.stringify(secret) });

function secretOf(replies: readonly (Response | Error)[], endpoint?: string) {
  let now = Date.parse('2026-11-22T10:00:00.000Z');
  const pass = (minutes: number) => {
    now += minutes * 60_000;
  };
  const sent: { url: string; headers: Headers; body: unknown }[] = [];
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
  const read = createSecret({
    arn: ARN,
    schema: z.object({ key: z.string().min(3) }),
    region: 'eu-west-1',
    credentials: async () => ({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'token' }),
    fetch,
    clock: () => new Date(now),
    ...(endpoint !== undefined && { endpoint }),
  });
  return { read, sent, pass };
}

describe('a secret', () => {
  it('is asked of Secrets Manager in its own region, by a signed call', async () => {
    const { read, sent } = secretOf([holding({ key: 'sesame' })]);
    expect(await read()).toEqual({ key: 'sesame' });
    const { url, headers, body } = sent[0] ?? {};
    expect(url).toBe('https://secretsmanager.eu-west-1.amazonaws.com/');
    expect(body).toEqual({ SecretId: ARN });
    expect(headers?.get('x-amz-target')).toBe('secretsmanager.GetSecretValue');
    expect(headers?.get('authorization')).toMatch(
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request, SignedHeaders=[^,]*x-amz-target[^,]*, Signature=[0-9a-f]{64}$/,
    );
  });

  it('is asked elsewhere where an address is given', async () => {
    const { read, sent } = secretOf([holding({ key: 'sesame' })], 'http://127.0.0.1:4321');
    await read();
    expect(sent[0]?.url).toBe('http://127.0.0.1:4321/');
  });

  it('is read once in five minutes, however many ask, at once or later', async () => {
    const { read, sent, pass } = secretOf([holding({ key: 'sesame' })]);
    await Promise.all([read(), read()]);
    pass(4.9);
    await read();
    expect(sent).toHaveLength(1);
  });

  it('that an operator changes is known within five minutes', async () => {
    const { read, sent, pass } = secretOf([holding({ key: 'sesame' }), holding({ key: 'barley' })]);
    await read();
    pass(5);
    expect(await Promise.all([read(), read()])).toEqual([{ key: 'barley' }, { key: 'barley' }]);
    expect(sent).toHaveLength(2);
  });

  it('that was read once serves on while it cannot be read', async () => {
    const { read, pass } = secretOf([
      holding({ key: 'sesame' }),
      new Error('ECONNRESET'),
      new Error('ECONNRESET'),
      holding({ key: 'barley' }),
    ]);
    await read();
    pass(5);
    expect(await read()).toEqual({ key: 'sesame' });
    pass(5);
    expect(await read()).toEqual({ key: 'barley' });
  });

  it('that cannot be read is tried twice, and again when it is asked for again', async () => {
    const busy = () => new Response('busy', { status: 500 });
    const { read, sent } = secretOf([new Error('ECONNRESET'), busy(), busy(), holding({ key: 'sesame' })]);
    await expect(read()).rejects.toThrow('Secrets Manager replied 500');
    expect(await read()).toEqual({ key: 'sesame' });
    expect(sent).toHaveLength(4);
  });

  it.each([holding({ key: 'ab' }), Response.json({ SecretString: 'sesame' }), Response.json({})])(
    'that does not hold what it should is in no message (%#)',
    async (reply) => {
      const { read } = secretOf([reply.clone(), reply.clone()]);
      await expect(read()).rejects.toThrow(/^The secret does not hold what it should$/);
    },
  );
});
