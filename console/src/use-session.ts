import { useEffect, useMemo } from 'react';
import type { Config } from './config.ts';
import { type Identity, openSession, type Session } from './session.ts';

/** The session of whoever is signed in; it is closed when somebody else is. */
export function useSession(config: Config, identity: Identity): Session;
export function useSession(config: Config, identity: Identity | undefined): Session | undefined;
export function useSession(config: Config, identity: Identity | undefined): Session | undefined {
  const session = useMemo(
    () => (identity === undefined ? undefined : openSession(config, identity)),
    [config, identity],
  );
  useEffect(() => () => session?.sync.close(), [session]);
  return session;
}
