import * as z from 'zod';
import type { PaymentEventReceipt } from '../../shared/contracts/payments.ts';
import type { PaymentProvider } from '../../shared/payments/payment-provider.ts';
import type { DeliveryCall } from '../../shared/runtime/delivery-edge.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import { ENROLL_TABLES } from '../../shared/store/enrollment-commands.ts';
import { type PaymentEventDependencies, recordPaymentEvent } from '../../shared/store/payment-commands.ts';

export const usedTables = [...ENROLL_TABLES, 'notifications', 'payments'] as const;
export const environment = z.object({
  ...tableVariables(usedTables),
  PAYMENT_SECRET_ARN: z.string().min(1),
  STRIPE_API_URL: z.url(),
});

interface Dependencies extends PaymentEventDependencies {
  readonly provider: Pick<PaymentProvider, 'readEvent'>;
}

/**
 * Takes the payment provider's word for what became of a payment, once its signature is proved. A reply other than
 * 2xx makes the provider send the event again, for days.
 *
 * Requests: GetSecretValue, every five minutes; TransactGet of payment, course, enrollment, progress, student and
 * request; BatchGet of an outline not seen yet; TransactWrite of what changes.
 */
export function receivePaymentEvent({ provider, ...dependencies }: Dependencies) {
  return async ({ bytes, headers, now }: DeliveryCall): Promise<PaymentEventReceipt> => {
    const event = await provider.readEvent({ bytes, headers }, now);
    if (event === undefined) return { received: true, applied: false };
    const cause = { causedBy: event.eventId, causedAt: now.toISOString() };
    return { received: true, applied: await recordPaymentEvent(dependencies, { event, cause, now }) };
  };
}
