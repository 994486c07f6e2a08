import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessKeyIdFor, principalsOf } from '../../infra/local/iam/principals.ts';
import { listen, type ListeningServer } from '../../infra/local/listen.ts';
import {
  type LocalPaymentProvider,
  startPaymentProvider,
} from '../../infra/local/payments/payment-provider.ts';
import { type SecretsManager, startSecretsManager } from '../../infra/local/secrets/secrets-manager.ts';
import type { SynthesisedTemplate } from '../../infra/local/template/resource.ts';
import { resolveTemplate } from '../../infra/local/template/template.ts';
import { createStripeProvider, StripeSecret } from '../../shared/payments/stripe-provider.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createSecret } from '../../shared/runtime/secret.ts';
import { payment } from '../domain/builders.ts';

const reads = (Resource: unknown) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    Policies: [
      {
        PolicyDocument: {
          Statement: [{ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource }],
        },
      },
    ],
  },
});
const secret = {
  Type: 'AWS::SecretsManager::Secret',
  Properties: {
    GenerateSecretString: {
      SecretStringTemplate: '{"secretKey":"sk_not_filled_in"}',
      GenerateStringKey: 'webhookSecret',
      PasswordLength: 40,
    },
  },
};
const lambda = (role: string, variables: Record<string, unknown>) => ({
  Type: 'AWS::Lambda::Function',
  Properties: { Role: { 'Fn::GetAtt': [role, 'Arn'] }, Environment: { Variables: variables } },
});
const resources = resolveTemplate({
  Resources: {
    Keys: secret,
    Others: secret,
    PayerRole: reads({ Ref: 'Keys' }),
    Payer: lambda('PayerRole', { PAYMENT_SECRET_ARN: { Ref: 'Keys' } }),
    StrangerRole: reads({ Ref: 'Others' }),
    Stranger: lambda('StrangerRole', {}),
  },
});
const template: SynthesisedTemplate = {
  stackName: 'Test',
  resources: (type) => [...resources.values()].filter((resource) => resource.type === type),
  resource: (logicalId) => resources.get(logicalId)!,
  assetPath: (s3Key) => s3Key,
};
const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:Keys-Ab12Cd';

let secrets: SecretsManager;
let school: ListeningServer;
let pages: ListeningServer;
let provider: LocalPaymentProvider;
/** What the school was told; its status codes to come. */
let told: { type: string; id: string; object: { metadata: unknown } }[] = [];
let statuses: number[] = [];
beforeAll(async () => {
  secrets = await startSecretsManager({ template, principals: principalsOf(template) });
  [school, pages] = await Promise.all([listen({}), listen({})]);
  provider = await startPaymentProvider({
    template,
    secretOf: secrets.valueOf,
    pagesUrl: pages.url,
    webhookUrl: `${school.url}/webhooks/payments`,
  });
  const handleUpgrade = () => undefined;
  school.serve({
    handleUpgrade,
    handleRequest: (request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk));
      request.on('end', () => {
        const { type, id, data } = JSON.parse(body);
        told.push({ type, id, object: data.object });
        response.writeHead(statuses.shift() ?? 200).end('{}');
      });
    },
  });
  pages.serve({
    handleUpgrade,
    handleRequest: (request, response) => {
      void provider.handle(request, response).then((handled) => handled || response.writeHead(404).end());
    },
  });
});
afterAll(() => Promise.all([secrets.stop(), provider.stop(), school.close(), pages.close()]));
beforeEach(() => {
  told = [];
  statuses = [];
});

function secretFor(functionName: string) {
  return createSecret({
    arn,
    schema: StripeSecret,
    endpoint: secrets.endpoint,
    region: 'us-east-1',
    credentials: async () => ({ accessKeyId: accessKeyIdFor(functionName), secretAccessKey: 'local' }),
    clock: systemClock,
  });
}

const stripe = () => createStripeProvider({ secret: secretFor('Payer'), apiUrl: provider.apiUrl });
let payments = 0;
const open = async (over: Parameters<typeof payment>[0] = {}) =>
  stripe().openCheckout(payment({ paymentId: `p${(payments += 1)}` as never, ...over }));

describe('the local Secrets Manager', () => {
  it('gives a secret to the function whose role may read it, drawn as the template says', async () => {
    const { secretKey, webhookSecret } = await secretFor('Payer')();
    expect(secretKey).toBe('sk_not_filled_in');
    expect(webhookSecret).toMatch(/^[0-9a-f]{40}$/);
  });

  it.each(['Stranger', 'nobody'])('refuses it to %s', async (caller) => {
    await expect(secretFor(caller)()).rejects.toThrow('Secrets Manager replied 400');
  });
});

describe("the local Stripe, spoken to by Stripe's own library", () => {
  it('opens a checkout whose page shows what is bought and lets one pay', async () => {
    const { checkoutUrl } = await open({
      order: { title: '<Anatomy> & more', successUrl: 'https://s.test/?a&b', cancelUrl: 'https://s.test/' },
    });
    const page = await (await fetch(checkoutUrl)).text();
    expect(page).toContain('&#60;Anatomy&#62; &#38; more');
    expect(page).toContain('€49.00');
    expect(page).toMatch(/action="\/local\/payments\/cs_local_[0-9a-f]+\/complete"/);

    const pressed = await fetch(`${checkoutUrl}/complete`, {
      method: 'POST',
      headers: { accept: 'text/html' },
      redirect: 'manual',
    });
    expect([pressed.status, pressed.headers.get('location')]).toEqual([303, new URL(checkoutUrl).pathname]);
    expect(told.map(({ type }) => type)).toEqual(['checkout.session.completed']);
    const paid = await (await fetch(checkoutUrl)).text();
    expect(paid).toContain('Paid');
    expect(paid).toContain('/refund"');
    expect(paid).not.toContain('/complete"');
  });

  it('opens one checkout under a key, and refuses another request under it', async () => {
    const one = await open({ paymentId: 'same' as never });
    expect(await open({ paymentId: 'same' as never })).toEqual(one);
    await expect(open({ paymentId: 'same' as never, amount: 1 })).rejects.toMatchObject({
      type: 'StripeIdempotencyError',
    });
  });

  it('refuses a key that is not the one in the secret, and whatever it does not know', async () => {
    const secretOf = async () => ({ secretKey: 'sk_guessed', webhookSecret: 'whsec' });
    const guessing = createStripeProvider({ secret: secretOf, apiUrl: provider.apiUrl });
    await expect(guessing.openCheckout(payment())).rejects.toMatchObject({
      type: 'StripeAuthenticationError',
    });
    const reply = await fetch(`${provider.apiUrl}/v1/checkout/sessions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk_not_filled_in' },
      body: 'mode=subscription&discounts[0][coupon]=free',
    });
    expect(reply.status).toBe(400);
  });

  it('tells the school by an event that Stripe could have signed', async () => {
    const { checkoutId } = await open();
    const result = await provider.complete(checkoutId);
    expect(result).toMatchObject({ attempts: 1, status: 200, ok: true, eventId: told[0]?.id });
    const body = '{"id":"evt","type":"x"}';
    const headers = { 'stripe-signature': await provider.sign(body) };
    await expect(
      stripe().readEvent({ bytes: Buffer.from(body), headers }, new Date()),
    ).resolves.toBeUndefined();
  });

  it('tells it again, by the same event, until it is heard and when it is asked to', async () => {
    const { checkoutId } = await open();
    statuses = [500, 503];
    expect(await provider.complete(checkoutId)).toMatchObject({ attempts: 3, ok: true });
    await provider.complete(checkoutId);
    expect(new Set(told.map(({ id }) => id)).size).toBe(1);
    expect(told).toHaveLength(4);
  });

  it('lets nothing happen that cannot: no refund of what was not paid, no payment of what expired', async () => {
    const { checkoutId, checkoutUrl } = await open();
    await expect(provider.refund(checkoutId)).rejects.toThrow('A checkout that is open cannot refund');
    await provider.expire(checkoutId);
    expect((await fetch(`${checkoutUrl}/complete`, { method: 'POST' })).status).toBe(409);
    expect(told.map(({ type }) => type)).toEqual(['checkout.session.expired']);
  });

  it('copies to the charge what was written on the payment, so that a refund tells of it', async () => {
    const { checkoutId } = await open();
    await provider.complete(checkoutId);
    await provider.refund(checkoutId);
    const [sale, refund] = told;
    expect(refund?.type).toBe('charge.refunded');
    expect(refund?.object.metadata).toEqual(sale?.object.metadata);
    expect(refund?.object.metadata).toMatchObject({ courseId: 'c1' });
  });

  it('signs over HTTP only what is sent as JSON, which a foreign page cannot', async () => {
    const sign = (type: string) =>
      fetch(`${pages.url}/local/payments/signature`, {
        method: 'POST',
        headers: { 'content-type': type },
        body: '{"body":"x","at":"2026-11-22T10:00:00.000Z"}',
      });
    expect((await sign('text/plain')).status).toBe(415);
    expect(await (await sign('application/json')).json()).toEqual({
      signature: await provider.sign('x', new Date('2026-11-22T10:00:00.000Z')),
    });
  });

  it('keeps its checkouts where the school is kept, so that one can be paid after a restart', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lockstep-payments-'));
    const start = () =>
      startPaymentProvider({
        template,
        secretOf: secrets.valueOf,
        pagesUrl: pages.url,
        webhookUrl: `${school.url}/webhooks/payments`,
        file: path.join(folder, 'payments', 'checkouts.json'),
      });
    try {
      const first = await start();
      const { checkoutId } = await createStripeProvider({
        secret: secretFor('Payer'),
        apiUrl: first.apiUrl,
      }).openCheckout(payment());
      await first.stop();
      const second = await start();
      expect(await second.complete(checkoutId)).toMatchObject({ ok: true });
      await second.stop();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
