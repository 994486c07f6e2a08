/**
 * Currencies without minor units that Stripe counts in hundredths all the same, always whole ones
 * (https://docs.stripe.com/currencies#special-cases).
 */
const COUNTED_IN_HUNDREDTHS: ReadonlySet<string> = new Set(['ISK', 'UGX']);

/** An amount as Stripe counts it. `amount` is in the minor units of ISO 4217. */
export function toStripeAmount(amount: number, currency: string): number {
  return COUNTED_IN_HUNDREDTHS.has(currency) ? amount * 100 : amount;
}

/** An amount that Stripe counted, in the minor units of ISO 4217. */
export function fromStripeAmount(amount: number, currency: string): number {
  return COUNTED_IN_HUNDREDTHS.has(currency) ? amount / 100 : amount;
}
