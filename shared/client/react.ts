import { useMemo, useSyncExternalStore } from 'react';
import type { SyncClient } from './sync-client.ts';
import { viewSource } from './view-source.ts';
import type { ViewUpdate } from './view-watch.ts';
import type { ViewName, WatchTarget } from './watched-views.ts';

/**
 * A view that is kept in step for as long as the component is mounted: its last update, undefined before the first and
 * without a client. The target may be written in place; another watch begins only when it asks for something else.
 */
export function useView<View extends ViewName>(
  client: SyncClient | undefined,
  target: WatchTarget<View>,
): ViewUpdate<View> | undefined {
  const asked = JSON.stringify(target);
  // Equal targets, which a page writes anew at each rendering, share the source of the first.
  const source = useMemo(() => viewSource(client, target), [client, asked]);
  return useSyncExternalStore(source.subscribe, source.current, source.current);
}
