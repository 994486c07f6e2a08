import { DomainError } from '../domain/errors.ts';
import { Unsettled, unsettledBy } from './unsettled.ts';

export interface SettleOptions {
  /** Tries in all. */
  readonly attempts?: number;
  /** Milliseconds; the n-th wait is random below `min(longestWaitMs, firstWaitMs * 2^n)`. */
  readonly firstWaitMs?: number;
  readonly longestWaitMs?: number;
  readonly sleep?: (ms: number) => Promise<void>;
  readonly random?: () => number;
}

/**
 * Runs a round of read, decide and write until it settles: when the write finds its rows changed, meets another
 * transaction, is throttled or has an unknown outcome, the whole round runs again, so that it decides on what is
 * there now. A round must therefore do its own reading. Ten tries in about three seconds.
 *
 * @throws DomainError busy when no try settles, and whatever `round` throws that trying again cannot mend.
 */
export async function settle<T>(
  round: (attempt: number) => Promise<T>,
  options: SettleOptions = {},
): Promise<T> {
  const {
    attempts = 10,
    firstWaitMs = 20,
    longestWaitMs = 800,
    sleep = wait,
    random = Math.random,
  } = options;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await round(attempt);
    } catch (error) {
      const unsettled = unsettledBy(error);
      if (unsettled === undefined) throw error;
      if (attempt >= attempts) throw busy(unsettled, attempt);
      await sleep(random() * Math.min(longestWaitMs, firstWaitMs * 2 ** attempt));
    }
  }
}

function busy(last: Unsettled, attempts: number): DomainError {
  const error = new DomainError('busy', 'Too much is going on at once; please try again', {
    reason: last.reason,
    attempts,
  });
  error.cause = last;
  return error;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
