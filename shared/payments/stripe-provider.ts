import { Stripe } from 'stripe';
import * as z from 'zod';
import { DomainError } from '../domain/errors.ts';
import type { Checkout } from '../domain/payment.ts';
import type { PaymentState } from '../domain/states.ts';
import { toStripeAmount } from './minor-units.ts';
import type { PaymentProvider } from './payment-provider.ts';
import { paymentEventOf } from './stripe-events.ts';

/** The secret that the functions which deal with Stripe may read. */
export const StripeSecret = z.object({ secretKey: z.string().min(1), webhookSecret: z.string().min(1) });
export type StripeSecret = z.infer<typeof StripeSecret>;

export interface StripeOptions {
  /** Asked anew each time: the keys may become others. */
  readonly secret: () => Promise<StripeSecret>;
  /** Where Stripe's API is. */
  readonly apiUrl: string;
}

/** Seconds that a delivery may be old: who overhears one cannot use it for longer. */
const TOLERANCE_SECONDS = 300;
/** With one more try this stays below what a caller of the function waits. */
const TIMEOUT_MS = 5_000;

/** Stripe: checkouts on its own page, events by signed webhooks. Neither tells Stripe how it fares (telemetry). */
export function createStripeProvider({ secret, apiUrl }: StripeOptions): PaymentProvider {
  let known: { readonly stripe: Stripe; readonly key: string } | undefined;
  const connect = async (): Promise<Stripe> => {
    const { secretKey: key } = await secret();
    if (known?.key !== key) known = { stripe: clientOf(key, new URL(apiUrl)), key };
    return known.stripe;
  };

  return {
    async openCheckout(payment) {
      const stripe = await connect();
      try {
        const session = await stripe.checkout.sessions.create(sessionOf(payment), {
          // Neither id holds a #, so that no two payments share a key.
          idempotencyKey: `${payment.userId}#${payment.paymentId}`,
        });
        return checkoutOf(session);
      } catch (error) {
        throw isPassing(error) ? unavailable(error) : error;
      }
    },
    async readEvent({ bytes, headers }, now) {
      const signature = headers['stripe-signature'];
      if (signature === undefined) throw notSigned();
      const { webhookSecret } = await secret();
      return paymentEventOf(verified(bytes, signature, webhookSecret, now));
    },
  };
}

function clientOf(secretKey: string, { protocol, hostname, port }: URL): Stripe {
  return new Stripe(secretKey, {
    httpClient: Stripe.createFetchHttpClient(),
    timeout: TIMEOUT_MS,
    maxNetworkRetries: 1,
    telemetry: false,
    host: hostname,
    protocol: protocol === 'http:' ? 'http' : 'https',
    ...(port !== '' && { port }),
  });
}

/** A function of the row alone, as Stripe refuses another request under the same key. */
function sessionOf(payment: PaymentState): Stripe.Checkout.SessionCreateParams {
  const { userId, paymentId, courseId, amount, currency, order } = payment;
  const metadata = { userId, paymentId, courseId };
  return {
    mode: 'payment',
    line_items: [
      {
        quantity: 1,
        price_data: {
          currency: currency.toLowerCase(),
          unit_amount: toStripeAmount(amount, currency),
          product_data: { name: order.title },
        },
      },
    ],
    // What comes back must be the sum that was asked for.
    adaptive_pricing: { enabled: false },
    client_reference_id: `${userId}#${paymentId}`,
    metadata,
    // From there Stripe copies it to the charge, of which refunds tell.
    payment_intent_data: { metadata },
    success_url: order.successUrl,
    cancel_url: order.cancelUrl,
  };
}

function checkoutOf({ id, url }: Stripe.Checkout.Session): Checkout {
  if (url === null) throw new Error('Stripe opened a checkout without an address');
  return { checkoutId: id, checkoutUrl: url };
}

/** Whether the same request may succeed a little later. */
function isPassing(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeAPIError ||
    error instanceof Stripe.errors.StripeRateLimitError
  );
}

function unavailable(cause: unknown): DomainError {
  const error = new DomainError(
    'provider_unavailable',
    'The payment provider does not answer; please try again',
  );
  error.cause = cause;
  return error;
}

function verified(bytes: Buffer, signature: string, webhookSecret: string, now: Date): Stripe.Event {
  try {
    const { webhooks } = Stripe;
    return webhooks.constructEvent(
      bytes,
      signature,
      webhookSecret,
      TOLERANCE_SECONDS,
      undefined,
      now.getTime(),
    );
  } catch (error) {
    // The library's messages quote what was sent.
    if (error instanceof Stripe.errors.StripeSignatureVerificationError) throw notSigned();
    if (error instanceof SyntaxError) throw new DomainError('invalid_request', 'The event is not JSON');
    throw error;
  }
}

function notSigned(): DomainError {
  return new DomainError('signature_invalid', 'The payment provider did not sign this, or too long ago');
}
