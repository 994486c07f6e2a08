import type { RowChange } from '../contracts/publish.ts';
import { ApiError } from './api.ts';
import { applyChange, keepNewest } from './apply-change.ts';
import { keepSame } from './keep-same.ts';
import type { ChangeEvent, TopicListener } from './shared-topics.ts';
import { toldChanges } from './told-changes.ts';
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
   * for what an event does not carry), `reloaded` for what was read, and `state` where only `live` is another: the
   * view is shown on, but what changes is not told any more.
   */
  readonly cause: 'loaded' | 'event' | 'reloaded' | 'state';
  /** Whether whatever changed after the view was read has been told, or will be. */
  readonly live: boolean;
  /** Whether the view was read after everything that was told of it, late enough for the indexes it is read by. */
  readonly confirmed: boolean;
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
  /** Tables whose rows it finds by an index, which may lag behind what was told without anything read saying so. */
  readonly lagging: readonly string[];
  readonly times: WatchTimes;
  /** In [0, 1): regular reads come up to a fifth sooner by it, so that pages cut off together do not poll together. */
  readonly random: () => number;
  readonly onUpdate: (update: ViewUpdate<View>) => void;
  readonly onError: (error: unknown) => void;
}

/** How often a view is read again at once because it does not show yet what was told. */
const MOST_CATCH_UPS = 5;
const FIRST_CATCH_UP_MS = 100;

/** A view that shows already what was told is read again so much later, after those that have to be read for it. */
const CONFIRM_MS = 250;

/** A row that was just told of is in the indexes by then, most often long before. */
const INDEXED_MS = 2000;

const FIRST_RETRY_MS = 1000;

/** A first read that takes longer, when the connection comes up, may be one that the network swallowed. */
const SLOW_MS = 5000;

/** What takes longer than the API lets any call take is not coming any more: the network swallowed it. */
const PATIENCE_MS = 30_000;

/**
 * Keeps one view. One request at most is under way; what happens meanwhile is followed by one more, however much
 * it is, so that the last read is always later than the last event.
 */
export function watchView<View extends ViewName>(
  watching: Watching<View>,
): TopicListener & { close(): void } {
  const { view, read, lagging, times, random, onUpdate, onError } = watching;
  const told = toldChanges();
  let base: { readonly body: ViewData<View>; readonly etag: string | undefined } | undefined;
  let shown: ViewData<View> | undefined;
  let shownLive = false;
  let shownAt = new Date();
  let connected = false;
  let wasConnected = false;
  // Whether the connection was up since before the read that is under way.
  let readLive = false;
  let started = false;
  let reading = false;
  let again = false;
  let closed = false;
  let catchUps = 0;
  // Until then an index may lack what was told, or what no event told.
  let lagsUntil = 0;
  // How much was told, and how much of that before the read that is under way.
  let heard = 0;
  let heardBefore = 0;
  let confirmed = false;
  let failures = 0;
  // Whether the next read waits because the last one failed in a way that may pass.
  let backingOff = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let dueAt = 0;
  let underWay: AbortController | undefined;
  let readSince = 0;

  function tell(cause: ViewUpdate<View>['cause'], event?: ChangeEvent): void {
    if (shown === undefined || closed) return;
    if (cause !== 'state') shownAt = new Date();
    const update = { view, data: shown, etag: base?.etag, at: shownAt, cause, live: shownLive, confirmed };
    try {
      onUpdate({ ...update, ...(event && { event }) });
    } catch (error) {
      // The page's mistake must not end the watch.
      onError(error);
    }
  }

  /** What is shown stays as it is, but may be out of date from now on. */
  function noLongerLive(): void {
    if (!shownLive) return;
    shownLive = false;
    tell('state');
  }

  function readIn(ms: number): void {
    clearTimeout(timer);
    dueAt = Date.now() + ms;
    if (!closed) timer = setTimeout(refresh, ms);
  }

  function readRegularly(): void {
    readIn((connected ? times.revalidateMs : times.pollMs) * (1 - random() / 5));
  }

  function readLater(caughtUp: boolean): void {
    if (!caughtUp && catchUps < MOST_CATCH_UPS) {
      readIn(FIRST_CATCH_UP_MS * 2 ** catchUps);
      catchUps += 1;
    } else if (readSince < lagsUntil) readIn(Math.max(0, lagsUntil - Date.now()));
    else readRegularly();
  }

  function refresh(): void {
    again = reading;
    if (reading || closed) return;
    clearTimeout(timer);
    started = reading = true;
    backingOff = false;
    readLive = connected;
    heardBefore = heard;
    readSince = Date.now();
    void settle();
  }

  /** A busy server is not asked the sooner for what it tells: the next try is later than that anyway. */
  function refreshUnlessBusy(): void {
    if (!backingOff) refresh();
  }

  /** What is under way, or comes sooner anyway, confirms it as well, or is followed by what does. */
  function confirmSoon(): void {
    if (!reading && !backingOff && dueAt > Date.now() + CONFIRM_MS) readIn(CONFIRM_MS);
  }

  async function settle(): Promise<void> {
    const attempt = (underWay = new AbortController());
    const patience = setTimeout(() => attempt.abort(new Error(`${view}: no reply in time`)), PATIENCE_MS);
    try {
      const result = await read(base?.etag, attempt.signal);
      if (closed || attempt !== underWay) return;
      reading = false;
      accept(result);
    } catch (error) {
      if (closed || attempt !== underWay) return;
      reading = false;
      fail(error);
    } finally {
      clearTimeout(patience);
    }
  }

  /** An index may lack a row that is new to the view; one that is shown proves by its version how old a reply is. */
  function mayLag(
    event: ChangeEvent,
    news: readonly RowChange[],
    before: ViewData<View> | undefined,
  ): boolean {
    if (event.rows.length === 0) return lagging.length > 0;
    const isNew = (row: RowChange) => before === undefined || applyChange(view, before, [row]) === before;
    return news.some((row) => lagging.includes(row.table) && isNew(row));
  }

  /** The connection is back: whatever waits or hangs does so for a network that is gone. */
  function readAnew(): void {
    failures = 0;
    if (reading && (wasConnected || Date.now() - readSince > SLOW_MS)) {
      underWay?.abort();
      underWay = undefined;
      reading = false;
    }
    wasConnected = true;
    refresh();
  }

  function accept(result: Awaited<ReturnType<ViewReader<View>>>): void {
    const known = result ?? base;
    if (known === undefined) throw new Error(`${view}: not modified, but nothing is known`);
    const { body, etag } = known;
    // Only what is shown has all that was told of a row: a change tells just what differs from the one before.
    const newest = shown === undefined ? body : keepNewest(view, body, shown);
    const next = applyChange(view, newest, told.all());
    base = { body, etag };
    const cause = shown === undefined ? 'loaded' : 'reloaded';
    const caughtUp = next === body;
    const confirms = caughtUp && heardBefore === heard && readSince >= lagsUntil;
    const differs =
      result !== undefined || shownLive !== readLive || failures > 0 || (confirms && !confirmed);
    shown = shown === undefined ? next : keepSame(shown, next);
    shownLive = readLive;
    confirmed = confirms;
    failures = 0;
    if (caughtUp) catchUps = 0;
    if (!again) readLater(caughtUp);
    if (heardBefore < heard) confirmSoon();
    if (differs) tell(cause);
    if (again) refresh();
  }

  function fail(error: unknown): void {
    failures += 1;
    const backoff = Math.min(times.pollMs, FIRST_RETRY_MS * 2 ** (failures - 1));
    const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
    backingOff = !isRefusal(error);
    if (!backingOff && !again) readIn(Math.max(times.revalidateMs, asked));
    else readIn(Math.max(backoff, asked));
    onError(error);
    // What the read was for, an event perhaps, is not shown until one succeeds.
    noLongerLive();
  }

  return {
    connected(isUp) {
      const isBack = isUp && !connected;
      connected = isUp;
      if (!isUp) readLive = false;
      else if (lagging.length > 0) lagsUntil = Date.now() + INDEXED_MS;
      // What came before the connection was up is in no event.
      if (isBack) readAnew();
      else if (isUp || !started) refreshUnlessBusy();
      // What is due sooner stays so, and a busy server is not asked the sooner for it.
      else if (!reading && !backingOff && dueAt > Date.now() + times.pollMs) readRegularly();
      if (!isUp) noLongerLive();
    },
    hear(event) {
      if (closed || !event.views.some((each) => each === view)) return;
      const news = told.take(event.rows);
      // An event that comes again, or after a newer one.
      if (news.length === 0 && event.rows.length > 0) return;
      catchUps = 0;
      heard += 1;
      confirmed = false;
      const before = shown;
      // All of it: of two rows that tell of the same, what came before may be the newer.
      if (shown !== undefined) shown = applyChange(view, shown, told.all());
      if (mayLag(event, news, before)) lagsUntil = Date.now() + INDEXED_MS;
      tell('event', event);
      if (shown === before) refreshUnlessBusy();
      else confirmSoon();
    },
    close() {
      closed = true;
      clearTimeout(timer);
      underWay?.abort();
    },
  };
}

/** Whether the same request would be refused again: it is wrong, not the moment. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500 && ![408, 425, 429].includes(error.status);
}
