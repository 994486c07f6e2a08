import type * as z from 'zod';
import type { OperationName, operations } from '../contracts/api.ts';
import type { DomainErrorCode, DomainErrorDetails } from '../domain/errors.ts';
import { isObject } from './json-object.ts';
import { orAborted } from './or-aborted.ts';
import { routes } from './routes.ts';
import type { TokenSource } from './token-source.ts';

type Operations = typeof operations;

/** The operations of this client: what replies with a file is an address to open, and what takes signed bytes is the provider's. */
export type CallName = {
  [Name in OperationName]: Operations[Name] extends { readonly media: string } | { readonly rawBody: true }
    ? never
    : Name;
}[OperationName];

/** What an operation takes: its parameters, query and body as they are written before parsing. */
export type CallInput<Name extends CallName> = Params<Operations[Name]['params']> &
  Body<Operations[Name]> & {
    readonly query?: z.input<Operations[Name]['query']>;
    /** A command sent again under the same key takes effect once. */
    readonly idempotencyKey?: string;
    readonly signal?: AbortSignal;
  };

type Params<Schema extends z.ZodObject> = keyof Schema['shape'] extends never
  ? { readonly params?: undefined }
  : { readonly params: z.input<Schema> };

type Body<Operation> = Operation extends { readonly body: infer Schema extends z.ZodType }
  ? { readonly body: z.input<Schema> }
  : { readonly body?: undefined };

/** The arguments after the operation's name: none are needed where nothing is required. */
export type Arguments<Name extends CallName> =
  Record<never, never> extends CallInput<Name> ? [input?: CallInput<Name>] : [input: CallInput<Name>];

/** The body of an operation's reply. */
export type Reply<Name extends CallName> = z.output<Operations[Name]['reply']>;

export interface ApiResult<Name extends CallName> {
  readonly status: number;
  readonly body: Reply<Name>;
  /** Hash of the body, of views and other reads. */
  readonly etag?: string;
  /** Names the call in the server's logs, and the rows it changed by their `causedBy`. */
  readonly requestId?: string;
}

/** The body of a refusal: problem+json (RFC 9457) with the code of the reason. */
export interface Problem {
  readonly title: string;
  readonly status: number;
  /** Missing when the failure is the server's, or of something in between. */
  readonly code?: DomainErrorCode;
  /** What is wrong, by the field of the request. */
  readonly details: DomainErrorDetails;
  readonly requestId?: string;
}

/** A reply other than 2xx (or 304). What never reached the server rejects with the error of `fetch`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly operation: CallName,
    readonly status: number,
    readonly problem: Problem,
    /** Seconds to wait before trying again, where the server says so. */
    readonly retryAfterSeconds?: number,
  ) {
    super(
      `${operation}: ${status} ${problem.code ?? ''} ${problem.title} ${JSON.stringify(problem.details)}`,
    );
  }
}

export interface ApiClientOptions {
  /** Base address, with or without a trailing slash. */
  readonly url: string;
  /** Left out for public operations. */
  readonly token?: TokenSource;
  /** By default the platform's. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface ApiClient {
  /**
   * Calls one operation once. Nothing is sent again by itself, except where the token was not taken and there is a
   * new one: then nothing has happened yet.
   *
   * @throws ApiError when the server refuses.
   */
  call<Name extends CallName>(name: Name, ...input: Arguments<Name>): Promise<ApiResult<Name>>;
  /** Like `call`, for a reply whose ETag is known: undefined when it is still the same. */
  revalidate<Name extends CallName>(
    name: Name,
    etag: string,
    ...input: Arguments<Name>
  ): Promise<ApiResult<Name> | undefined>;
}

/** A client of the HTTP API for browsers and Node, typed by the table of operations. */
export function createApiClient(options: ApiClientOptions): ApiClient {
  const { fetch = globalThis.fetch } = options;
  const base = options.url.replace(/\/+$/, '');

  async function send(name: CallName, input: LooseInput, etag?: string): Promise<Response> {
    const { token: source } = options;
    // A signal ends the whole call, and a token may never come.
    const token = typeof source === 'function' ? await orAborted(source(), input.signal) : source;
    const response = await sendAs(token, name, input, etag);
    if (response.status !== 401 || typeof source !== 'function') return response;
    const renewed = await orAborted(source(token), input.signal);
    if (renewed === token) return response;
    await response.arrayBuffer();
    return sendAs(renewed, name, input, etag);
  }

  function sendAs(
    token: string | undefined,
    name: CallName,
    input: LooseInput,
    etag: string | undefined,
  ): Promise<Response> {
    const [method, path] = routes[name];
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    if (etag !== undefined) headers['if-none-match'] = etag;
    if (input.idempotencyKey !== undefined) headers['idempotency-key'] = input.idempotencyKey;
    const init: RequestInit = { method, headers };
    if (input.body !== undefined) {
      headers['content-type'] = 'application/json';
      init.body = JSON.stringify(input.body);
    }
    if (input.signal !== undefined) init.signal = input.signal;
    return fetch(`${base}${address(path, input.params)}${search(input.query)}`, init);
  }

  return {
    async call(name, ...[input]) {
      return readReply(name, await send(name, input ?? {}));
    },
    async revalidate(name, etag, ...[input]) {
      const response = await send(name, input ?? {}, etag);
      if (response.status !== 304) return readReply(name, response);
      await response.arrayBuffer();
      return undefined;
    },
  };
}

interface LooseInput {
  readonly params?: Readonly<Record<string, unknown>> | undefined;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

function address(path: string, params: LooseInput['params'] = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
}

function search(query: LooseInput['query'] = {}): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) given.set(name, String(value));
  }
  return given.size === 0 ? '' : `?${given.toString()}`;
}

async function readReply<Name extends CallName>(name: Name, response: Response): Promise<ApiResult<Name>> {
  const body = parsed(await response.text());
  if (!response.ok)
    throw new ApiError(name, response.status, problemOf(response, body), retryAfter(response));
  if (!isReply(name, body)) {
    throw new ApiError(name, response.status, {
      status: response.status,
      title: 'The reply is not JSON',
      details: {},
    });
  }
  const etag = response.headers.get('etag') ?? undefined;
  const requestId = response.headers.get('x-request-id') ?? undefined;
  return { status: response.status, body, ...(etag && { etag }), ...(requestId && { requestId }) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

// The server sends every reply through its schema, so a page need not carry the schemas to check it again.
function isReply<Name extends CallName>(_name: Name, body: unknown): body is Reply<Name> {
  return isObject(body);
}

function problemOf({ status, statusText }: Response, body: unknown): Problem {
  if (!isObject(body)) return { status, title: statusText || 'No problem+json', details: {} };
  const { title, code, details, requestId } = body;
  return {
    status,
    title: typeof title === 'string' ? title : statusText,
    details: isDetails(details) ? details : {},
    ...(isCode(code) && { code }),
    ...(typeof requestId === 'string' && { requestId }),
  };
}

function isCode(code: unknown): code is DomainErrorCode {
  return typeof code === 'string';
}

function isDetails(details: unknown): details is DomainErrorDetails {
  return (
    isObject(details) && Object.values(details).every((value) => value === null || typeof value !== 'object')
  );
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}
