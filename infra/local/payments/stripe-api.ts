import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { jsonReply, type Reply } from '../http/reply.ts';
import { readBody } from '../http/request-body.ts';
import type { CheckoutStore } from './checkout-store.ts';
import type { Checkout } from './checkout.ts';

export interface StripeApiOptions {
  readonly store: CheckoutStore;
  readonly secretKey: () => string;
  /** Where a person pays. */
  readonly pageOf: (checkoutId: string) => string;
  readonly now: () => Date;
}

const amount = z
  .string()
  .regex(/^[1-9]\d{0,7}$/)
  .transform(Number);

/** What of a session's parameters is understood here. Another one is refused, lest it be overlooked. */
const SessionRequest = z.strictObject({
  mode: z.literal('payment'),
  'line_items[0][quantity]': z.literal('1'),
  'line_items[0][price_data][currency]': z.string().regex(/^[a-z]{3}$/),
  'line_items[0][price_data][unit_amount]': amount,
  'line_items[0][price_data][product_data][name]': z.string().min(1),
  'adaptive_pricing[enabled]': z.literal('false'),
  client_reference_id: z.string().max(200).optional(),
  success_url: z.url(),
  cancel_url: z.url(),
});

/** `POST /v1/checkout/sessions` as Stripe answers it, idempotent by its key. Anything else is unknown here. */
export function createStripeApi(
  options: StripeApiOptions,
): (request: IncomingMessage) => Promise<Reply | undefined> {
  const { store, secretKey, pageOf, now } = options;

  function open(body: string): Checkout | Reply {
    const fields = [...new URLSearchParams(body)];
    const metadata = under(fields, 'metadata');
    const chargeMetadata = under(fields, 'payment_intent_data[metadata]');
    const others = fields.filter(([name]) => !/^(payment_intent_data\[)?metadata\]?\[/.test(name));
    const parsed = SessionRequest.safeParse(Object.fromEntries(others));
    if (!parsed.success) return refusal(400, 'invalid_request_error', z.prettifyError(parsed.error));
    const session = parsed.data;
    return {
      checkoutId: `cs_local_${randomBytes(16).toString('hex')}`,
      state: 'open',
      title: session['line_items[0][price_data][product_data][name]'],
      amount: session['line_items[0][price_data][unit_amount]'],
      currency: session['line_items[0][price_data][currency]'],
      ...(session.client_reference_id !== undefined && { reference: session.client_reference_id }),
      metadata,
      chargeMetadata,
      successUrl: session.success_url,
      cancelUrl: session.cancel_url,
      created: Math.floor(now().getTime() / 1000),
      told: {},
    };
  }

  const reply = (checkout: Checkout): Reply =>
    jsonReply(200, {
      id: checkout.checkoutId,
      object: 'checkout.session',
      mode: 'payment',
      status: checkout.state === 'open' ? 'open' : 'complete',
      amount_total: checkout.amount,
      currency: checkout.currency,
      metadata: checkout.metadata,
      url: pageOf(checkout.checkoutId),
    });

  return async (request) => {
    const body = await readBody(request, { limitBytes: 64 * 1024, timeoutMs: 10_000 });
    if (!body.ok) return undefined;
    if (request.headers.authorization !== `Bearer ${secretKey()}`) {
      return refusal(401, 'invalid_request_error', 'Invalid API Key provided');
    }
    if (request.method !== 'POST' || request.url !== '/v1/checkout/sessions') {
      return refusal(
        404,
        'invalid_request_error',
        `Unrecognized request URL (${request.method} ${request.url})`,
      );
    }
    const text = body.bytes.toString('utf8');
    const key = String(request.headers['idempotency-key'] ?? randomBytes(16).toString('hex'));
    const before = store.answered(key);
    if (before !== undefined && before.request !== text) {
      return refusal(400, 'idempotency_error', 'The key was used with other parameters before');
    }
    const checkout = before === undefined ? open(text) : store.get(before.checkoutId);
    if (checkout === undefined) return refusal(500, 'api_error', 'The checkout is gone');
    if ('status' in checkout) return checkout;
    if (before === undefined) {
      store.put(checkout);
      store.answer(key, { request: text, checkoutId: checkout.checkoutId });
    }
    return reply(checkout);
  };
}

function under(fields: readonly [string, string][], name: string): Record<string, string> {
  const entries = fields.flatMap(([field, value]) => {
    if (!field.startsWith(`${name}[`)) return [];
    return [[field.slice(name.length + 1, -1), value] as const];
  });
  return Object.fromEntries(entries);
}

function refusal(status: number, type: string, message: string): Reply {
  return jsonReply(status, { error: { type, message } });
}
