import { createHmac } from 'node:crypto';
import type { Action, Checkout, Told } from './checkout.ts';

const TYPES: Readonly<Record<Action, string>> = {
  complete: 'checkout.session.completed',
  fail: 'checkout.session.async_payment_failed',
  expire: 'checkout.session.expired',
  refund: 'charge.refunded',
};

/** The body of the webhook by which Stripe tells of an action; of its fields those that are looked at. */
export function eventBody(checkout: Checkout, action: Action, { eventId, created }: Told): string {
  return JSON.stringify({
    id: eventId,
    object: 'event',
    type: TYPES[action],
    created,
    livemode: false,
    data: { object: action === 'refund' ? charge(checkout) : session(checkout, action) },
  });
}

function session(checkout: Checkout, action: Action): object {
  return {
    id: checkout.checkoutId,
    object: 'checkout.session',
    mode: 'payment',
    status: action === 'expire' ? 'expired' : 'complete',
    payment_status: action === 'complete' ? 'paid' : 'unpaid',
    amount_total: checkout.amount,
    currency: checkout.currency,
    client_reference_id: checkout.reference ?? null,
    metadata: checkout.metadata,
    payment_intent: intentOf(checkout),
  };
}

function charge(checkout: Checkout): object {
  return {
    id: checkout.checkoutId.replace(/^cs_/, 'ch_'),
    object: 'charge',
    amount: checkout.amount,
    amount_refunded: checkout.amount,
    currency: checkout.currency,
    refunded: true,
    metadata: checkout.chargeMetadata,
    payment_intent: intentOf(checkout),
  };
}

function intentOf({ checkoutId }: Checkout): string {
  return checkoutId.replace(/^cs_/, 'pi_');
}

/** The `stripe-signature` of a body: https://docs.stripe.com/webhooks#verify-manually. */
export function signatureOf(body: string, webhookSecret: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  const v1 = createHmac('sha256', webhookSecret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${v1}`;
}
