import {
  createRemoteJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  errors,
  type JWTPayload,
  jwtVerify,
  type JWTVerifyGetKey,
} from 'jose';
import * as z from 'zod';

/** Finds the keys an issuer signs with. Rejects when they cannot be had. */
export type SigningKeys = (issuer: string) => Promise<JWTVerifyGetKey>;

/** A checked token, or what is wrong with it in words that may be told to the caller. */
export type TokenVerdict =
  { readonly ok: true; readonly claims: JWTPayload } | { readonly ok: false; readonly reason: string };

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });

/** API Gateway keeps an issuer's keys for two hours. */
const keysKeptMs = 2 * 60 * 60 * 1000;

/**
 * Looks up signing keys: those given for issuers of this machine, else by the issuer's
 * `/.well-known/openid-configuration`. What was found is kept; a failed look-up is tried again.
 */
export function createSigningKeys(
  local: readonly { readonly issuerUrl: string; readonly getKey: JWTVerifyGetKey }[],
): SigningKeys {
  const found = new Map<string, Promise<JWTVerifyGetKey>>(
    local.map(({ issuerUrl, getKey }) => [issuerUrl, Promise.resolve(getKey)]),
  );
  return (issuer) => {
    const known = found.get(issuer);
    if (known !== undefined) return known;
    const lookup = discoverKeys(issuer);
    found.set(issuer, lookup);
    lookup.catch(() => found.delete(issuer));
    return lookup;
  };
}

async function discoverKeys(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const { jwks_uri } = discovery.parse(await response.json());
  return createRemoteJWKSet(new URL(jwks_uri), { cacheMaxAge: keysKeptMs });
}

/**
 * Checks a token as API Gateway does: an RSA signature by a key the token names (`kid`), `iss`, `exp`, `nbf`
 * and `iat`, with no leeway. A token without `exp` is refused. Audience is the caller's affair.
 */
export async function verifyJwt(
  token: string,
  { issuer, signingKeys, now }: { issuer: string; signingKeys: SigningKeys; now: () => number },
): Promise<TokenVerdict> {
  try {
    const { kid } = decodeProtectedHeader(token);
    if (typeof kid !== 'string') return refuse('the token does not name its key');
    // The issuer is compared first, so that a stranger's token never makes us look for keys.
    if (decodeJwt(token).iss !== issuer) return refuse('the token has an invalid issuer');
  } catch {
    return refuse('the token cannot be decoded');
  }
  let getKey: JWTVerifyGetKey;
  try {
    getKey = await signingKeys(issuer);
  } catch {
    return refuse('OIDC discovery endpoint communication error');
  }
  try {
    const at = now();
    const { payload } = await jwtVerify(token, getKey, {
      algorithms: ['RS256', 'RS384', 'RS512'],
      issuer,
      requiredClaims: ['exp'],
      currentDate: new Date(at),
    });
    if (payload.iat !== undefined && payload.iat > Math.floor(at / 1000)) {
      return refuse('the token was issued in the future');
    }
    return { ok: true, claims: payload };
  } catch (error) {
    return refuse(explain(error));
  }
}

function explain(error: unknown): string {
  if (error instanceof errors.JWTExpired) return 'the token has expired';
  if (error instanceof errors.JWTClaimValidationFailed) {
    return error.claim === 'nbf' ? 'the token is not valid yet' : `the token has an invalid ${error.claim}`;
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return 'the token is signed by an unsupported algorithm';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the token is signed by an unknown key';
  return 'the token has an invalid signature';
}

function refuse(reason: string): TokenVerdict {
  return { ok: false, reason };
}
