import type { SyncClient } from './sync-client.ts';
import type { ViewUpdate } from './view-watch.ts';
import type { ViewName, WatchTarget } from './watched-views.ts';

/** A view as an external store: what it shows now, and who wants to hear that this changed. */
export interface ViewSource<View extends ViewName> {
  /** Watches the view until the returned function is called; all listeners share one watch. */
  subscribe(listener: () => void): () => void;
  /** The last update; the same one until the next. Undefined before the first. */
  current(): ViewUpdate<View> | undefined;
}

/** The view is watched only while somebody listens. Without a client there is nothing to see. */
export function viewSource<View extends ViewName>(
  client: SyncClient | undefined,
  target: WatchTarget<View>,
): ViewSource<View> {
  // Entries rather than the listeners themselves, of which one may listen twice.
  const listening = new Set<{ readonly tell: () => void }>();
  let last: ViewUpdate<View> | undefined;
  let stop: (() => void) | undefined;

  return {
    subscribe(listener) {
      const entry = { tell: listener };
      listening.add(entry);
      stop ??= client?.watch(target, (update) => {
        last = update;
        for (const { tell } of listening) tell();
      });
      return () => {
        listening.delete(entry);
        if (listening.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
    current: () => last,
  };
}
