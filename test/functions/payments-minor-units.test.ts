import { expect, it } from 'vitest';
import { fromStripeAmount, toStripeAmount } from '../../shared/payments/minor-units.ts';

it.each([
  ['cents are', 4900, 'EUR', 4900],
  ['yen, which have no decimals, are', 500, 'JPY', 500],
  ['fils, a thousand to the dinar, are', 5120, 'KWD', 5120],
  ['krónur have two decimals with Stripe alone, so that 50 are', 50, 'ISK', 5000],
  ['shillings have two decimals with Stripe alone, so that 50 are', 50, 'UGX', 5000],
  ['ariary have two decimals everywhere but with Stripe, so that 50.00 are', 5000, 'MGA', 50],
])('%s what Stripe takes, there and back: %i %s as %i', (_rule, amount, currency, counted) => {
  expect(toStripeAmount(amount, currency)).toBe(counted);
  expect(fromStripeAmount(counted, currency)).toBe(amount);
});
