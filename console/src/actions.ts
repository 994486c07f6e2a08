import type { ViewUpdate } from '../../shared/client/view-watch.ts';
import type { ViewName } from '../../shared/client/watched-views.ts';

/** An update of one of the nine views; `useLiveView` has its data under its own type. */
export type AnyUpdate = Omit<ViewUpdate<ViewName>, 'data'> & { readonly data: unknown };

/** Something done in this console. Times are milliseconds since 1970, with fractions. */
export interface ActionRecord {
  /** Of this page, counted from 1. */
  readonly id: number;
  /** What was done: the name of the requirement's row where there is one, such as 'Direct Enrollment'. */
  readonly name: string;
  /** Further rows of the requirement that the same action is, such as 'Enroll Directly'. */
  readonly alsoNamed: readonly string[];
  readonly startedAt: number;
  /** When the reply came, good or bad. */
  readonly repliedAt?: number;
  /** Of the reply: the rows that the action changed carry it as their `causedBy`. */
  readonly requestId?: string;
  readonly failed: boolean;
  /** Milliseconds from the start until each view was told of it. */
  readonly seen: ReadonlyMap<ViewName, number>;
}

/** What a reply tells of its request. */
export interface Replied {
  readonly requestId?: string;
}

export interface Actions {
  /**
   * Does something and records it under a name, or several. What it rejects with is passed on, recorded as failed.
   *
   * @param act calls the API once and gives its result
   * @param alsoNamed what else it was, as the result tells
   */
  perform<Result extends Replied>(
    name: string | readonly string[],
    act: () => Promise<Result>,
    alsoNamed?: (result: Result) => readonly string[],
  ): Promise<Result>;
  /** Everything done here, the newest last; the same array until something is new. The oldest are forgotten. */
  records(): readonly ActionRecord[];
  /** Hears when there are other records. */
  subscribe(listener: () => void): () => void;
  /** Hears every update of the nine views, just after it came. */
  onEvent(listener: (update: AnyUpdate) => void): () => void;
  /** For the watches: tells an update to all who listen. */
  hear(update: AnyUpdate): void;
}

const MOST_RECORDS = 500;
/** Causes that are remembered: an event may come before the reply to what it tells of. */
const MOST_CAUSES = 2000;

/** Keeps what was done here, and when each view was told of it. `now` is in milliseconds since 1970. */
export function createActions(now: () => number = () => performance.timeOrigin + performance.now()): Actions {
  const listeners = new Set<() => void>();
  const hearing = new Set<(update: AnyUpdate) => void>();
  const toldAt = new Map<string, Map<ViewName, number>>();
  let records: readonly ActionRecord[] = [];
  let lastId = 0;

  function change(id: number, with_: (record: ActionRecord) => ActionRecord): void {
    records = records.map((record) => (record.id === id ? with_(record) : record));
    tell();
  }

  function tell(): void {
    for (const listener of listeners) listener();
  }

  function add(names: readonly string[]): ActionRecord {
    lastId += 1;
    const [name = '', ...alsoNamed] = names;
    const record = {
      id: lastId,
      name,
      alsoNamed,
      startedAt: now(),
      failed: false,
      seen: new Map<ViewName, number>(),
    };
    records = [...records, record].slice(-MOST_RECORDS);
    tell();
    return record;
  }

  function remember(cause: string, view: ViewName, at: number): boolean {
    const views = toldAt.get(cause) ?? new Map<ViewName, number>();
    if (views.has(view)) return false;
    views.set(view, at);
    toldAt.set(cause, views);
    const oldest = toldAt.size > MOST_CAUSES ? toldAt.keys().next().value : undefined;
    if (oldest !== undefined) toldAt.delete(oldest);
    return true;
  }

  function seenSince(startedAt: number, requestId: string): ReadonlyMap<ViewName, number> {
    const told = toldAt.get(requestId) ?? new Map<ViewName, number>();
    return new Map([...told].map(([view, at]) => [view, at - startedAt]));
  }

  return {
    async perform(name, act, alsoNamed = () => []) {
      const { id, startedAt } = add(typeof name === 'string' ? [name] : name);
      try {
        const result = await act();
        const { requestId } = result;
        const repliedAt = now();
        change(id, (record) => ({
          ...record,
          repliedAt,
          alsoNamed: [...record.alsoNamed, ...alsoNamed(result)],
          ...(requestId !== undefined && { requestId, seen: seenSince(startedAt, requestId) }),
        }));
        return result;
      } catch (error) {
        change(id, (record) => ({ ...record, repliedAt: now(), failed: true }));
        throw error;
      }
    },
    records: () => records,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onEvent(listener) {
      hearing.add(listener);
      return () => hearing.delete(listener);
    },
    hear(update) {
      const at = now();
      const causes = new Set(update.event?.rows.map(({ causedBy }) => causedBy));
      for (const cause of causes) {
        if (!remember(cause, update.view, at)) continue;
        const caused = records.find(({ requestId }) => requestId === cause);
        if (caused !== undefined) {
          change(caused.id, (record) => ({ ...record, seen: seenSince(record.startedAt, cause) }));
        }
      }
      for (const listener of hearing) listener(update);
    },
  };
}
