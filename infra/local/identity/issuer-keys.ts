import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  calculateJwkThumbprint,
  createLocalJWKSet,
  type CryptoKey,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';
import * as z from 'zod';

/** The issuer's RS256 key pair. `jwks` holds the public half only. */
export interface IssuerKeys {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwks: JSONWebKeySet;
  readonly getKey: JWTVerifyGetKey;
}

const part = z.string().regex(/^[\w-]+$/);
const PrivateJwk = z.object({
  kty: z.literal('RSA'),
  n: part,
  e: part,
  d: part,
  p: part,
  q: part,
  dp: part,
  dq: part,
  qi: part,
});
type PrivateJwk = z.infer<typeof PrivateJwk>;

/**
 * Makes a key pair. With a folder, the one kept there in `issuer-key.json` is taken, or a new one is left
 * there (readable by its owner only), so that tokens outlive a restart. Throws when the file is not a key.
 */
export async function loadIssuerKeys(folder?: string): Promise<IssuerKeys> {
  const file = folder === undefined ? undefined : join(folder, 'issuer-key.json');
  const jwk = (file === undefined ? undefined : await readKey(file)) ?? (await makeKey(file));
  const kid = await calculateJwkThumbprint(jwk);
  const privateKey = await importJWK(jwk, 'RS256');
  if (privateKey instanceof Uint8Array) throw new Error('Not an RSA key');
  const jwks = { keys: [{ kty: jwk.kty, n: jwk.n, e: jwk.e, kid, alg: 'RS256', use: 'sig' }] };
  return { kid, privateKey, jwks, getKey: createLocalJWKSet(jwks) };
}

async function readKey(file: string): Promise<PrivateJwk | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    return PrivateJwk.parse(JSON.parse(text));
  } catch (cause) {
    throw new Error(`${file} does not hold a private key: delete it to have a new one made`, { cause });
  }
}

async function makeKey(file: string | undefined): Promise<PrivateJwk> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = PrivateJwk.parse(await exportJWK(privateKey));
  if (file !== undefined) {
    await mkdir(join(file, '..'), { recursive: true });
    const unfinished = `${file}.${randomUUID()}`;
    await writeFile(unfinished, JSON.stringify(jwk), { mode: 0o600 });
    await rename(unfinished, file);
  }
  return jwk;
}
