import * as z from 'zod';
import type { Operation } from '../contracts/operation.ts';
import { createEdge, type EdgeOptions, type HttpHandler } from './http-edge.ts';
import { bodyBytes } from './http-request.ts';

/** What another system sent, nothing of it believed yet. */
export interface DeliveryCall {
  /** The body to the byte, as a signature is over it. */
  readonly bytes: Buffer;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly now: Date;
}

/**
 * As `createPublicHandler`, for an operation with `rawBody`: the logic proves who sent the bytes before it, or
 * anybody, parses them.
 */
export function createDeliveryHandler<R extends z.ZodType>(
  operation: Pick<Operation, 'method'> & { readonly rawBody: true; readonly reply: R },
  handle: (call: DeliveryCall) => Promise<z.input<R>>,
  options: EdgeOptions,
): HttpHandler {
  return createEdge(operation.method, options, async (event, now) =>
    z.parse(operation.reply, await handle({ bytes: bodyBytes(event), headers: event.headers, now })),
  );
}
