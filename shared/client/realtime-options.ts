import type { WebSocketConstructor } from './realtime-socket.ts';
import type { TokenSource } from './token-source.ts';

/**
 * How the connection is: `down` while it waits for the next attempt, and then views have to poll; `idle` while nobody
 * listens.
 */
export type RealtimeState = 'idle' | 'connecting' | 'open' | 'down' | 'closed';

/** Where to connect to, as whom, and what to tell. Times are in milliseconds. */
export interface RealtimeClientOptions {
  /** The GraphQL address for HTTP, for example `https://localhost:8443/graphql`. */
  readonly url: string;
  /** A user-pool token; asked for again for every connection and every subscription. */
  readonly token: TokenSource;
  readonly WebSocket: WebSocketConstructor;
  /** The connection is back after it was down: events may have been missed. */
  readonly onReconnect?: () => void;
  readonly onState?: (state: RealtimeState, reason?: string) => void;
  /** For the token with the acknowledgement, of a connection and of a subscription each. */
  readonly handshakeMs?: number;
  /** The longest first wait before connecting again; it doubles up to `maxBackoffMs`. */
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
  /** Before a topic that was refused is tried again; somebody may have been let in since. */
  readonly refusedMs?: number;
  /** Before a connection that nobody listens on any more is ended: pages leave a topic and join it again. */
  readonly lingerMs?: number;
  /** In [0, 1), for the jitter. */
  readonly random?: () => number;
  /** Says `online` when the network is back; by default the page's window, where there is one. */
  readonly network?: EventTarget | undefined;
}

/** The window of the page, where this is one. */
export function pageWindow(): EventTarget | undefined {
  const page: unknown = globalThis;
  return page instanceof EventTarget ? page : undefined;
}
