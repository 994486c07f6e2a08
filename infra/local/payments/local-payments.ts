import type { Action } from './checkout.ts';
import type { Delivered } from './deliver-event.ts';

/** An event that the school was told. */
export interface ToldEvent extends Delivered {
  readonly eventId: string;
}

export type TellOf = (checkoutId: string) => Promise<ToldEvent>;

/**
 * The payment provider of this machine. Each of its four turns lets something happen to a checkout and resolves once
 * the school was told; again, it is told again, by the same event. They reject where it cannot happen.
 */
export interface LocalPayments extends Readonly<Record<Action, TellOf>> {
  /** The `stripe-signature` of a body, for deliveries of one's own: forged, late or changed ones too. */
  sign(body: string, at?: Date): Promise<string>;
}
