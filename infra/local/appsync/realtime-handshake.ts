import type { IncomingMessage } from 'node:http';
import * as z from 'zod';

/** The subprotocol of AppSync's real-time endpoint. */
export const protocolName = 'graphql-ws';

/** What a client offered to authenticate with when it connected. */
export type ConnectHeaders =
  | { readonly ok: true; readonly headers: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly message: string };

const AuthorizationHeaders = z.record(z.string(), z.unknown());

/** Header names in lower case; what is not text is left out. */
export function lowerCaseHeaders(value: unknown): Record<string, string> | undefined {
  const parsed = AuthorizationHeaders.safeParse(value);
  if (!parsed.success) return undefined;
  return Object.fromEntries(
    Object.entries(parsed.data).flatMap(([name, text]) =>
      typeof text === 'string' ? [[name.toLowerCase(), text]] : [],
    ),
  );
}

function decode(base64: string): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString());
  } catch {
    return undefined;
  }
}

function decodeHeaders(base64: string): ConnectHeaders {
  const headers = lowerCaseHeaders(decode(base64));
  if (headers === undefined) return { ok: false, message: 'The header is not base64 of a JSON object.' };
  if (headers['host'] === undefined) return { ok: false, message: 'The header has no host.' };
  return { ok: true, headers };
}

/**
 * The headers a connection brings: in the subprotocol `header-<base64url>`, else in the query string as
 * `header` and `payload`, both base64, the payload an empty object.
 */
export function readConnectHeaders(request: IncomingMessage): ConnectHeaders {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  if (!offered.includes(protocolName)) return { ok: false, message: 'NoProtocolError' };
  const subprotocol = offered.find((name) => name.startsWith('header-'));
  if (subprotocol !== undefined) return decodeHeaders(subprotocol.slice('header-'.length));

  const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  const header = query.get('header');
  if (header === null)
    return {
      ok: false,
      message: 'Both, the "header", and the "payload" query string parameters are missing',
    };
  // Base64 that was put into the URL as it is has its plus signs read as spaces.
  const payload = decode((query.get('payload') ?? '').replaceAll(' ', '+'));
  if (JSON.stringify(payload) !== '{}') return { ok: false, message: 'The payload is not an empty object.' };
  return decodeHeaders(header.replaceAll(' ', '+'));
}
