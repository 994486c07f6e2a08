import type { Checkout, PaymentEvent } from '../domain/payment.ts';
import type { PaymentState } from '../domain/states.ts';

/** A request as the provider sent it. */
export interface Delivery {
  /** The body to the byte: the signature is over these. */
  readonly bytes: Buffer;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Who takes the money. */
export interface PaymentProvider {
  /**
   * Opens a checkout of a pending payment. Asked again for the same payment, it is the same checkout.
   *
   * @throws DomainError provider_unavailable
   */
  openCheckout(payment: PaymentState): Promise<Checkout>;
  /**
   * What a delivery says of a payment, once it is proved to be from the provider; undefined where it says nothing
   * that concerns a payment here.
   *
   * @throws DomainError signature_invalid, before anything of the body is read; invalid_request
   */
  readEvent(delivery: Delivery, now: Date): Promise<PaymentEvent | undefined>;
}
