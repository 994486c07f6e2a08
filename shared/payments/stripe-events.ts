import type { Stripe } from 'stripe';
import * as z from 'zod';
import { CourseId, PaymentId, UserId } from '../contracts/fields.ts';
import type { PaymentEvent, PaymentOutcome } from '../domain/payment.ts';
import { fromStripeAmount } from './minor-units.ts';

/** What this school writes on everything that it has Stripe make. */
export const Ours = z.object({ userId: UserId, paymentId: PaymentId, courseId: CourseId });

/** Of other events than these nothing is read: they may have any shape. */
const Told = z.object({
  id: z.string().min(1).max(200),
  created: z.int().positive(),
  data: z.object({ object: z.object({ metadata: z.unknown() }) }),
});
const Session = z.object({
  amount_total: z.int().positive(),
  currency: z.string(),
  payment_status: z.string(),
});
const Charge = z.object({ amount: z.int().positive(), currency: z.string(), refunded: z.boolean() });

interface Sum {
  readonly amount: number;
  readonly currency: string;
}

/**
 * What an event of Stripe says of a payment; undefined for an event that says nothing, or of what somebody else
 * sells on the same account.
 *
 * @throws ZodError where an event of ours does not have the shape that Stripe documents
 */
export function paymentEventOf(event: Stripe.Event): PaymentEvent | undefined {
  const outcome = outcomeOf(event.type);
  if (outcome === undefined) return undefined;
  const told = Told.parse(event);
  const ours = Ours.safeParse(told.data.object.metadata);
  if (!ours.success) return undefined;
  const sum = outcome === 'refunded' ? refundedSum(event) : sessionSum(event);
  if (sum === undefined) return undefined;
  const currency = sum.currency.toUpperCase();
  return {
    eventId: told.id,
    outcome,
    ...ours.data,
    amount: fromStripeAmount(sum.amount, currency),
    currency,
    at: new Date(told.created * 1000).toISOString(),
  };
}

function outcomeOf(type: string): PaymentOutcome | undefined {
  switch (type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return 'completed';
    case 'checkout.session.async_payment_failed':
    case 'checkout.session.expired':
      return 'failed';
    case 'charge.refunded':
      return 'refunded';
    default:
      return undefined;
  }
}

function sessionSum(event: Stripe.Event): Sum | undefined {
  const session = Session.parse(event.data.object);
  // By bank debit and the like, a session is completed days before the money comes, if it comes.
  if (event.type === 'checkout.session.completed' && session.payment_status !== 'paid') return undefined;
  return { amount: session.amount_total, currency: session.currency };
}

/** Of a charge that was given back as a whole; a part of the price buys no part of a course. */
function refundedSum(event: Stripe.Event): Sum | undefined {
  const { refunded, amount, currency } = Charge.parse(event.data.object);
  return refunded ? { amount, currency } : undefined;
}
