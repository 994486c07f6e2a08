import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamPoller } from '../../infra/local/streams/stream-poller.ts';
import { quiet } from '../../infra/local/streams/stream-quiet.ts';

/** Milliseconds in which most changes arrive, so that the streams are asked only about those that may be lost. */
const USUAL_MS = 1_000;

/** Milliseconds from the end of a stream to a subscriber, and to a page that then reads again. */
const LAST_STEP_MS = 1_000;

/** That what has not arrived will not come any more. */
export interface TooLate {
  /** Resolves once it is too late; never after `end`. */
  readonly comes: Promise<void>;
  readonly isHere: () => boolean;
  /** To be called when nobody waits any more. */
  end(): void;
}

/**
 * Begins to wait for what was done until now. It is too late when the streams have been empty for a moment, where they
 * are of this process and can be asked, and in any case after `timeoutMs`.
 */
export function awaitTooLate(timeoutMs: number, pollers?: readonly StreamPoller[]): TooLate {
  const ending = new AbortController();
  let here = false;
  const pause = (ms: number) => sleep(ms, undefined, { signal: ending.signal });
  const lost = async (streams: readonly StreamPoller[]) => {
    await pause(USUAL_MS);
    await quiet(streams, { timeoutMs });
    await pause(LAST_STEP_MS);
  };
  const comes = new Promise<void>((resolve) => {
    const arrive = () => {
      if (ending.signal.aborted) return;
      here = true;
      resolve();
      ending.abort();
    };
    // What ends early or finds no quiet says nothing: the time alone decides then.
    const ignore = () => undefined;
    pause(timeoutMs).then(arrive, ignore);
    if (pollers !== undefined) lost(pollers).then(arrive, ignore);
  });
  return { comes, isHere: () => here, end: () => ending.abort() };
}
