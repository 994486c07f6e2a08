import type { RowChange } from '../contracts/publish.ts';
import { ApiError } from './api.ts';
import { applyChange, keepNewest } from './apply-change.ts';
import type { ChangeEvent, TopicListener } from './shared-topics.ts';
import type { ViewData, ViewName, ViewReader } from './watched-views.ts';

/** A view as it is to be shown now. */
export interface ViewUpdate<View extends ViewName> {
  readonly view: View;
  readonly data: ViewData<View>;
  /** Of the view as it was last read; the rows that events told of since are newer. */
  readonly etag: string | undefined;
  /** When the data came to be so here. */
  readonly at: Date;
  /**
   * `loaded` the first time, then `event` for what was told (the data may be the same: the view is read again
   * for what an event does not carry), `reloaded` for what was read.
   */
  readonly cause: 'loaded' | 'event' | 'reloaded';
  /** Whether whatever changed after the view was read has been told, or will be. */
  readonly live: boolean;
  readonly event?: ChangeEvent;
}

/** Milliseconds. */
export interface WatchTimes {
  /** Between two reads of a view that is live: events may be lost. */
  readonly revalidateMs: number;
  /** Between two reads while it is not. */
  readonly pollMs: number;
}

interface Watching<View extends ViewName> {
  readonly view: View;
  readonly read: ViewReader<View>;
  readonly times: WatchTimes;
  readonly onUpdate: (update: ViewUpdate<View>) => void;
  readonly onError: (error: unknown) => void;
}

/** How often a view is read again at once because it does not show yet what was told. */
const MOST_CATCH_UPS = 5;
const FIRST_CATCH_UP_MS = 100;

const FIRST_RETRY_MS = 1000;

/** Changes that are remembered of a view: enough for what is told while one read is under way. */
const MOST_CHANGES = 1000;

/**
 * Keeps one view. One request at most is under way; what happens meanwhile is followed by one more, however much
 * it is, so that the last read is always later than the last event.
 */
export function watchView<View extends ViewName>(
  watching: Watching<View>,
): TopicListener & { close(): void } {
  const { view, read, times, onUpdate, onError } = watching;
  // By table and key, the least recently told first.
  const changes = new Map<string, RowChange>();
  let base: { readonly body: ViewData<View>; readonly etag: string | undefined } | undefined;
  let shown: ViewData<View> | undefined;
  let shownLive = false;
  let connected = false;
  // Whether the connection was up since before the read that is under way.
  let readLive = false;
  let started = false;
  let reading = false;
  let again = false;
  let closed = false;
  let catchUps = 0;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function tell(cause: ViewUpdate<View>['cause'], event?: ChangeEvent): void {
    if (shown === undefined || closed) return;
    const update = { view, data: shown, etag: base?.etag, at: new Date(), cause, live: shownLive };
    try {
      onUpdate({ ...update, ...(event && { event }) });
    } catch (error) {
      // The page's mistake must not end the watch.
      onError(error);
    }
  }

  function readIn(ms: number): void {
    clearTimeout(timer);
    if (!closed) timer = setTimeout(refresh, ms);
  }

  function readRegularly(): void {
    readIn(connected ? times.revalidateMs : times.pollMs);
  }

  function refresh(): void {
    again = reading;
    if (reading || closed) return;
    clearTimeout(timer);
    started = reading = true;
    readLive = connected;
    void settle();
  }

  async function settle(): Promise<void> {
    try {
      const result = await read(base?.etag);
      reading = false;
      if (!closed) accept(result);
    } catch (error) {
      reading = false;
      if (!closed) fail(error);
    }
  }

  function accept(result: Awaited<ReturnType<ViewReader<View>>>): void {
    if (result !== undefined) base = { body: result.body, etag: result.etag };
    if (base === undefined) throw new Error(`${view}: not modified, but nothing is known`);
    const told = applyChange(view, base.body, [...changes.values()]);
    const next = shown === undefined ? told : keepNewest(view, told, shown);
    const cause = shown === undefined ? 'loaded' : 'reloaded';
    const differs = result !== undefined || shownLive !== readLive;
    shown = next;
    shownLive = readLive;
    failures = 0;
    if (differs) tell(cause);
    const caughtUp = next === base.body;
    if (caughtUp) catchUps = 0;
    if (again) refresh();
    else if (caughtUp || catchUps === MOST_CATCH_UPS) readRegularly();
    else {
      readIn(FIRST_CATCH_UP_MS * 2 ** catchUps);
      catchUps += 1;
    }
  }

  function fail(error: unknown): void {
    onError(error);
    failures += 1;
    const backoff = Math.min(times.pollMs, FIRST_RETRY_MS * 2 ** (failures - 1));
    const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    if (isRefusal(error) && !again) readIn(Math.max(times.revalidateMs, asked));
    else readIn(Math.max(backoff, asked));
  }

  return {
    connected(isUp) {
      connected = isUp;
      if (!isUp) readLive = shownLive = false;
      // What came before the connection was up is in no event.
      if (isUp || !started) refresh();
      else if (!reading) readRegularly();
    },
    hear(event) {
      if (closed || !event.views.some((each) => each === view)) return;
      const news = event.rows.filter(
        (row) => row.version > (changes.get(`${row.table} ${row.key}`)?.version ?? -1),
      );
      // An event that comes again, or after a newer one.
      if (news.length === 0 && event.rows.length > 0) return;
      remember(news);
      catchUps = 0;
      if (shown !== undefined) shown = applyChange(view, shown, news);
      tell('event', event);
      refresh();
    },
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };

  function remember(news: readonly RowChange[]): void {
    for (const row of news) {
      const place = `${row.table} ${row.key}`;
      changes.delete(place);
      changes.set(place, row);
    }
    for (const place of changes.keys()) {
      if (changes.size <= MOST_CHANGES) break;
      changes.delete(place);
    }
  }
}

/** Whether the same request would be refused again: it is wrong, not the moment. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && ![408, 425, 429].includes(error.status);
}
