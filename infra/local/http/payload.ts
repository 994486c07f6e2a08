import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { Reply } from './reply.ts';

/** The event of an HTTP API's Lambda integration, payload format 2.0. Optional fields are left out when empty. */
export interface HttpApiEvent {
  readonly version: '2.0';
  readonly routeKey: string;
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly cookies?: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly queryStringParameters?: Readonly<Record<string, string>>;
  readonly pathParameters?: Readonly<Record<string, string>>;
  readonly stageVariables?: Readonly<Record<string, string>>;
  readonly requestContext: {
    readonly accountId: string;
    readonly apiId: string;
    readonly authorizer?: { readonly jwt: JwtContext };
    readonly domainName: string;
    readonly domainPrefix: string;
    readonly http: {
      readonly method: string;
      readonly path: string;
      readonly protocol: string;
      readonly sourceIp: string;
      readonly userAgent: string;
    };
    readonly requestId: string;
    readonly routeKey: string;
    readonly stage: string;
    /** Apache's common log format: `12/Mar/2020:19:03:58 +0000`. */
    readonly time: string;
    /** Milliseconds since 1970. */
    readonly timeEpoch: number;
  };
  readonly body?: string;
  readonly isBase64Encoded: boolean;
}

/** What a JWT authorizer passes on. `scopes` is null on a route that asks for none. */
export interface JwtContext {
  readonly claims: Readonly<Record<string, string>>;
  readonly scopes: readonly string[] | null;
}

/** The target of a request: the path as API Gateway sees it (decoded once) and the query as it was sent. */
export interface RequestTarget {
  readonly path: string;
  readonly rawQueryString: string;
}

/**
 * Splits the request line's target. Undefined when the path is not valid percent-encoded UTF-8 or holds a
 * NUL. An encoded question mark cuts the path off, as it does on AWS (seen in captures of HTTP APIs).
 */
export function parseTarget(url: string): RequestTarget | undefined {
  const relative = url.replace(/^https?:\/\/[^/?#]*/i, '');
  const [encoded = '', ...query] = relative.split('?');
  const path = encoded === '' ? '/' : encoded;
  if (!path.startsWith('/')) return undefined;
  try {
    const [decoded = ''] = decodeURIComponent(path).split('?');
    return decoded.includes('\0') ? undefined : { path: decoded, rawQueryString: query.join('?') };
  } catch {
    return undefined;
  }
}

export interface EventInput {
  readonly request: IncomingMessage;
  readonly target: RequestTarget;
  readonly body: Buffer;
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly apiId: string;
  readonly accountId: string;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
  readonly jwt?: JwtContext;
}

/** Makes the event that API Gateway would send for a request. */
export function toEvent(input: EventInput): HttpApiEvent {
  const { request, target, routeKey, pathParameters, stageVariables, jwt } = input;
  const sent = joinHeaders(request.rawHeaders);
  const cookies = (sent.get('cookie') ?? '')
    .split(';')
    .map((cookie) => cookie.trim())
    .filter((cookie) => cookie !== '');
  const sourceIp = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const encrypted = 'encrypted' in request.socket;
  const forwarded = sent.get('x-forwarded-for');
  for (const name of ['cookie', ...hopByHop]) sent.delete(name);
  sent.set('content-length', String(input.body.length));
  if (!sent.has('x-amzn-trace-id')) sent.set('x-amzn-trace-id', traceId(input.receivedAt));
  sent.set('x-forwarded-for', forwarded === undefined ? sourceIp : `${forwarded}, ${sourceIp}`);
  sent.set('x-forwarded-port', String(request.socket.localPort ?? ''));
  sent.set('x-forwarded-proto', encrypted ? 'https' : 'http');

  const query = joinQuery(target.rawQueryString);
  const binary = input.body.length > 0 && !isText(sent.get('content-type'));
  const domainName = (sent.get('host') ?? 'localhost').replace(/:\d+$/, '');
  return {
    version: '2.0',
    routeKey,
    rawPath: target.path,
    rawQueryString: target.rawQueryString,
    ...(cookies.length > 0 && { cookies }),
    headers: Object.fromEntries(sent),
    ...(query.size > 0 && { queryStringParameters: Object.fromEntries(query) }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...(Object.keys(stageVariables).length > 0 && { stageVariables }),
    requestContext: {
      accountId: input.accountId,
      apiId: input.apiId,
      ...(jwt !== undefined && { authorizer: { jwt } }),
      domainName,
      domainPrefix: domainName.split('.')[0] ?? domainName,
      http: {
        method: request.method ?? 'GET',
        path: target.path,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp,
        userAgent: sent.get('user-agent') ?? '',
      },
      requestId: input.requestId,
      routeKey,
      stage: '$default',
      time: commonLogTime(input.receivedAt),
      timeEpoch: input.receivedAt,
    },
    ...(input.body.length > 0 && { body: input.body.toString(binary ? 'base64' : 'utf8') }),
    isBase64Encoded: binary,
  };
}

const structuredReply = z.object({
  statusCode: z.int().min(200).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/**
 * Reads what a function returned: a structured reply when it has a `statusCode`, else the value itself as the
 * JSON body of a 200. Undefined when a structured reply is malformed, which API Gateway answers with 500.
 */
export function toReply(payload: unknown): Reply | undefined {
  if (typeof payload !== 'object' || payload === null || !('statusCode' in payload)) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload ?? null);
    return { status: 200, headers: [['content-type', 'application/json']], body: Buffer.from(text) };
  }
  const parsed = structuredReply.safeParse(payload);
  if (!parsed.success) return undefined;
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  const lines: [string, string][] = [];
  for (const [name, value] of Object.entries(headers ?? {})) {
    const key = name.toLowerCase();
    if (key !== 'content-length' && !hopByHop.includes(key)) lines.push([key, String(value)]);
  }
  for (const cookie of cookies ?? []) lines.push(['set-cookie', cookie]);
  if (typeof body === 'string' && !lines.some(([name]) => name === 'content-type')) {
    lines.push(['content-type', 'text/plain; charset=utf-8']);
  }
  return {
    status: statusCode,
    headers: lines,
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  };
}

const hopByHop: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** Only these arrive as text; anything else (a form, `+json`, a missing type) is sent as base64. */
function isText(contentType: string | undefined): boolean {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return (
    type.startsWith('text/') ||
    ['application/json', 'application/xml', 'application/javascript'].includes(type)
  );
}

/** Lower-cases names and joins repeated headers, from Node's flat list: `headers` would drop some repeats. */
function joinHeaders(raw: readonly string[]): Map<string, string> {
  const joined = new Map<string, string>();
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] ?? '').toLowerCase();
    const value = raw[index + 1] ?? '';
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier}${name === 'cookie' ? ';' : ','}${value}`);
  }
  return joined;
}

function joinQuery(rawQueryString: string): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return joined;
}

function traceId(epoch: number): string {
  return `Root=1-${Math.floor(epoch / 1000).toString(16)}-${randomBytes(12).toString('hex')}`;
}

function commonLogTime(epoch: number): string {
  const [, day, month, year, time] = new Date(epoch).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
