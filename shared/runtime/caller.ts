import { DomainError } from '../domain/errors.ts';
import { isId, type UserId } from '../domain/ids.ts';

/** Who makes a request. */
export interface Caller {
  readonly userId: UserId;
  /** Whether the token says that the caller is in the group `admin`. */
  readonly admin: boolean;
}

/**
 * The caller by the claims that a JWT authorizer passed on. The authorizer checks signature, issuer, audience
 * and times, but takes an ID token for an access token, so that is checked here.
 *
 * @throws DomainError unauthenticated
 */
export function callerOf(claims: Readonly<Record<string, unknown>> | undefined): Caller {
  if (claims === undefined) throw new DomainError('unauthenticated', 'A bearer token is needed');
  if (claims.token_use !== 'access') {
    throw new DomainError('unauthenticated', 'The token is not an access token');
  }
  const { sub } = claims;
  if (typeof sub !== 'string' || !isId<UserId>(sub)) {
    throw new DomainError('unauthenticated', 'The token names nobody');
  }
  return { userId: sub, admin: groupsOf(claims['cognito:groups']).includes('admin') };
}

/**
 * The groups in API Gateway's rendering of a list claim, `[admin student]`. Whatever does not read exactly so is
 * no group: a group name with a space in it could otherwise pass for two.
 */
export function groupsOf(claim: unknown): readonly string[] {
  if (typeof claim !== 'string') return [];
  const list = /^\[([A-Za-z0-9_.-]+(?: [A-Za-z0-9_.-]+)*)\]$/.exec(claim)?.[1];
  return list?.split(' ') ?? [];
}
