import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Audience, Operation } from '../contracts/operation.ts';
import { DomainError } from '../domain/errors.ts';
import type { Cause } from '../domain/stamp.ts';
import type { Clock } from './clock.ts';
import { callerOf, type Caller } from './caller.ts';
import { type HttpEvent, HttpEventSchema, parseBody, parsePart } from './http-request.ts';
import type { Log } from './logger.ts';
import { failureReply, type HttpReply, problemReply } from './problem.ts';

/** A request to an operation, checked and parsed. */
export interface PublicCall<O extends Operation> {
  readonly params: z.output<O['params']>;
  readonly query: z.output<O['query']>;
  readonly body: O extends { readonly body: infer Body extends z.ZodType } ? z.output<Body> : undefined;
  /** By the request's id, or the Idempotency-Key that it has instead, at the time of the command. */
  readonly cause: Cause;
  /** The Idempotency-Key header. */
  readonly idempotencyKey?: string;
  readonly now: Date;
}

/** A request of a signed-in person who may make it. */
export interface Call<O extends Operation> extends PublicCall<O> {
  readonly caller: Caller;
}

export interface Parts<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly params: z.output<P>;
  readonly query: z.output<Q>;
  readonly body: z.output<B>;
  readonly cause: Cause;
  readonly idempotencyKey?: string;
  readonly now: Date;
}

export interface Shape<
  A extends Audience,
  P extends z.ZodObject,
  Q extends z.ZodObject,
  B extends z.ZodType,
  R extends z.ZodType,
> {
  readonly method: Operation['method'];
  readonly audience: A;
  readonly params: P;
  readonly query: Q;
  readonly body?: B;
  readonly reply: R;
}

export interface EdgeOptions {
  readonly logger: Log;
  readonly clock: Clock;
}

/** A Lambda handler of an HTTP API's payload 2.0. */
export type HttpHandler = (event: unknown) => Promise<HttpReply>;

/**
 * Puts the HTTP edge around the logic of an operation for signed-in people: who calls, what is asked, the reply
 * through its schema, entity tags, refusals as problem+json. The logic gets a `Call` and throws DomainErrors.
 */
export function createHttpHandler<
  A extends 'student' | 'admin',
  P extends z.ZodObject,
  Q extends z.ZodObject,
  R extends z.ZodType,
  B extends z.ZodType = z.ZodUndefined,
>(
  operation: Shape<A, P, Q, B, R>,
  handle: (call: Parts<P, Q, B> & { readonly caller: Caller }) => Promise<z.input<R>>,
  options: EdgeOptions,
): HttpHandler {
  return createEdge(operation.method, options, async (event, now) => {
    const caller = callerOf(event.requestContext.authorizer?.jwt?.claims);
    if (operation.audience === 'admin' && !caller.admin) {
      throw new DomainError('forbidden', 'Only admins may do this');
    }
    return z.parse(operation.reply, await handle({ ...partsOf(operation, event, now), caller }));
  });
}

/** As `createHttpHandler`, for an operation that anyone may call. */
export function createPublicHandler<
  P extends z.ZodObject,
  Q extends z.ZodObject,
  R extends z.ZodType,
  B extends z.ZodType = z.ZodUndefined,
>(
  operation: Shape<'public', P, Q, B, R>,
  handle: (call: Parts<P, Q, B>) => Promise<z.input<R>>,
  options: EdgeOptions,
): HttpHandler {
  return createEdge(operation.method, options, async (event, now) =>
    z.parse(operation.reply, await handle(partsOf(operation, event, now))),
  );
}

/** The body of a reply, with the headers that describe it. */
export interface Content {
  readonly body: string;
  readonly isBase64Encoded?: true;
  readonly headers: Readonly<Record<string, string>>;
}

function asJson(value: unknown): Content {
  return { body: JSON.stringify(value), headers: { 'content-type': 'application/json' } };
}

/** What every edge does: read the event, answer refusals and failures, log them once. */
export function createEdge<Result>(
  method: Operation['method'],
  { logger, clock }: EdgeOptions,
  run: (event: HttpEvent, now: Date) => Promise<Result>,
  contentOf: (result: Result) => Content = asJson,
): HttpHandler {
  return async (received) => {
    let requestId = 'unknown';
    try {
      const event = HttpEventSchema.parse(received);
      requestId = event.requestContext.requestId;
      const content = contentOf(await run(event, clock()));
      return method === 'GET' ? cacheable(content, event, requestId) : ok(content, requestId);
    } catch (error) {
      if (error instanceof DomainError) {
        logger.info('request_refused', { requestId, code: error.code });
        return problemReply(error, requestId);
      }
      logger.error('request_failed', { requestId }, error);
      return failureReply(requestId);
    }
  };
}

/** The checked parts of a request, as the logic gets them. */
export function partsOf<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType>(
  operation: { readonly params: P; readonly query: Q; readonly body?: B },
  event: HttpEvent,
  now: Date,
): Parts<P, Q, B> {
  const idempotencyKey = parsePart('header', IdempotencyKeyHeader, {
    'idempotency-key': event.headers['idempotency-key'],
  })['idempotency-key'];
  return {
    params: parsePart('path', operation.params, event.pathParameters ?? {}),
    query: parsePart('query', operation.query, event.queryStringParameters ?? {}),
    body: parseBody(operation.body, event),
    cause: { causedBy: idempotencyKey ?? event.requestContext.requestId, causedAt: now.toISOString() },
    ...(idempotencyKey !== undefined && { idempotencyKey }),
    now,
  };
}

const IdempotencyKeyHeader = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,200}$/, 'must be 1 to 200 visible ASCII characters')
    .optional(),
});

function ok(content: Content, requestId: string, more: Record<string, string> = {}): HttpReply {
  return { ...content, statusCode: 200, headers: { ...content.headers, 'x-request-id': requestId, ...more } };
}

function cacheable(content: Content, event: HttpEvent, requestId: string): HttpReply {
  const etag = `"${createHash('sha256').update(content.body).digest('base64url')}"`;
  const headers = { etag, 'cache-control': 'private, no-cache' };
  if (!matches(event.headers['if-none-match'], etag)) return ok(content, requestId, headers);
  return { statusCode: 304, headers: { 'x-request-id': requestId, ...headers } };
}

/** If-None-Match compares weakly (RFC 9110, 13.1.2): proxies that compress make a strong tag weak. */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
