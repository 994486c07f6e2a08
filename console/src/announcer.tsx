import { VisuallyHidden } from '@mantine/core';
import { useEffect, useState } from 'react';
import type { Actions } from './actions.ts';

/** Changes within this time are told in one sentence. */
const TOGETHER_MS = 1000;
/** A sentence is taken back after this time: the same one is said again only where there was none. */
const TAKEN_BACK_MS = 5000;

/** Tells those who do not see it which views have changed: politely, and all at once, as one change touches several. */
export function Announcer({ actions }: { readonly actions: Actions }) {
  const [text, setText] = useState('');
  useEffect(() => {
    const changed = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let takingBack: ReturnType<typeof setTimeout> | undefined;
    const stop = actions.onEvent(({ view, cause }) => {
      if (cause !== 'event') return;
      changed.add(view.replace(/(?<=[a-z])(?=[A-Z])/g, ' '));
      timer ??= setTimeout(() => {
        setText(`Changed: ${[...changed].join(', ')}`);
        changed.clear();
        timer = undefined;
        clearTimeout(takingBack);
        takingBack = setTimeout(() => setText(''), TAKEN_BACK_MS);
      }, TOGETHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
      clearTimeout(takingBack);
    };
  }, [actions]);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {text}
    </VisuallyHidden>
  );
}
