import { createApiClient, type ApiClient } from '../../shared/client/api.ts';
import { createSyncClient, type SyncClient, type SyncState } from '../../shared/client/sync-client.ts';
import type { ViewName } from '../../shared/client/watched-views.ts';
import type { Config } from './config.ts';
import { isWell, type Problems, SignInEnded } from './problems.ts';
import { fetchSchool } from './unreachable.ts';

export type Role = 'student' | 'admin';

/** Somebody who is signed in: who, and how to speak to the school as them. */
export interface Session {
  readonly role: Role;
  readonly userId: string;
  /** When it began, in milliseconds since 1970. */
  readonly openedAt: number;
  readonly api: ApiClient;
  readonly sync: SyncClient;
  /** How the connection is. */
  readonly state: () => SyncState;
  /**
   * What is wrong, by view, of which each is watched once in a session: until it is shown anew or not watched any more. Of the
   * connection until all is live.
   */
  readonly problems: () => Problems;
  /** Hears when the state or the problems are others. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Who is signed in, with the token in force whenever one is asked for. */
export interface Identity {
  readonly role: Role;
  readonly userId: string;
  readonly token: (refused?: string) => Promise<string>;
}

/** Opens a session; nothing is connected before the first watch. Its owner closes `sync`. */
export function openSession(config: Config, identity: Identity): Session {
  const { role, userId } = identity;
  const listeners = new Set<() => void>();
  let state: SyncState = 'idle';
  let problems: Problems = new Map();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  function note(where: ViewName | 'connection' | 'sign-in', error: unknown): void {
    // The latest is the last.
    problems = new Map([...[...problems].filter(([each]) => each !== where), [where, error]]);
    tell();
  }
  function forget(where: ViewName | 'connection' | 'sign-in'): void {
    if (!problems.has(where)) return;
    problems = new Map([...problems].filter(([each]) => each !== where));
    tell();
  }
  async function token(refused?: string): Promise<string> {
    try {
      const given = await identity.token(refused);
      forget('sign-in');
      return given;
    } catch (error) {
      if (error instanceof SignInEnded) note('sign-in', error);
      throw error;
    }
  }
  const fetch = fetchSchool;
  const api = createApiClient({ url: config.apiUrl, token, fetch });
  const client = createSyncClient({
    url: config.apiUrl,
    graphqlUrl: config.graphqlUrl,
    token,
    userId,
    WebSocket,
    fetch,
    onState(next) {
      state = next;
      if (next === 'live') forget('connection');
      tell();
    },
    onError: (error, view) => note(view ?? 'connection', error),
  });
  const sync: SyncClient = {
    watch(target, callback) {
      const stop = client.watch(target, (update) => {
        if (isWell(update)) forget(target.view);
        callback(update);
      });
      return () => {
        stop();
        // It was of what is not looked at any more, such as another course.
        forget(target.view);
      };
    },
    close: () => client.close(),
  };
  return {
    role,
    userId,
    openedAt: performance.timeOrigin + performance.now(),
    api,
    sync,
    state: () => state,
    problems: () => problems,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
