import {
  describe,
  openSocket,
  realtimeUrl,
  type Frame,
  type RealtimeSocket,
  type SocketEvents,
  type WebSocketConstructor,
} from './realtime-socket.ts';
import type { Topic } from './realtime-topic.ts';

/** How the connection is: `down` while it waits for the next attempt, and then views have to poll. */
export type RealtimeState = 'idle' | 'connecting' | 'open' | 'down' | 'closed';

/** Where to connect to, as whom, and what to tell. Times are in milliseconds. */
export interface RealtimeClientOptions {
  /** The GraphQL address for HTTP, for example `https://localhost:8443/graphql`. */
  readonly url: string;
  /** A user-pool token; asked for again for every connection and every subscription. */
  readonly token: () => Promise<string> | string;
  readonly WebSocket: WebSocketConstructor;
  /** The connection is back after it was down: events may have been missed. */
  readonly onReconnect?: () => void;
  readonly onState?: (state: RealtimeState, reason?: string) => void;
  readonly handshakeMs?: number;
  /** The longest first wait before connecting again; it doubles up to `maxBackoffMs`. */
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
  /** In [0, 1), for the jitter. */
  readonly random?: () => number;
}

/** Why a subscription gets nothing. `refused` ones are not tried again. */
export interface SubscriptionProblem {
  readonly kind: 'refused' | 'retrying' | 'unreadable-event';
  readonly message: string;
}

/** A connection that keeps itself up. Events come at most once, and none is repeated. */
export interface RealtimeClient {
  /**
   * Listens to a topic until the returned function is called. `onReady` comes after every acknowledgement,
   * also after a reconnect: the moment to read the view, as nothing sent before it arrives.
   */
  subscribe<Event>(
    topic: Topic<Event>,
    onEvent: (event: Event) => void,
    onReady?: () => void,
    onProblem?: (problem: SubscriptionProblem) => void,
  ): () => void;
  close(): void;
}

interface Subscription {
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly receive: (data: unknown) => void;
  readonly ready: () => void;
  readonly problem: (problem: SubscriptionProblem) => void;
}

// These will be the same the next time; anything else may pass.
const permanent = new Set(['Unauthorized', 'ValidationError', 'UnsupportedOperation', 'BadRequestException']);

function isPermanent(frame: Frame): boolean {
  const [error] = frame.payload?.errors ?? [];
  const type = error?.errorType ?? undefined;
  // An error without a type comes from validating the operation.
  return type === undefined || permanent.has(type);
}

/** Makes a client of AppSync's real-time protocol. It connects when the first topic is subscribed to. */
export function connectRealtime(options: RealtimeClientOptions): RealtimeClient {
  const { token, WebSocket, handshakeMs = 15_000, backoffMs = 500, maxBackoffMs = 30_000 } = options;
  const { random = Math.random, onState, onReconnect } = options;
  const { host } = new URL(options.url);
  const address = realtimeUrl(options.url);
  const subscriptions = new Map<string, Subscription>();
  let state: RealtimeState = 'idle';
  // By subscription: the wait for its acknowledgement, or for its next attempt.
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  let socket: RealtimeSocket | undefined;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let attempts = 0;
  let wasOpen = false;
  let nextId = 1;

  function enter(next: RealtimeState, reason?: string): void {
    state = next;
    onState?.(next, reason);
  }

  function waitMs(): number {
    const longest = Math.min(maxBackoffMs, backoffMs * 2 ** attempts);
    attempts += 1;
    return longest / 2 + (random() * longest) / 2;
  }

  function clearTimer(id: string): void {
    clearTimeout(timers.get(id));
    timers.delete(id);
  }

  function down(reason: string): void {
    socket = undefined;
    for (const id of timers.keys()) clearTimer(id);
    if (state === 'closed') return;
    enter('down', reason);
    retry = setTimeout(() => void connect(), waitMs());
  }

  async function connect(): Promise<void> {
    enter('connecting');
    let authorization: string;
    try {
      authorization = await token();
    } catch (error) {
      down(`no token: ${String(error)}`);
      return;
    }
    // The client may have been closed while the token was on its way.
    if (isClosed()) return;
    try {
      socket = openSocket(WebSocket, address, { host, Authorization: authorization }, handshakeMs, events);
    } catch (error) {
      down(String(error));
    }
  }

  const events: SocketEvents = {
    onAcknowledged() {
      enter('open');
      if (wasOpen) onReconnect?.();
      wasOpen = true;
      for (const id of subscriptions.keys()) void start(id);
    },
    onFrame,
    onDown: down,
  };

  function isClosed(): boolean {
    return state === 'closed';
  }

  async function start(id: string): Promise<void> {
    const through = socket;
    let authorization: string;
    try {
      authorization = await token();
    } catch (error) {
      through?.end(`no token: ${String(error)}`);
      return;
    }
    const subscription = subscriptions.get(id);
    if (subscription === undefined || through === undefined || through !== socket) return;
    const { query, variables } = subscription;
    clearTimer(id);
    timers.set(
      id,
      setTimeout(() => through.end('no start_ack in time'), handshakeMs),
    );
    through.send({
      id,
      type: 'start',
      payload: {
        data: JSON.stringify({ query, variables }),
        extensions: { authorization: { host, Authorization: authorization } },
      },
    });
  }

  function onFrame(frame: Frame): void {
    const subscription = frame.id === undefined ? undefined : subscriptions.get(frame.id);
    if (frame.id === undefined || subscription === undefined) return;
    if (frame.type === 'start_ack') {
      clearTimer(frame.id);
      attempts = 0;
      subscription.ready();
    } else if (frame.type === 'data') {
      subscription.receive(frame.payload?.data);
    } else if (frame.type === 'error') {
      fail(frame.id, subscription, frame);
    }
  }

  function fail(id: string, subscription: Subscription, frame: Frame): void {
    const message = describe(frame);
    clearTimer(id);
    if (isPermanent(frame)) {
      subscriptions.delete(id);
      subscription.problem({ kind: 'refused', message });
      return;
    }
    subscription.problem({ kind: 'retrying', message });
    timers.set(
      id,
      setTimeout(() => void start(id), waitMs()),
    );
  }

  return {
    subscribe(topic, onEvent, onReady, onProblem) {
      if (state === 'closed') throw new Error('the real-time client is closed');
      const id = String(nextId++);
      subscriptions.set(id, {
        query: topic.query,
        variables: topic.variables,
        receive(data) {
          let event;
          try {
            event = topic.decode(data);
          } catch (error) {
            onProblem?.({ kind: 'unreadable-event', message: String(error) });
            return;
          }
          onEvent(event);
        },
        ready: () => onReady?.(),
        problem: (problem) => onProblem?.(problem),
      });
      if (state === 'idle') void connect();
      else if (state === 'open') void start(id);
      return () => {
        clearTimer(id);
        if (subscriptions.delete(id) && state === 'open') socket?.send({ id, type: 'stop' });
      };
    },
    close() {
      enter('closed');
      clearTimeout(retry);
      for (const id of timers.keys()) clearTimer(id);
      subscriptions.clear();
      socket?.end('closed by its owner');
      socket = undefined;
    },
  };
}
