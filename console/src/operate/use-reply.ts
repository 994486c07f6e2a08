import { useCallback, useEffect, useRef, useState } from 'react';
import { type Asking, askInTurn } from './ask-in-turn.ts';
import { type Page, readPages } from './read-pages.ts';

/** What was answered to a question of a page. */
export interface Asked<Data> {
  /** The last answer; it stays while the same is asked again. Undefined before the first. */
  readonly data: Data | undefined;
  /** Why there is no newer one. */
  readonly error: unknown;
  readonly busy: boolean;
  /** Asks once more, after what is under way. */
  readonly again: () => void;
}

interface Answer<Data> {
  readonly key: string | undefined;
  readonly data?: Data;
  readonly error?: unknown;
  readonly busy: boolean;
}

/**
 * Asks for something while the component is mounted: at once, whenever the key is another, or `again` is called.
 *
 * @param key names what is asked for: with another one what was answered is forgotten. Without one nothing is asked.
 */
export function useReply<Data>(
  key: string | undefined,
  ask: (signal: AbortSignal) => Promise<Data>,
): Asked<Data> {
  const [answer, setAnswer] = useState<Answer<Data>>({ key, busy: true });
  const [turn, setTurn] = useState(0);
  const asking = useRef<Asking>(undefined);
  // The function is another one at each rendering, such as for more pages of the same list.
  const latest = useRef(ask);
  latest.current = ask;
  const again = useCallback(() => setTurn((before) => before + 1), []);
  useEffect(() => {
    if (key === undefined) return undefined;
    const one = askInTurn(
      (signal) => latest.current(signal),
      (news, busy) =>
        setAnswer((before) => ({ ...(before.key === key && before), error: undefined, ...news, key, busy })),
    );
    asking.current = one;
    return () => {
      asking.current = undefined;
      one.stop();
    };
  }, [key]);
  // After the effect above, which has the first turn begin, and after a rendering, so that the latest is asked.
  useEffect(() => {
    if (asking.current === undefined) return;
    setAnswer((before) => (before.key === key ? { ...before, busy: true } : { key, busy: true }));
    asking.current.again();
  }, [key, turn]);
  const current = answer.key === key ? answer : undefined;
  return {
    data: current?.data,
    error: current?.error,
    busy: key !== undefined && (current?.busy ?? true),
    again,
  };
}

/** A list of which as much was read as was asked for. */
export interface AskedList<Row> extends Asked<readonly Row[]> {
  /** Reads the next page too; undefined at the end of the list. */
  readonly more: (() => void) | undefined;
  /** Whether the next page is on its way. */
  readonly growing: boolean;
}

/** Asks for a list page by page; asked again, it reads as many pages as are shown. */
export function useList<Row>(
  key: string,
  read: (cursor: string | undefined, signal: AbortSignal) => Promise<Page<Row>>,
): AskedList<Row> {
  const [wanted, setWanted] = useState({ key, pages: 1 });
  const pages = wanted.key === key ? wanted.pages : 1;
  const { again, ...asked } = useReply(key, async (signal) => ({
    ...(await readPages(pages, (cursor) => read(cursor, signal))),
    pages,
  }));
  const more = useCallback(() => {
    setWanted({ key, pages: pages + 1 });
    again();
  }, [key, pages, again]);
  return {
    ...asked,
    again,
    data: asked.data?.rows,
    more: asked.data?.cursor === undefined ? undefined : more,
    growing: asked.busy && asked.data !== undefined && asked.data.pages < pages,
  };
}
