/** https://docs.stripe.com/currencies. Without minor units, and counted by Stripe in hundredths all the same, always whole. */
const COUNTED_IN_HUNDREDTHS: ReadonlySet<string> = new Set(['ISK', 'UGX']);
/** With two decimals by ISO 4217, of which Stripe knows none. */
const COUNTED_WHOLE: ReadonlySet<string> = new Set(['MGA']);

/** An amount as Stripe counts it; Stripe refuses a part of a unit. `amount` is in the minor units of ISO 4217. */
export function toStripeAmount(amount: number, currency: string): number {
  if (COUNTED_IN_HUNDREDTHS.has(currency)) return amount * 100;
  return COUNTED_WHOLE.has(currency) ? amount / 100 : amount;
}

/** An amount that Stripe counted, in the minor units of ISO 4217. */
export function fromStripeAmount(amount: number, currency: string): number {
  if (COUNTED_IN_HUNDREDTHS.has(currency)) return amount / 100;
  return COUNTED_WHOLE.has(currency) ? amount * 100 : amount;
}
