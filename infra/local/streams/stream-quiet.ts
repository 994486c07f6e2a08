import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamPoller } from './stream-poller.ts';

/**
 * Resolves when nothing is left in any stream, also where functions write to streams that others read.
 *
 * A round is calm when nothing was waiting before it, every poller then polled anew to the end of its shards,
 * and until all had answered nobody read, finished or was woken. Functions only run for records that are
 * waiting, so in a calm round no function ran: all their writes were before the polls, and the polls saw none.
 * Two calm rounds in a row are asked for. Requests still under way (HTTP, schedules) are the caller's matter.
 *
 * Rejects after `timeoutMs` (default 2 min), naming the mappings that are not quiet and why.
 */
export async function quiet(
  pollers: readonly StreamPoller[],
  { timeoutMs = 120_000 }: { readonly timeoutMs?: number } = {},
): Promise<void> {
  const timeout = new AbortController();
  const expired = sleep(timeoutMs, 'expired' as const, { signal: timeout.signal }).catch(
    () => 'done' as const,
  );
  let over = false;

  async function settle(): Promise<'quiet'> {
    for (let calm = 0; calm < 2 && !over;) {
      calm = (await isCalm(pollers)) ? calm + 1 : 0;
      if (calm > 0) continue;
      await Promise.all(pollers.map((poller) => poller.drained()));
      // A mapping that cannot poll, or was stopped, answers at once: let the time pass, and others have their turn.
      if (pollers.some((poller) => poller.problem !== undefined || poller.waiting() > 0)) await sleep(20);
    }
    return 'quiet';
  }

  const outcome = await Promise.race([settle(), expired]);
  over = true;
  timeout.abort();
  if (outcome === 'expired')
    throw new Error(`Streams are not quiet after ${timeoutMs} ms: ${describe(pollers)}`);
}

async function isCalm(pollers: readonly StreamPoller[]): Promise<boolean> {
  const before = pollers.map((poller) => poller.activity());
  if (pollers.some((poller) => poller.waiting() > 0)) return false;
  const ends = await Promise.all(pollers.map((poller) => poller.pollNow()));
  return (
    ends.every(Boolean) &&
    pollers.every((poller, index) => poller.waiting() === 0 && poller.activity() === before[index])
  );
}

function describe(pollers: readonly StreamPoller[]): string {
  const busy = pollers.filter((poller) => !poller.idle() || poller.problem !== undefined);
  return busy
    .map(({ mapping, waiting, problem }) =>
      [mapping.logicalId, `${waiting()} waiting`, ...(problem === undefined ? [] : [problem])].join(', '),
    )
    .join('; ');
}
