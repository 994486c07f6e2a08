import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { crossOriginHeaders, preflightHeaders } from './cors.ts';
import { type HttpRoute, readHttpApi } from './http-api-template.ts';
import { matchMethod, matchPath } from './http-routes.ts';
import { type InvokeResult, MAX_PAYLOAD_BYTES } from '../lambda/invocation.ts';
import { createJwtAuthorizer } from './jwt-authorizer.ts';
import { type JwtContext, parseTarget, type RequestTarget, toEvent, toReply } from './payload.ts';
import { jsonReply, type Reply, sendReply } from './reply.ts';
import { readBody } from './request-body.ts';
import type { SynthesisedTemplate } from '../template/resource.ts';
import { createSigningKeys, type SigningKeys } from '../identity/verify-jwt.ts';

export interface HttpApiOptions {
  readonly template: SynthesisedTemplate;
  readonly invoke: (functionName: string, event: unknown) => Promise<InvokeResult>;
  /** Where the authorizers find keys. By default each issuer's discovery document says. */
  readonly signingKeys?: SigningKeys;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Hears of every integration that was answered for with 500 or 503, and why. */
  readonly onFailure?: (failure: IntegrationFailure) => void;
  readonly accountId?: string;
  /** How long a client may take to send its body, in milliseconds. */
  readonly bodyTimeoutMs?: number;
}

export interface IntegrationFailure {
  readonly requestId: string;
  readonly routeKey: string;
  readonly functionName: string;
  readonly reason: string;
}

/** The template's HTTP API as a request handler. */
export interface HttpApi {
  /** Answers a request that a route takes. False, with nothing read or sent, when none does. Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): Promise<boolean>;
  /** The API's own answer to a request that no route takes. */
  notFound(request: IncomingMessage, response: ServerResponse): void;
}

/** What is known of a request while it is being answered. */
interface Call {
  readonly request: IncomingMessage;
  readonly target: RequestTarget;
  readonly requestId: string;
  readonly route: HttpRoute;
  readonly pathParameters: Readonly<Record<string, string>>;
}

const largestBody = 10 * 1024 * 1024;
/** The request line and the values of the headers together, in bytes. */
const largestHead = 10_240;

/** Runs the template's HTTP API. Throws at once when the template cannot run on this machine. */
export function createHttpApi(options: HttpApiOptions): HttpApi {
  const { template, invoke, onFailure, accountId = '000000000000', bodyTimeoutMs = 30_000 } = options;
  const now = options.now ?? Date.now;
  const signingKeys = options.signingKeys ?? createSigningKeys([]);
  const { apiId, cors, stageVariables, routes } = readHttpApi(template);
  const authorizers = new Map(
    [...new Set(routes.flatMap((route) => route.authorizerId ?? []))].map((id) => [
      id,
      createJwtAuthorizer(template.resource(id), { signingKeys, now }),
    ]),
  );

  async function authorize(call: Call): Promise<JwtContext | Reply | undefined> {
    const { authorizerId, scopes } = call.route;
    if (authorizerId === undefined) return undefined;
    const authorizer = authorizers.get(authorizerId);
    if (authorizer === undefined) throw new Error(`No authorizer ${authorizerId}`);
    const decision = await authorizer.authorize(call.request, call.target.rawQueryString, scopes);
    if (decision.ok) return decision.jwt;
    return message(decision.status, decision.status === 401 ? 'Unauthorized' : 'Forbidden', {
      'www-authenticate': decision.wwwAuthenticate,
    });
  }

  async function integrate(call: Call, body: Buffer, jwt: JwtContext | undefined): Promise<Reply> {
    const { request, target, requestId, route, pathParameters } = call;
    const event = toEvent({
      request,
      target,
      body,
      routeKey: route.routeKey,
      pathParameters,
      stageVariables,
      apiId,
      accountId,
      requestId,
      receivedAt: now(),
      ...(jwt !== undefined && { jwt }),
    });
    if (body.length > 0 && Buffer.byteLength(JSON.stringify(event)) > MAX_PAYLOAD_BYTES) return tooLarge();
    const failed = (reason: string): void =>
      onFailure?.({
        requestId,
        routeKey: route.routeKey,
        functionName: route.functionName,
        reason,
      });

    const result = await within(route.timeoutMs, invoke(route.functionName, event));
    if (result === undefined) {
      failed(`no reply within ${route.timeoutMs} ms`);
      return message(503, 'Service Unavailable');
    }
    if (!result.ok) {
      failed(`${result.errorType}: ${result.errorMessage}`);
      return internalError();
    }
    const reply = toReply(result.payload);
    if (reply !== undefined) return reply;
    failed('a malformed reply');
    return internalError();
  }

  async function answer(call: Call): Promise<Reply | undefined> {
    const { request } = call;
    const jwt = await authorize(call);
    if (jwt !== undefined && 'status' in jwt) return jwt;
    if (isPreflight(request)) return preflight(request);
    const body = await readBody(request, { limitBytes: largestBody, timeoutMs: bodyTimeoutMs });
    if (body.ok) return await integrate(call, body.bytes, jwt);
    if (body.reason === 'aborted') return undefined;
    return body.reason === 'too-large' ? tooLarge() : { ...message(408, 'Request Timeout'), close: true };
  }

  function isPreflight(request: IncomingMessage): boolean {
    const { origin, 'access-control-request-method': requested } = request.headers;
    return (
      cors !== undefined && request.method === 'OPTIONS' && origin !== undefined && requested !== undefined
    );
  }

  function preflight(request: IncomingMessage): Reply {
    const { origin } = request.headers;
    const headers = cors === undefined || origin === undefined ? [] : preflightHeaders(cors, origin);
    return { status: 204, headers, body: Buffer.alloc(0) };
  }

  /** Adds what every answer carries. Headers about CORS are the API's alone, once it is configured. */
  function send(request: IncomingMessage, response: ServerResponse, requestId: string, reply: Reply): void {
    const { origin } = request.headers;
    const own = reply.headers.filter(
      ([name]) =>
        cors === undefined || isPreflight(request) || !name.toLowerCase().startsWith('access-control-'),
    );
    const crossOrigin =
      cors === undefined || origin === undefined || isPreflight(request)
        ? []
        : crossOriginHeaders(cors, origin);
    sendReply(request, response, {
      ...reply,
      headers: [...own, ...crossOrigin, ['apigw-requestid', requestId]],
    });
  }

  function findRoute(method: string, path: string): Pick<Call, 'route' | 'pathParameters'> | undefined {
    for (const route of routes) {
      const pathParameters = matchMethod(route, method) ? matchPath(route, path) : undefined;
      if (pathParameters !== undefined) return { route, pathParameters };
    }
    return undefined;
  }

  return {
    async handle(request, response) {
      const requestId = randomBytes(11).toString('base64');
      const target = parseTarget(request.url ?? '/');
      if (target === undefined) {
        send(request, response, requestId, message(400, 'Bad Request'));
        return true;
      }
      const found = findRoute(request.method ?? 'GET', target.path);
      if (found === undefined) {
        const known = routes.some((route) => matchPath(route, target.path) !== undefined);
        if (!isPreflight(request) || !known) return false;
        send(request, response, requestId, preflight(request));
        return true;
      }
      if (headSize(request) > largestHead) {
        send(request, response, requestId, message(431, 'Request Header Fields Too Large'));
        return true;
      }
      try {
        const reply = await answer({ request, target, requestId, ...found });
        if (reply !== undefined) send(request, response, requestId, reply);
      } catch (error) {
        const { routeKey, functionName } = found.route;
        const reason = error instanceof Error ? error.message : String(error);
        onFailure?.({ requestId, routeKey, functionName, reason });
        send(request, response, requestId, internalError());
      }
      return true;
    },
    notFound(request, response) {
      const reply = isPreflight(request) ? preflight(request) : message(404, 'Not Found');
      send(request, response, randomBytes(11).toString('base64'), reply);
    },
  };
}

/** Undefined when the promise takes longer. It is left to end by itself, as Lambda is by API Gateway. */
async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const elapsed = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([promise, elapsed]);
  } finally {
    clearTimeout(timer);
  }
}

function headSize({ method = '', url = '', rawHeaders }: IncomingMessage): number {
  const values = rawHeaders.filter((_text, index) => index % 2 === 1);
  return Buffer.byteLength(`${method} ${url} HTTP/1.1${values.join('')}`);
}

function message(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return jsonReply(status, { message: text }, headers);
}

function internalError(): Reply {
  return message(500, 'Internal Server Error');
}

/** The connection stays open: closing it under a client that is still sending could lose it the answer. */
function tooLarge(): Reply {
  return message(413, 'Request Entity Too Large');
}
