import { useEffect, useRef, useState } from 'react';
import type { Actions, Replied } from '../actions.ts';

/** Something a control does: how it is called, in the requirement too, and the call. */
export interface Deed<Result extends Replied = Replied> {
  readonly actions: Actions;
  readonly names: string | readonly string[];
  /** What it is done to, where that may become another one: what went wrong with the one is not told of the other. */
  readonly of?: string;
  readonly run: () => Promise<Result>;
  readonly alsoNamed?: (result: Result) => readonly string[];
  readonly onDone?: (result: Result) => void;
  readonly onFail?: (error: unknown) => void;
}

/** Does one thing at a time, and remembers what went wrong the last time. */
export function useDeed<Result extends Replied>(deed: Deed<Result>) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<{ readonly of: string | undefined; readonly error: unknown }>();
  const mounted = useRef(false);
  useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);
  async function start(): Promise<void> {
    if (busy) return;
    setBusy(true);
    setFailed(undefined);
    try {
      const result = await deed.actions.perform(deed.names, deed.run, deed.alsoNamed);
      // A form that was closed meanwhile must not close the one that was opened since.
      if (mounted.current) deed.onDone?.(result);
    } catch (error) {
      setFailed({ of: deed.of, error });
      if (mounted.current) deed.onFail?.(error);
    } finally {
      setBusy(false);
    }
  }
  return { busy, error: failed?.of === deed.of ? failed?.error : undefined, start };
}
