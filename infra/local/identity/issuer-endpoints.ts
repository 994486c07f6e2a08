import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { type Issuer, TokenRequest, UnknownGroupError } from './issuer.ts';
import { SignUpError } from './sign-up.ts';
import { parseTarget } from '../http/payload.ts';
import { jsonReply, type Reply, sendReply } from '../http/reply.ts';
import { readBody } from '../http/request-body.ts';

const tokenBody = TokenRequest.extend({ use: z.enum(['access', 'id']).optional() });

const discoveryPath = '/local/issuer/.well-known/openid-configuration';
const keysPath = '/local/issuer/.well-known/jwks.json';
const tokenPath = '/local/token';
const signUpPath = '/local/sign-up';

/**
 * Serves the issuer over HTTP. The handler answers false for any other path.
 *
 * - `GET /local/issuer/.well-known/openid-configuration` and `GET /local/issuer/.well-known/jwks.json`
 * - `POST /local/token` with `{ userId, groups?: string[], name?, email?, expiresIn?: seconds, use?: 'access' |
 *   'id' }` as application/json -> `{ accessToken, idToken, expiresAt }`; with `use` only the token asked for.
 * - `POST /local/sign-up` with the same: signs the person up, and answers as `/local/token` does. What the template's
 *   function fails with is answered with 502.
 *   A mistake is answered with problem+json, where `errors[].pointer` names the field (`/groups/0`).
 */
export function createIssuerEndpoints(
  issuer: Issuer,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  const routes: Readonly<Record<string, { methods: readonly string[]; answer: Answer }>> = {
    [discoveryPath]: { methods: ['GET', 'HEAD'], answer: (request) => discovery(issuer, request) },
    [keysPath]: { methods: ['GET', 'HEAD'], answer: () => jsonReply(200, issuer.jwks) },
    [tokenPath]: { methods: ['POST'], answer: (request) => token(issuer, request) },
    [signUpPath]: { methods: ['POST'], answer: (request) => token(issuer, request, issuer.signUp) },
  };
  return async (request, response) => {
    const path = parseTarget(request.url ?? '/')?.path ?? '';
    const route = routes[path];
    if (route === undefined) return false;
    const reply = route.methods.includes(request.method ?? '')
      ? await route.answer(request)
      : problem(405, `${path} takes ${route.methods.join(' and ')}`, [], { allow: route.methods.join(', ') });
    if (reply !== undefined) sendReply(request, response, reply);
    return true;
  };
}

type Answer = (request: IncomingMessage) => Reply | Promise<Reply | undefined>;

function discovery(issuer: Issuer, { headers, socket }: IncomingMessage): Reply {
  const host = /^[\w.:[\]-]+$/.test(headers.host ?? '') ? headers.host : `127.0.0.1:${socket.localPort}`;
  const scheme = 'encrypted' in socket ? 'https' : 'http';
  return jsonReply(200, {
    issuer: issuer.issuerUrl,
    jwks_uri: `${scheme}://${host}${keysPath}`,
    token_endpoint: `${scheme}://${host}${tokenPath}`,
    id_token_signing_alg_values_supported: ['RS256'],
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    scopes_supported: ['aws.cognito.signin.user.admin'],
  });
}

async function token(
  issuer: Issuer,
  request: IncomingMessage,
  first?: Issuer['signUp'],
): Promise<Reply | undefined> {
  // A form of a foreign page cannot send this type, so it cannot have tokens made.
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return problem(415, 'Send the request as application/json');
  }
  const body = await readBody(request, { limitBytes: 64 * 1024, timeoutMs: 10_000 });
  if (!body.ok) {
    if (body.reason === 'aborted') return undefined;
    if (body.reason === 'too-large') return problem(413, 'At most 64 kB');
    return { ...problem(408, 'The body came too slowly'), close: true };
  }
  let value: unknown;
  try {
    value = JSON.parse(body.bytes.toString('utf8'));
  } catch {
    return problem(400, 'The body is not JSON');
  }
  const parsed = tokenBody.safeParse(value);
  if (!parsed.success) {
    const errors = parsed.error.issues.map((issue) => ({
      pointer: pointer(issue.path),
      detail: issue.message,
    }));
    return problem(400, 'The request is not valid', errors);
  }
  const { use, ...wanted } = parsed.data;
  try {
    // Issued before the sign-up, so that a group that there is not signs nobody up.
    const { accessToken, idToken, expiresAt } = await issuer.issueToken(wanted);
    await first?.(wanted);
    return jsonReply(
      200,
      { ...(use !== 'id' && { accessToken }), ...(use !== 'access' && { idToken }), expiresAt },
      { 'cache-control': 'no-store' },
    );
  } catch (error) {
    if (error instanceof SignUpError) return problem(502, error.message);
    if (!(error instanceof UnknownGroupError)) throw error;
    const { index, message } = error;
    return problem(400, 'The request is not valid', [
      { pointer: pointer(['groups', index]), detail: message },
    ]);
  }
}

interface FieldError {
  readonly pointer: string;
  readonly detail: string;
}

/** A JSON pointer (RFC 6901). */
function pointer(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  502: 'Bad Gateway',
};

function problem(
  status: number,
  detail: string,
  errors: readonly FieldError[] = [],
  headers: Readonly<Record<string, string>> = {},
): Reply {
  const body = {
    type: 'about:blank',
    title: titles[status],
    status,
    detail,
    ...(errors.length > 0 && { errors }),
  };
  return jsonReply(status, body, headers, 'application/problem+json');
}
