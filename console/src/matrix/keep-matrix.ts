import type { ViewName } from '../../../shared/client/watched-views.ts';
import type { Actions, AnyUpdate } from '../actions.ts';
import { cellsOf, watchedCells, type Arrival, type Deed, type SeenCell, type Watched } from './seen-cells.ts';

/** What was seen until now. */
export interface Matrix {
  readonly cells: ReadonlyMap<string, SeenCell>;
  /** Cells that hold now and have no latency. */
  readonly watched: ReadonlySet<string>;
}

export interface MatrixKeeper {
  /** Everything that was done and took effect, the newest last. */
  did(deeds: readonly Deed[]): void;
  /** An update of a view; a row may be told of before the reply to what changed it. */
  hear(update: AnyUpdate): void;
  /** The same object until something is new. */
  matrix(): Matrix;
  subscribe(listener: () => void): () => void;
}

/** Enough for what is still on its way. */
const MOST_ARRIVALS = 2000;
const MOST_DEEDS = 20;
/** As many payments of whomever: they must not push out what was done here. */
const MOST_PAID = 20;
/** The client reads a view for as long at most: what it shows anew after that is something else. */
const LONGEST_READ_MS = 30_000;

/** What the provider of payments says that somebody paid is caused by. */
const PAYMENT_EVENT = /^evt_/;

/** Follows what is done and what arrives, whatever page is open. `now` is in milliseconds since 1970. */
export function keepMatrix(now: () => number): MatrixKeeper {
  const listeners = new Set<() => void>();
  const views = new Map<ViewName, Watched>();
  const shown = new Map<ViewName, unknown>();
  let deeds: readonly Deed[] = [];
  const paid = new Map<string, Deed>();
  let arrivals: Arrival[] = [];
  let matrix: Matrix = { cells: new Map(), watched: new Set() };

  function look(): void {
    const cells = new Map(matrix.cells);
    for (const deed of [...deeds, ...paid.values()]) {
      for (const cell of cellsOf(deed, arrivals)) {
        if ((cells.get(cell.id)?.startedAt ?? 0) <= cell.startedAt) cells.set(cell.id, cell);
      }
    }
    matrix = { cells, watched: new Set(watchedCells(views)) };
    for (const listener of listeners) listener();
  }

  /** Somebody pays on a page of the provider: that is done when the school hears of it, by the school's clock. */
  function notePayment({ row }: Arrival): void {
    const { causedBy, causedAt, table, values } = row;
    if (table !== 'enrollments' || values.status !== 'active' || !PAYMENT_EVENT.test(causedBy)) return;
    const at = Date.parse(causedAt);
    paid.set(causedBy, { names: ['Payment Enrollment'], requestId: causedBy, startedAt: at, repliedAt: at });
    const oldest = paid.size > MOST_PAID ? paid.keys().next().value : undefined;
    if (oldest !== undefined) paid.delete(oldest);
  }

  function noteShown(view: ViewName, at: number): void {
    arrivals = arrivals.map((each) =>
      each.view === view && each.shownAt === undefined && at - each.at <= LONGEST_READ_MS
        ? { ...each, shownAt: at }
        : each,
    );
  }

  return {
    did(all) {
      const latest = all.slice(-MOST_DEEDS);
      const isKnown = latest.every(({ requestId }, index) => deeds[index]?.requestId === requestId);
      if (isKnown && latest.length === deeds.length) return;
      deeds = latest;
      look();
    },
    hear({ view, data, cause, live, confirmed, event }) {
      const at = now();
      const differs = shown.get(view) !== data;
      shown.set(view, data);
      const before = views.get(view);
      views.set(view, {
        loaded: before?.loaded === true || live,
        pushed: before?.pushed === true || (live && cause === 'event'),
        live,
      });
      if (cause === 'event' && event !== undefined) {
        const told = event.rows.map((row): Arrival => ({ view, row, at, ...(differs && { shownAt: at }) }));
        arrivals = [...arrivals, ...told].slice(-MOST_ARRIVALS);
        for (const each of told) notePayment(each);
      } else if (differs || confirmed) noteShown(view, at);
      look();
    },
    matrix: () => matrix,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** The matrix of what is done and arrives in this console from now on. */
export function followActions(actions: Actions): MatrixKeeper {
  const keeper = keepMatrix(() => performance.timeOrigin + performance.now());
  actions.subscribe(() => keeper.did(deedsOf(actions)));
  actions.onEvent((update) => keeper.hear(update));
  return keeper;
}

function deedsOf(actions: Actions): Deed[] {
  return actions.records().flatMap(({ name, alsoNamed, startedAt, repliedAt, requestId, failed }) => {
    if (failed || repliedAt === undefined || requestId === undefined) return [];
    return [{ names: [name, ...alsoNamed], requestId, startedAt, repliedAt }];
  });
}
