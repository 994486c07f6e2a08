import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface SigningOptions {
  readonly region: string | (() => Promise<string>);
  readonly credentials: () => Promise<Credentials>;
  readonly fetch?: typeof globalThis.fetch;
}

export interface SignedRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * A call with the caller's role on it. Path and query of the address are encoded as RFC 3986 says, as the service
 * signs what it decodes by that. Rejects as `fetch` does, and when no reply comes in time.
 */
export type SignedFetch = (url: string, request: SignedRequest) => Promise<Response>;

const TIMEOUT_MS = 3_000;

/** Calls an AWS service of which two or three calls are needed, without the weight of its client. */
export function createSignedFetch(
  service: string,
  { region, credentials, fetch = globalThis.fetch }: SigningOptions,
): SignedFetch {
  const signer = new SignatureV4({
    service,
    region,
    credentials: async () => ({ ...(await credentials()) }),
    // As the clients of the SDK do, so that a bundle has it once.
    sha256: Sha256,
    // Every service but S3 encodes the path, which is encoded, a second time.
    uriEscapePath: service !== 's3',
  });
  return async (url, { method, headers = {}, body }) => {
    const { protocol, hostname, port, host, pathname, searchParams } = new URL(url);
    const signed = await signer.sign(
      new HttpRequest({
        method,
        protocol,
        hostname,
        ...(port !== '' && { port: Number(port) }),
        path: pathname,
        query: Object.fromEntries(searchParams),
        headers: { host, ...headers },
        ...(body !== undefined && { body }),
      }),
    );
    const { host: _, ...sent } = signed.headers;
    return fetch(url, {
      method,
      headers: sent,
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  };
}
