import { useEffect, useRef } from 'react';
import type { RowChange } from '../../../shared/contracts/publish.ts';
import type { Actions } from '../actions.ts';

/** However many events come, it is told at most so often. */
const TOGETHER_MS = 400;

/** Hears that rows of a table changed, by the events that reach the nine views: one call for many of them. */
export function useNews(actions: Actions, isNews: (row: RowChange) => boolean, tell: () => void): void {
  const latest = useRef({ isNews, tell });
  latest.current = { isNews, tell };
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = actions.onEvent(({ cause, event }) => {
      if (cause !== 'event' || event?.rows.some((row) => latest.current.isNews(row)) !== true) return;
      timer ??= setTimeout(() => {
        timer = undefined;
        latest.current.tell();
      }, TOGETHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [actions]);
}

/** Tells that a value is another one than at the rendering before; not of the first. */
export function useOther(value: unknown, tell: () => void): void {
  const before = useRef(value);
  useEffect(() => {
    if (before.current === value) return;
    before.current = value;
    tell();
  }, [value, tell]);
}

/** Asks now and then, for what is not pushed, and where an event was lost; not while nobody looks. */
export function useNowAndThen(everyMs: number, ask: () => void): void {
  const latest = useRef(ask);
  latest.current = ask;
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) latest.current();
    }, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
