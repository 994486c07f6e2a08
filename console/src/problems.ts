import { ApiError } from '../../shared/client/api.ts';
import type { SyncState } from '../../shared/client/sync-client.ts';
import type { ViewName } from '../../shared/client/watched-views.ts';
import type { ViewUpdate } from '../../shared/client/view-watch.ts';

/** Somebody has to sign in again: no other token is to be had for them. */
export class SignInEnded extends Error {
  override readonly name = 'SignInEnded';
}

/** What went wrong last, by view; under `connection` where it concerns them all, and the end of the sign-in. */
export type Problems = ReadonlyMap<ViewName | 'connection' | 'sign-in', unknown>;

/** Whether an update shows that a view can be read, or is told of changes again: what went wrong before is over. */
export function isWell({ live, cause }: Pick<ViewUpdate<ViewName>, 'live' | 'cause'>): boolean {
  return live || cause === 'loaded' || cause === 'reloaded';
}

export interface Trouble {
  readonly kind: 'signed-out' | 'not-connected';
  readonly error: unknown;
}

/**
 * What is to be said above all views, if anything. A sign-in that has ended is told of also while the socket lives, which
 * was opened before; what else went wrong only while not all is live. What a single view is refused is told by its card.
 */
export function troubleOf(state: SyncState, problems: Problems): Trouble | undefined {
  const ended = [...problems.values()].findLast(isSignedOut);
  if (ended !== undefined) return { kind: 'signed-out', error: ended };
  if (state === 'live') return undefined;
  const others = [...problems.values()].filter((error) => !isRefusal(error));
  const error = problems.get('connection') ?? others.at(-1);
  return error === undefined ? undefined : { kind: 'not-connected', error };
}

/** What the card of a view says: why it fails, where that is not what is said above all views already. */
export function problemOf(view: ViewName, state: SyncState, problems: Problems): unknown {
  const error = problems.get(view);
  const trouble = troubleOf(state, problems);
  if (trouble === undefined) return error;
  const isSaid = trouble.kind === 'signed-out' ? isSignedOut(error) : !isRefusal(error);
  return isSaid ? undefined : error;
}

function isSignedOut(error: unknown): boolean {
  return error instanceof SignInEnded || (error instanceof ApiError && error.status === 401);
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiError && error.status < 500;
}
