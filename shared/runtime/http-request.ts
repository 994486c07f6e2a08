import * as z from 'zod';
import { DomainError } from '../domain/errors.ts';

/** Bytes of the largest body that is read. */
export const LARGEST_BODY = 256 * 1024;

/** What is used of an HTTP API's event, payload 2.0. */
export const HttpEventSchema = z.object({
  headers: z.record(z.string(), z.string()).default({}),
  rawPath: z.string().default(''),
  pathParameters: z.record(z.string(), z.string()).optional(),
  queryStringParameters: z.record(z.string(), z.string()).optional(),
  body: z.string().optional(),
  isBase64Encoded: z.boolean().default(false),
  requestContext: z.object({
    requestId: z.string().min(1),
    domainName: z.string().default('localhost'),
    authorizer: z
      .object({ jwt: z.object({ claims: z.record(z.string(), z.unknown()) }).optional() })
      .optional(),
  }),
});
export type HttpEvent = z.infer<typeof HttpEventSchema>;

/**
 * Parses a part of a request, or what is at a place in its body.
 *
 * @throws DomainError invalid_request whose details name every field that is wrong, e.g.
 * `body.outline.chapters.0.title`.
 */
export function parsePart<Schema extends z.ZodType>(
  part: 'path' | 'query' | 'header' | 'body' | `body.${string}`,
  schema: Schema,
  value: unknown,
): z.output<Schema> {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.flatMap((issue) => {
    const at = [part, ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [[at.join('.'), issue.message]];
    return issue.keys.map((key) => [[...at, key].join('.'), 'is not known here']);
  });
  const fields = wrong
    .slice(0, 20)
    .map(([field = part, message = 'is wrong']) => [field.slice(0, 200), message]);
  throw new DomainError('invalid_request', 'The request is not valid', Object.fromEntries(fields));
}

/**
 * The body of a request as its schema reads it; undefined for an operation without one.
 *
 * @throws DomainError body_too_large, invalid_request
 */
export function parseBody<Schema extends z.ZodType>(
  schema: Schema | undefined,
  event: HttpEvent,
): z.output<Schema>;
export function parseBody(schema: z.ZodType | undefined, event: HttpEvent): unknown {
  return schema === undefined ? undefined : parsePart('body', schema, jsonOf(bodyBytes(event)));
}

/** The body to the byte. @throws DomainError body_too_large */
export function bodyBytes({ body = '', isBase64Encoded }: HttpEvent): Buffer {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length <= LARGEST_BODY) return bytes;
  throw new DomainError('body_too_large', `The body may have at most ${LARGEST_BODY} bytes`);
}

/** Half a character, which only an escape can smuggle in, cannot be stored. */
function wellFormed(_key: string, value: unknown): unknown {
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new SyntaxError('Half a character');
  return value;
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes), wellFormed);
  } catch {
    throw new DomainError('invalid_request', 'The body is not JSON in UTF-8', { body: 'must be JSON' });
  }
}
