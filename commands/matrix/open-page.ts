import { WebSocket } from 'ws';
import type { SyncClient } from '../../shared/client/sync-client.ts';
import type { ViewData, ViewName, WatchTarget } from '../../shared/client/watched-views.ts';
import type { RowChange } from '../../shared/contracts/publish.ts';
import type { Lab } from './lab.ts';
import { awaitTooLate, type TooLate } from './too-late.ts';

/** A page as a browser has it open: what keeps it connected, and what it shows. */

/** A connection that can be cut, and then stays down until it is mended: without a token a client can do nothing. */
export function cuttable(token: string) {
  const sockets = new Set<WebSocket>();
  let online = Promise.resolve();
  let mend = () => undefined;
  return {
    WebSocket: class extends WebSocket {
      constructor(...given: ConstructorParameters<typeof WebSocket>) {
        super(...given);
        sockets.add(this);
      }
    },
    token: () => online.then(() => token),
    cut() {
      online = new Promise((resolve) => {
        mend = () => void resolve();
      });
      for (const socket of sockets) socket.terminate();
    },
    mend: () => mend(),
  };
}

interface Shown<View extends ViewName> {
  readonly data: ViewData<View>;
  readonly live: boolean;
}

/** A page that shows a view. */
export function openPage<View extends ViewName>(lab: Lab, client: SyncClient, target: WatchTarget<View>) {
  let shown: Shown<View> | undefined;
  const heard: RowChange[] = [];
  const waiting = new Set<() => void>();
  client.watch(target, (update) => {
    shown = update;
    heard.push(...(update.event?.rows ?? []));
    for (const look of waiting) look();
  });

  /** Milliseconds until the page passes the test; undefined when it does not before it is too late. */
  async function until(tooLate: TooLate, test: (shown: Shown<View>) => boolean): Promise<number | undefined> {
    const since = performance.now();
    const passes = new Promise<number>((resolve) => {
      const look = () => {
        if (shown === undefined || !test(shown)) return;
        waiting.delete(look);
        resolve(performance.now() - since);
      };
      waiting.add(look);
      look();
    });
    try {
      return await Promise.race([passes, tooLate.comes.then(() => undefined)]);
    } finally {
      tooLate.end();
    }
  }

  return {
    shows: (test: (data: ViewData<View>) => boolean) => shown !== undefined && test(shown.data),
    /** Until it shows something that was done just now, and `told` holds. */
    comesToShow: (test: (data: ViewData<View>) => boolean, told: () => boolean) =>
      until(lab.tooLate(), ({ data }) => test(data) && told()),
    // No stream leads here, so that an empty one says nothing.
    goesLive: () => until(awaitTooLate(lab.timeoutMs), ({ live }) => live),
    /** Whether it was told of such a row. */
    heard: (test: (row: RowChange) => boolean) => heard.some(test),
    /** Takes what it shows from its next update on. */
    forget() {
      shown = undefined;
    },
  };
}
