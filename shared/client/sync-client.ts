import { createApiClient } from './api.ts';
import type { WebSocketConstructor } from './realtime-socket.ts';
import { connectRealtime } from './realtime.ts';
import { shareTopics, type TopicState } from './shared-topics.ts';
import type { TokenSource } from './token-source.ts';
import { subjectOf } from './token-subject.ts';
import { watchView, type ViewUpdate, type WatchTimes } from './view-watch.ts';
import { watchedViews, type ViewName, type WatchTarget } from './watched-views.ts';

/** How views are kept: `idle` before the first watch; `live` only when every view that is watched is. */
export type SyncState = 'idle' | 'closed' | TopicState;

/** Where the school is and who asks. Times are in milliseconds. */
export interface SyncClientOptions extends Partial<WatchTimes> {
  /** Base address of the HTTP API. */
  readonly url: string;
  /** The GraphQL address for HTTP. */
  readonly graphqlUrl: string;
  readonly token: TokenSource;
  /** `WebSocket` of the browser or of `ws`. */
  readonly WebSocket: WebSocketConstructor;
  /** Whose the student views are: by default the `sub` of the token, and needed where the token is no JWT. */
  readonly userId?: string;
  /** By default the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  readonly onState?: (state: SyncState) => void;
  /**
   * What went wrong on the way: an `ApiError`, what `fetch` rejected with, a subscription that was refused. The
   * watch goes on and tries again. The view is missing where it concerns them all.
   */
  readonly onError?: (error: unknown, view?: ViewName) => void;
  /** The longest first wait before connecting again; it doubles up to 30 s. */
  readonly backoffMs?: number;
  /** In [0, 1), for the jitter of waits. */
  readonly random?: () => number;
}

/** Keeps views in step with the school. All watches share one connection, and one subscription for each topic. */
export interface SyncClient {
  /**
   * Shows a view from now on, until the returned function is called. It is read at once, after every
   * subscription (push begins there), after events that name it, and now and then; polled while nothing is
   * pushed. An older version of a row never follows a newer one.
   *
   * Requests: two at first, one of them conditional; one, conditional, for any number of events that come while
   * another is under way; up to five more while a reply lags behind what was told. Of a list that an index finds, one
   * more two seconds after it is live and after news of rows that it does not show: nothing read tells that they are
   * missing yet.
   */
  watch<View extends ViewName>(
    target: WatchTarget<View>,
    callback: (update: ViewUpdate<View>) => void,
  ): () => void;
  /** Ends every watch and the connection. */
  close(): void;
}

/** A client for browsers and Node that keeps the views of a page in step. */
export function createSyncClient(options: SyncClientOptions): SyncClient {
  const { url, graphqlUrl, token, WebSocket, fetch, backoffMs } = options;
  const onState = guarded(options.onState);
  const onError = guarded(options.onError);
  const { random = Math.random } = options;
  const times = { revalidateMs: options.revalidateMs ?? 60_000, pollMs: options.pollMs ?? 15_000 };
  const api = createApiClient({ url, token, fetch });
  const stops = new Set<() => void>();
  let state: SyncState = 'idle';

  function enter(next: SyncState): void {
    if (state === next || state === 'closed') return;
    state = next;
    onState(next);
  }

  const realtime = connectRealtime({
    url: graphqlUrl,
    token,
    WebSocket,
    backoffMs,
    refusedMs: times.revalidateMs,
    random,
    onState: (now) => {
      if (now === 'down') topics.lost();
    },
  });
  const topics = shareTopics({
    realtime,
    userId: async () => options.userId ?? subjectOf(typeof token === 'function' ? await token() : token),
    retryMs: times.pollMs,
    onState: (states) => enter(overall(states)),
    onError,
  });

  return {
    watch(target, callback) {
      if (state === 'closed') throw new Error('the sync client is closed');
      const { view } = target;
      const { topic, lagging = [], reader } = watchedViews[view];
      const watch = watchView({
        view,
        read: reader(api, target),
        lagging,
        times,
        random,
        onUpdate: callback,
        onError: (error) => onError(error, view),
      });
      const leave = topics.join(topic, watch);
      const stop = (): void => {
        stops.delete(stop);
        watch.close();
        leave();
      };
      stops.add(stop);
      return stop;
    },
    close() {
      enter('closed');
      for (const stop of stops) stop();
      topics.close();
      realtime.close();
    },
  };
}

/** What the page is told by. What it throws then is its own mistake, and reported as one: nothing here ends by it. */
function guarded<Told extends unknown[]>(callback: ((...told: Told) => void) | undefined) {
  return (...told: Told): void => {
    try {
      callback?.(...told);
    } catch (error) {
      const page: object = globalThis;
      if ('reportError' in page && typeof page.reportError === 'function') page.reportError(error);
      else console.error(error);
    }
  };
}

function overall(states: readonly TopicState[]): SyncState {
  if (states.length === 0) return 'idle';
  if (states.includes('polling')) return 'polling';
  return states.every((state) => state === 'live') ? 'live' : 'connecting';
}
