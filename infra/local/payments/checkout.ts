import { randomBytes } from 'node:crypto';
import * as z from 'zod';

/** What can become of a checkout. */
export const ACTIONS = ['complete', 'fail', 'expire', 'refund'] as const;
export type Action = (typeof ACTIONS)[number];

/** What a checkout can be in. */
const States = z.enum(['open', 'paid', 'failed', 'expired', 'refunded']);

const NEXT: Readonly<
  Record<Action, { readonly from: z.infer<typeof States>; readonly to: z.infer<typeof States> }>
> = {
  complete: { from: 'open', to: 'paid' },
  fail: { from: 'open', to: 'failed' },
  expire: { from: 'open', to: 'expired' },
  refund: { from: 'paid', to: 'refunded' },
};

/** An event that the provider sends, the same one however often. `created` is in seconds. */
const Told = z.object({ eventId: z.string(), created: z.int() });
export type Told = z.infer<typeof Told>;

/** A checkout as the provider keeps it. Amounts are in minor units, the currency in lower case, as with Stripe. */
export const Checkout = z.object({
  checkoutId: z.string(),
  state: States,
  title: z.string(),
  amount: z.int().positive(),
  currency: z.string(),
  reference: z.string().optional(),
  metadata: z.record(z.string(), z.string()),
  chargeMetadata: z.record(z.string(), z.string()),
  successUrl: z.string(),
  cancelUrl: z.string(),
  created: z.int(),
  told: z.partialRecord(z.enum(ACTIONS), Told),
});
export type Checkout = z.infer<typeof Checkout>;

/** Whether it can come to this, or did. */
export function mayDo({ state, told }: Checkout, action: Action): boolean {
  return state === NEXT[action].from || told[action] !== undefined;
}

/**
 * What becomes of a checkout, and the event that tells of it. What happened already is told again by the same event.
 *
 * @throws Error where it cannot happen
 */
export function act(checkout: Checkout, action: Action, now: Date): { checkout: Checkout; told: Told } {
  const before = checkout.told[action];
  if (before !== undefined) return { checkout, told: before };
  if (!mayDo(checkout, action))
    throw new ActionRefused(`A checkout that is ${checkout.state} cannot ${action}`);
  const told = {
    eventId: `evt_${randomBytes(12).toString('hex')}`,
    created: Math.floor(now.getTime() / 1000),
  };
  return {
    checkout: { ...checkout, state: NEXT[action].to, told: { ...checkout.told, [action]: told } },
    told,
  };
}

export class ActionRefused extends Error {
  override readonly name = 'ActionRefused';
}
