import { randomUUID } from 'node:crypto';
import { type JSONWebKeySet, type JWTPayload, type JWTVerifyGetKey, SignJWT } from 'jose';
import * as z from 'zod';
import type { Invoker } from '../lambda/invoke.ts';
import { loadIssuerKeys } from './issuer-keys.ts';
import { createSignUp, type Person } from './sign-up.ts';
import type { SynthesisedTemplate } from '../template/resource.ts';
import { readUserPool } from './user-pool.ts';
import { createSigningKeys, verifyJwt } from './verify-jwt.ts';

/**
 * For whom a token is: `userId` becomes `sub` and the username, `expiresIn` is in seconds (at most a day; by
 * default the client's validity in the template).
 */
export const TokenRequest = z.strictObject({
  userId: z
    .string()
    .regex(/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u, 'must be 1 to 128 characters without spaces'),
  groups: z.array(z.string()).default([]),
  name: z.string().min(1).max(256).optional(),
  email: z.email().optional(),
  expiresIn: z.int().min(1).max(86_400).optional(),
});
export type TokenRequest = z.input<typeof TokenRequest>;

/** `expiresAt` (ISO 8601, UTC) is when the first of the two expires. */
export interface IssuedTokens {
  readonly accessToken: string;
  readonly idToken: string;
  readonly expiresAt: string;
}

/** Stands in for Cognito: tokens with the claims of the real ones, signed by a key of this machine. */
export interface Issuer {
  /** The `iss` of its tokens: the address that the pool would have on AWS. */
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly groups: readonly string[];
  readonly jwks: JSONWebKeySet;
  readonly getKey: JWTVerifyGetKey;
  /** Throws UnknownGroupError for a group that the template does not have, ZodError for anything else. */
  issueToken(request: TokenRequest): Promise<IssuedTokens>;
  /**
   * Signs a person up, as Cognito does when the address is confirmed; again does what the template's function does
   * then. Issuing a token signs nobody up. Throws SignUpError when the function fails.
   */
  signUp(person: Person): Promise<void>;
  /** The claims of one of this pool's tokens, access or ID. Rejects with the reason when it is not valid. */
  verify(token: string): Promise<JWTPayload>;
}

/** `index` says which of the groups asked for is unknown. */
export class UnknownGroupError extends Error {
  readonly index: number;
  constructor(index: number, message: string) {
    super(message);
    this.name = 'UnknownGroupError';
    this.index = index;
  }
}

export interface IssuerOptions {
  readonly template: SynthesisedTemplate;
  /** Runs the functions that the pool calls. */
  readonly invoke: Invoker['invoke'];
  /** Keeps the key between starts. Without it each start has a new key. */
  readonly dataFolder?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Starts the issuer of the template's user pool. */
export async function createIssuer({
  template,
  invoke,
  dataFolder,
  now = Date.now,
}: IssuerOptions): Promise<Issuer> {
  const pool = readUserPool(template);
  const { issuerUrl, clientId, groups: knownGroups } = pool;
  const { kid, privateKey, jwks, getKey } = await loadIssuerKeys(dataFolder);
  const signingKeys = createSigningKeys([{ issuerUrl, getKey }]);

  const sign = (claims: JWTPayload): Promise<string> =>
    new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid }).sign(privateKey);

  return {
    issuerUrl,
    clientId,
    groups: knownGroups,
    jwks,
    getKey,
    signUp: createSignUp(template, pool, invoke),
    async issueToken(input) {
      const { userId, groups, name, email, expiresIn } = TokenRequest.parse(input);
      const unknown = groups.findIndex((group) => !knownGroups.includes(group));
      if (unknown !== -1) {
        const known = knownGroups.length === 0 ? 'none' : knownGroups.join(', ');
        throw new UnknownGroupError(
          unknown,
          `No group '${groups[unknown]}' in the user pool (it has: ${known})`,
        );
      }
      const issuedAt = Math.floor(now() / 1000);
      const accessExpires = issuedAt + (expiresIn ?? pool.accessTokenValidity);
      const idExpires = issuedAt + (expiresIn ?? pool.idTokenValidity);
      const common = {
        sub: userId,
        ...(groups.length > 0 && { 'cognito:groups': [...new Set(groups)] }),
        iss: issuerUrl,
        origin_jti: randomUUID(),
        event_id: randomUUID(),
        auth_time: issuedAt,
        iat: issuedAt,
      };
      const accessToken = await sign({
        ...common,
        client_id: clientId,
        token_use: 'access',
        scope: 'aws.cognito.signin.user.admin',
        exp: accessExpires,
        jti: randomUUID(),
        username: userId,
      });
      const idToken = await sign({
        ...common,
        aud: clientId,
        token_use: 'id',
        'cognito:username': userId,
        ...(name !== undefined && { name }),
        ...(email !== undefined && { email, email_verified: true }),
        exp: idExpires,
        jti: randomUUID(),
      });
      const expiresAt = new Date(Math.min(accessExpires, idExpires) * 1000).toISOString();
      return { accessToken, idToken, expiresAt };
    },
    async verify(token) {
      const verdict = await verifyJwt(token, { issuer: issuerUrl, signingKeys, now });
      if (!verdict.ok) throw new Error(verdict.reason);
      return verdict.claims;
    },
  };
}
