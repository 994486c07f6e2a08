import { useMemo, useSyncExternalStore } from 'react';
import { hashOf, parseRoute, type Route } from './address.ts';

function subscribe(listener: () => void): () => void {
  window.addEventListener('hashchange', listener);
  return () => window.removeEventListener('hashchange', listener);
}

const currentHash = (): string => window.location.hash;

/** The route of the address. */
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribe, currentHash);
  return useMemo(() => parseRoute(hash), [hash]);
}

/** Takes a choice within a page into the address. It is no step in the history, as a link to another page is. */
export function go(route: Route): void {
  window.location.replace(hashOf(route));
}
