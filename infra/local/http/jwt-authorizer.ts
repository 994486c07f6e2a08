import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import type { JwtContext } from './payload.ts';
import type { Resource } from '../template/resource.ts';
import { type SigningKeys, verifyJwt } from '../identity/verify-jwt.ts';

/** Who may pass and with what claims, or the answer that API Gateway gives instead. */
export type Authorization =
  | { readonly ok: true; readonly jwt: JwtContext }
  | { readonly ok: false; readonly status: 401 | 403; readonly wwwAuthenticate: string };

export interface JwtAuthorizer {
  /**
   * Decides on a request. `requiredScopes` are the route's: one of them suffices, an empty list asks for none.
   * An ID token passes like an access token: API Gateway does not tell them apart.
   */
  authorize(
    request: IncomingMessage,
    rawQueryString: string,
    requiredScopes: readonly string[],
  ): Promise<Authorization>;
}

const authorizerProperties = z.object({
  AuthorizerType: z.literal('JWT'),
  IdentitySource: z.tuple([z.string()]),
  JwtConfiguration: z.object({ Issuer: z.string(), Audience: z.array(z.string()).min(1) }),
});

const scopeClaim = z.union([z.string().transform((text) => text.split(' ')), z.array(z.string())]);

/** Builds the authorizer of an `AWS::ApiGatewayV2::Authorizer` of type JWT. Throws when it is another kind. */
export function createJwtAuthorizer(
  resource: Resource,
  { signingKeys, now }: { signingKeys: SigningKeys; now: () => number },
): JwtAuthorizer {
  const { IdentitySource, JwtConfiguration } = authorizerProperties.parse(resource.properties);
  const readToken = identitySource(IdentitySource[0]);
  const { Issuer: issuer, Audience: audience } = JwtConfiguration;

  return {
    async authorize(request, rawQueryString, requiredScopes) {
      const given = readToken(request, rawQueryString);
      if (given === undefined || given === '') return { ok: false, status: 401, wwwAuthenticate: 'Bearer' };
      const scope = requiredScopes.join(' ');
      const verdict = await verifyJwt(given.replace(/^Bearer +/i, ''), { issuer, signingKeys, now });
      if (!verdict.ok) return unauthorized(scope, verdict.reason);
      const { claims } = verdict;
      if (!isForAudience(claims, audience))
        return unauthorized(scope, 'the token does not have a valid audience');

      const held = [claims['scope'], claims['scp']].flatMap(
        (claim) => scopeClaim.safeParse(claim).data ?? [],
      );
      const granted = requiredScopes.filter((required) => held.includes(required));
      if (requiredScopes.length > 0 && granted.length === 0) {
        return {
          ok: false,
          status: 403,
          wwwAuthenticate: challenge(scope, 'insufficient_scope', 'insufficient scope'),
        };
      }
      return {
        ok: true,
        jwt: { claims: stringifyClaims(claims), scopes: requiredScopes.length > 0 ? granted : null },
      };
    },
  };
}

/**
 * Claims as they reach a function: every value a string, a list in brackets with spaces between its items
 * (`[admin student]`), a nested object as JSON, a null left out.
 */
export function stringifyClaims(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  const strings = Object.entries(claims).flatMap(([name, value]): [string, string][] =>
    value === null || value === undefined ? [] : [[name, stringifyClaim(value)]],
  );
  return Object.fromEntries(strings);
}

function stringifyClaim(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stringifyClaim).join(' ')}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** `client_id` counts only where there is no `aud`, as in Cognito's access tokens. */
function isForAudience(claims: Readonly<Record<string, unknown>>, audience: readonly string[]): boolean {
  const named = claims['aud'] ?? claims['client_id'];
  return [named].flat().some((value) => typeof value === 'string' && audience.includes(value));
}

function unauthorized(scope: string, reason: string): Authorization {
  return { ok: false, status: 401, wwwAuthenticate: challenge(scope, 'invalid_token', reason) };
}

function challenge(scope: string, error: string, description: string): string {
  return `Bearer scope="${scope}" error="${error}" error_description="${description}"`;
}

type ReadToken = (request: IncomingMessage, rawQueryString: string) => string | undefined;

function identitySource(expression: string): ReadToken {
  const [, place, name] = /^\$request\.(header|querystring)\.([\w-]+)$/.exec(expression) ?? [];
  if (place === 'querystring' && name !== undefined) {
    return (_request, rawQueryString) => new URLSearchParams(rawQueryString).get(name) ?? undefined;
  }
  if (place === 'header' && name !== undefined) {
    return (request) => [request.headers[name.toLowerCase()]].flat()[0];
  }
  throw new Error(`Not an identity source for a JWT authorizer: '${expression}'`);
}
