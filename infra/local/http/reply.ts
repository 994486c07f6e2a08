import {
  type IncomingMessage,
  type ServerResponse,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http';

/** An answer ready to be sent. A header may occur several times (`set-cookie`). */
export interface Reply {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  /** Close the connection afterwards, because the rest of the request was not read. */
  readonly close?: boolean;
}

/** A JSON answer. */
export function jsonReply(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
  contentType = 'application/json',
): Reply {
  return {
    status,
    headers: [['content-type', contentType], ...Object.entries(headers)],
    body: Buffer.from(JSON.stringify(value)),
  };
}

/**
 * Sends a reply, without a body where HTTP forbids one (HEAD, 204, 304). Throws, with nothing sent, when a
 * header's name or value cannot be written.
 */
export function sendReply(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const lines = new Map<string, string[]>();
  for (const [name, value] of reply.headers) {
    const key = name.toLowerCase();
    validateHeaderName(key);
    validateHeaderValue(key, value);
    lines.set(key, [...(lines.get(key) ?? []), value]);
  }
  const bodiless = reply.status === 204 || reply.status === 304;
  if (!bodiless) lines.set('content-length', [String(reply.body.length)]);
  if (reply.close === true) lines.set('connection', ['close']);
  if (response.destroyed || response.headersSent) return;
  response.statusCode = reply.status;
  for (const [name, values] of lines)
    response.setHeader(name, values.length === 1 ? (values[0] ?? '') : values);
  response.end(bodiless || request.method === 'HEAD' ? undefined : reply.body);
}
