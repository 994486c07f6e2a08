import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { parseTarget } from '../http/payload.ts';
import { jsonReply, type Reply, sendReply } from '../http/reply.ts';
import { readBody } from '../http/request-body.ts';
import { checkoutPage } from './checkout-page.ts';
import type { CheckoutStore } from './checkout-store.ts';
import { type Action, ActionRefused, ACTIONS } from './checkout.ts';
import type { LocalPayments } from './local-payments.ts';

const PATH = /^\/local\/payments\/([\w-]+)(?:\/([a-z]+))?$/;
const SignatureRequest = z.strictObject({ body: z.string(), at: z.iso.datetime().optional() });

/**
 * Serves the provider to people and tests. The handler answers false for any other path.
 *
 * - `GET /local/payments/{checkoutId}`: the page on which a person pays
 * - `POST /local/payments/{checkoutId}/complete`, `/fail`, `/expire`, `/refund`: lets it happen, and answers once the
 *   school has been told: `{ eventId, attempts, status, ok, reply }`; a browser is led back to the page
 * - `POST /local/payments/signature` with `{ body, at? }` as application/json: `{ signature }`, as the provider signs
 */
export function createPaymentEndpoints(
  payments: LocalPayments,
  store: Pick<CheckoutStore, 'get'>,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  async function answer(request: IncomingMessage, name: string, verb: string | undefined) {
    if (name === 'signature' && verb === undefined && request.method === 'POST') return sign(request);
    const checkout = store.get(name);
    if (checkout === undefined) return jsonReply(404, { message: 'There is no such checkout' });
    if (verb === undefined && request.method === 'GET') return checkoutPage(checkout);
    if (!isAction(verb) || request.method !== 'POST')
      return jsonReply(405, { message: 'Method Not Allowed' });
    try {
      const told = await payments[verb](name);
      return isFromBrowser(request) ? backTo(name) : jsonReply(200, told);
    } catch (error) {
      if (error instanceof ActionRefused) return jsonReply(409, { message: error.message });
      throw error;
    }
  }

  async function sign(request: IncomingMessage): Promise<Reply | undefined> {
    // A form of a foreign page cannot send this type, so it cannot have anything signed.
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      return jsonReply(415, { message: 'Send the request as application/json' });
    }
    const body = await readBody(request, { limitBytes: 1024 * 1024, timeoutMs: 10_000 });
    if (!body.ok) return undefined;
    const wanted = SignatureRequest.safeParse(jsonOf(body.bytes));
    if (!wanted.success) return jsonReply(400, { message: z.prettifyError(wanted.error) });
    const { body: text, at } = wanted.data;
    const signature = await payments.sign(text, at === undefined ? undefined : new Date(at));
    return jsonReply(200, { signature });
  }

  return async (request, response) => {
    const [, name, verb] = PATH.exec(parseTarget(request.url ?? '/')?.path ?? '') ?? [];
    if (name === undefined) return false;
    const reply = await answer(request, name, verb);
    if (reply !== undefined) sendReply(request, response, reply);
    return true;
  };
}

function isAction(verb: string | undefined): verb is Action {
  return ACTIONS.some((action) => action === verb);
}

function isFromBrowser({ headers }: IncomingMessage): boolean {
  return headers.accept?.includes('text/html') === true;
}

function backTo(checkoutId: string): Reply {
  return { status: 303, headers: [['location', `/local/payments/${checkoutId}`]], body: Buffer.alloc(0) };
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
