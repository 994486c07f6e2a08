import type { IncomingMessage } from 'node:http';

/** What became of reading a request's body. `aborted`: the client went away, nobody is left to answer. */
export type BodyResult =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly reason: 'too-large' | 'timed-out' | 'aborted' };

/** Reads a whole body of at most `limitBytes`, waiting at most `timeoutMs` for all of it. Never rejects. */
export function readBody(
  request: IncomingMessage,
  { limitBytes, timeoutMs }: { limitBytes: number; timeoutMs: number },
): Promise<BodyResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;

    const finish = (result: BodyResult): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('close', onClose);
      resolve(result);
    };
    const onData = (chunk: Buffer): void => {
      size += chunk.length;
      if (size > limitBytes) finish({ ok: false, reason: 'too-large' });
      else chunks.push(chunk);
    };
    const onEnd = (): void => finish({ ok: true, bytes: Buffer.concat(chunks) });
    const onClose = (): void => finish({ ok: false, reason: 'aborted' });
    const timer = setTimeout(() => finish({ ok: false, reason: 'timed-out' }), timeoutMs);

    if (Number(request.headers['content-length'] ?? 0) > limitBytes) {
      finish({ ok: false, reason: 'too-large' });
      return;
    }
    if (request.destroyed) {
      finish({ ok: false, reason: 'aborted' });
      return;
    }
    request.on('data', onData).on('end', onEnd).on('close', onClose);
  });
}
