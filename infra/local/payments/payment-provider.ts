import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { jsonReply, sendReply } from '../http/reply.ts';
import { listen } from '../listen.ts';
import type { SynthesisedTemplate } from '../template/resource.ts';
import { openCheckoutStore } from './checkout-store.ts';
import { act, type Action, ActionRefused } from './checkout.ts';
import { deliverEvent } from './deliver-event.ts';
import type { LocalPayments, TellOf } from './local-payments.ts';
import { createPaymentEndpoints } from './payment-endpoints.ts';
import { createStripeApi } from './stripe-api.ts';
import { eventBody, signatureOf } from './stripe-event.ts';

export interface PaymentProviderOptions {
  readonly template: SynthesisedTemplate;
  /** A secret's text by its ARN. */
  readonly secretOf: (arn: string) => string;
  /** Where a person reaches this machine's own pages, without a trailing slash. */
  readonly pagesUrl: string;
  /** Where the school takes the provider's events. */
  readonly webhookUrl: string;
  /** Keeps the checkouts; without it they are gone with the school. */
  readonly file?: string;
}

export interface LocalPaymentProvider extends LocalPayments {
  /** What functions take for Stripe's API. */
  readonly apiUrl: string;
  /** See `createPaymentEndpoints`. */
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  stop(): Promise<void>;
}

const Credentials = z.object({ secretKey: z.string(), webhookSecret: z.string() });
const FunctionProperties = z.object({
  Environment: z
    .object({ Variables: z.looseObject({ PAYMENT_SECRET_ARN: z.string().optional() }) })
    .optional(),
});

/** Speaks the part of Stripe's API that the system uses, with the keys that its functions have. */
export async function startPaymentProvider(options: PaymentProviderOptions): Promise<LocalPaymentProvider> {
  const { template, secretOf, pagesUrl, webhookUrl, file } = options;
  const store = openCheckoutStore(file);
  const now = () => new Date();
  const credentials = () => Credentials.parse(JSON.parse(secretOf(secretArnOf(template))));
  const sign = (body: string, at = now()) => signatureOf(body, credentials().webhookSecret, at);

  const turn =
    (action: Action): TellOf =>
    async (checkoutId) => {
      const found = store.get(checkoutId);
      if (found === undefined) throw new ActionRefused('There is no such checkout');
      const { checkout, told } = act(found, action, now());
      if (checkout !== found) store.put(checkout);
      const body = eventBody(checkout, action, told);
      return { eventId: told.eventId, ...(await deliverEvent(webhookUrl, body, () => sign(body))) };
    };
  const payments: LocalPayments = {
    complete: turn('complete'),
    fail: turn('fail'),
    expire: turn('expire'),
    refund: turn('refund'),
    sign: (body, at) => Promise.resolve(sign(body, at)),
  };

  const api = createStripeApi({
    store,
    secretKey: () => credentials().secretKey,
    pageOf: (checkoutId) => `${pagesUrl}/local/payments/${checkoutId}`,
    now,
  });
  const server = await listen({});
  server.serve({
    handleRequest(request, response) {
      api(request)
        .catch((error: unknown) => jsonReply(500, { error: { type: 'api_error', message: String(error) } }))
        .then((reply) => reply && sendReply(request, response, reply))
        .catch(() => response.destroy());
    },
    handleUpgrade: (_request, socket) => socket.destroy(),
  });
  return {
    ...payments,
    apiUrl: server.url,
    handle: createPaymentEndpoints(payments, store),
    stop: () => server.close(),
  };
}

/** The secret of the functions that deal with the provider: they have the same one. */
function secretArnOf(template: SynthesisedTemplate): string {
  for (const { properties } of template.resources('AWS::Lambda::Function')) {
    const arn = FunctionProperties.parse(properties).Environment?.Variables.PAYMENT_SECRET_ARN;
    if (arn !== undefined) return arn;
  }
  throw new Error('No function of the template deals with a payment provider');
}
