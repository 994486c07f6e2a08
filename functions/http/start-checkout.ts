import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { paymentView } from '../../shared/contracts/payment-view.ts';
import type { PaymentView } from '../../shared/contracts/payments.ts';
import { needsCheckout } from '../../shared/domain/payment.ts';
import type { PaymentProvider } from '../../shared/payments/payment-provider.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import {
  type CheckoutDependencies,
  keepCheckout,
  startCheckoutPayment,
} from '../../shared/store/payment-commands.ts';

export const usedTables = ['courses', 'enrollments', 'payments'] as const;
export const environment = z.object({
  ...tableVariables(usedTables),
  PAYMENT_SECRET_ARN: z.string().min(1),
  STRIPE_API_URL: z.url(),
});

interface Dependencies extends CheckoutDependencies {
  readonly provider: Pick<PaymentProvider, 'openCheckout'>;
}

/**
 * Starts a payment, opens its checkout and says where it is. Cut short anywhere, the same command goes on from there:
 * the provider opens one checkout for a payment however often it is asked.
 *
 * Requests: TransactGet of course, enrollment and payment; Put of the payment; GetSecretValue, every five minutes; the
 * provider; Get and Put of the payment. Only the first for a payment whose checkout is open or over.
 */
export function startCheckout({ provider, ...dependencies }: Dependencies) {
  return async ({
    caller: { userId },
    params: { paymentId },
    body,
    cause,
    now,
  }: Call<(typeof operations)['start-checkout']>): Promise<PaymentView> => {
    const command = { userId, paymentId, cause, now };
    const payment = await startCheckoutPayment(dependencies, { ...command, ...body });
    if (!needsCheckout(payment)) return paymentView(payment);
    const checkout = await provider.openCheckout(payment);
    return paymentView(await keepCheckout(dependencies, { ...command, checkout }));
  };
}
