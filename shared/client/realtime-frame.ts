import { isObject } from './json-object.ts';

/** A frame of AppSync's real-time protocol, as far as it is read. */
export interface Frame {
  readonly type: string;
  readonly id: string | undefined;
  readonly connectionTimeoutMs: number | undefined;
  readonly data: unknown;
  /** The first of its errors, of a frame that tells of any. */
  readonly error: FrameError;
}

export interface FrameError {
  readonly errorType: string | undefined;
  readonly message: string | undefined;
}

/** The frame that a message holds; undefined when it holds none. */
export function readFrame(text: string): Frame | undefined {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(frame) || typeof frame.type !== 'string') return undefined;
  const payload = isObject(frame.payload) ? frame.payload : {};
  const timeout = payload.connectionTimeoutMs;
  // AppSync has been seen to send one error without its list.
  const [first]: unknown[] = [payload.errors].flat();
  const error = isObject(first) ? first : {};
  return {
    type: frame.type,
    id: textOf(frame.id),
    connectionTimeoutMs: typeof timeout === 'number' && timeout > 0 ? timeout : undefined,
    data: payload.data,
    error: { errorType: textOf(error.errorType), message: textOf(error.message) },
  };
}

/** An error in words. */
export function describe({ errorType = 'Error', message = 'no message' }: FrameError): string {
  return `${errorType}: ${message}`;
}

const ofToken = new Set(['UnauthorizedException', 'NotAuthorizedException']);

/**
 * Whether the token is what the server would not take. Refusing what the bearer asks for is `Unauthorized`: that is
 * the resolver's. A connection asks for nothing yet, so there it is the token's as well.
 */
export function isOfToken({ errorType = '', message = '' }: FrameError, connecting = false): boolean {
  // AppSync has been seen to send the name with its namespace.
  const type = errorType.slice(errorType.indexOf('#') + 1);
  return (
    ofToken.has(type) || (connecting && type === 'Unauthorized') || /token (has )?expired/i.test(message)
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
