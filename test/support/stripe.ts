import { listen } from '../../infra/local/listen.ts';
import { sendReply } from '../../infra/local/http/reply.ts';
import { openCheckoutStore } from '../../infra/local/payments/checkout-store.ts';
import type { Checkout } from '../../infra/local/payments/checkout.ts';
import { createStripeApi } from '../../infra/local/payments/stripe-api.ts';
import { signatureOf } from '../../infra/local/payments/stripe-event.ts';
import type { StripeOptions } from '../../shared/payments/stripe-provider.ts';

const SECRET = { secretKey: 'sk_test', webhookSecret: 'whsec_test' };
const secret = () => Promise.resolve(SECRET);

/** Options of a provider that nobody answers for. */
export const UNREACHABLE_STRIPE: StripeOptions = { secret, apiUrl: 'http://127.0.0.1:9' };

/** What goes wrong with a request: the provider does it and nobody hears, or it says it cannot, or refuses for good. */
export type StripeFault = 'lost' | 'unavailable' | 'refused';

/** Stripe's API for tests: this machine's own, on the wire, and what can go wrong with it. */
export interface TestStripe {
  readonly options: StripeOptions;
  /** Of every request since the last `clear`. */
  readonly idempotencyKeys: readonly string[];
  /** What goes wrong with the next requests, one after the other. */
  failNext(...faults: readonly StripeFault[]): void;
  clear(): void;
  checkout(checkoutId: string): Checkout | undefined;
  stop(): Promise<void>;
}

export async function startStripe(): Promise<TestStripe> {
  const store = openCheckoutStore(undefined);
  const server = await listen({});
  const api = createStripeApi({
    store,
    secretKey: () => SECRET.secretKey,
    pageOf: (checkoutId) => `${server.url}/${checkoutId}`,
    now: () => new Date('2026-11-22T10:00:00.000Z'),
  });
  let idempotencyKeys: string[] = [];
  let faults: StripeFault[] = [];
  server.serve({
    handleRequest(request, response) {
      idempotencyKeys.push(String(request.headers['idempotency-key']));
      const fault = faults.shift();
      if (fault === 'unavailable' || fault === 'refused') {
        response.writeHead(fault === 'unavailable' ? 503 : 400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { type: 'invalid_request_error', message: 'No' } }));
        return;
      }
      void api(request).then((reply) => {
        if (fault === 'lost') response.destroy();
        else if (reply !== undefined) sendReply(request, response, reply);
      });
    },
    handleUpgrade: (_request, socket) => socket.destroy(),
  });
  return {
    options: { secret, apiUrl: server.url },
    get idempotencyKeys() {
      return idempotencyKeys;
    },
    failNext: (...next) => {
      faults = [...next];
    },
    clear: () => {
      idempotencyKeys = [];
      faults = [];
    },
    checkout: (checkoutId) => store.get(checkoutId),
    stop: () => server.close(),
  };
}

/** The id in the address of a checkout. */
export function checkoutIdIn(checkoutUrl: string | undefined): string {
  return checkoutUrl?.split('/').at(-1) ?? '';
}

/** A delivery as Stripe makes it. */
export interface StripeDelivery {
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An object as events carry it: of a payment of `u` for `course`, 4,900 cents. */
export interface StripeEventInput {
  readonly type: string;
  readonly paymentId?: string;
  readonly object?: Readonly<Record<string, unknown>>;
  readonly id?: string;
  readonly at: Date;
}

export function stripeEvent({ type, paymentId = 'p1', object = {}, id, at }: StripeEventInput): string {
  const money = type.startsWith('charge.')
    ? { object: 'charge', amount: 4900, refunded: true }
    : { object: 'checkout.session', amount_total: 4900, payment_status: 'paid' };
  return JSON.stringify({
    id: id ?? `evt_${type}_${paymentId}`,
    object: 'event',
    type,
    created: Math.floor(at.getTime() / 1000),
    data: {
      object: {
        ...money,
        currency: 'eur',
        metadata: { userId: 'ann', paymentId, courseId: 'paid' },
        ...object,
      },
    },
  });
}

/** Signs a body at a moment, by default with the secret of the tests. */
export function signed(body: string, at: Date, webhookSecret = SECRET.webhookSecret): StripeDelivery {
  return { body, headers: { 'stripe-signature': signatureOf(body, webhookSecret, at) } };
}
