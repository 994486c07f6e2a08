import { describe, isOfToken, type Frame, type FrameError } from './realtime-frame.ts';
import { pageWindow, type RealtimeClientOptions, type RealtimeState } from './realtime-options.ts';
import { openSocket, realtimeUrl, type RealtimeSocket, type SocketEvents } from './realtime-socket.ts';
import type { Topic } from './realtime-topic.ts';
import { keepToken } from './token-source.ts';

/** Why a subscription gets nothing. `refused` ones are tried again seldom, and on a new connection. */
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
  /** Whether it was acknowledged on this connection. */
  running: boolean;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly receive: (data: unknown) => void;
  readonly ready: () => void;
  readonly problem: (problem: SubscriptionProblem) => void;
}

// These will be the same in a moment; anything else may pass.
const permanent = new Set(['Unauthorized', 'ValidationError', 'UnsupportedOperation', 'BadRequestException']);

function isPermanent(error: FrameError): boolean {
  const { errorType } = error;
  if (isOfToken(error)) return false;
  // An error without a type comes from validating the operation.
  return errorType === undefined || permanent.has(errorType);
}

/** Makes a client of AppSync's real-time protocol. It is connected while topics are subscribed to. */
export function connectRealtime(options: RealtimeClientOptions): RealtimeClient {
  const { WebSocket, handshakeMs = 15_000, backoffMs = 500, maxBackoffMs = 30_000 } = options;
  const { refusedMs = 60_000, lingerMs = 5000 } = options;
  const { random = Math.random, onState, onReconnect, network = pageWindow() } = options;
  const { host } = new URL(options.url);
  const address = realtimeUrl(options.url);
  const subscriptions = new Map<string, Subscription>();
  let state: RealtimeState = 'idle';
  // By subscription: the wait for its acknowledgement, or for its next attempt.
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  let socket: RealtimeSocket | undefined;
  // The wait for the next attempt, or for the token of one.
  let retry: ReturnType<typeof setTimeout> | undefined;
  // The wait before the connection ends, once nobody listens.
  let lingering: ReturnType<typeof setTimeout> | undefined;
  // Another for each attempt: what was asked for an earlier one may come late.
  let attempt = {};
  let attempts = 0;
  let wasOpen = false;
  let nextId = 1;
  const token = keepToken(options.token);

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

  function down(reason: string, error?: FrameError): void {
    socket = undefined;
    if (error !== undefined && isOfToken(error, true)) token.refused();
    for (const subscription of subscriptions.values()) subscription.running = false;
    for (const id of timers.keys()) clearTimer(id);
    clearTimeout(retry);
    attempt = {};
    if (state === 'closed' || state === 'idle') return;
    retry = setTimeout(() => void connect(), waitMs());
    enter('down', reason);
  }

  async function connect(): Promise<void> {
    const mine = (attempt = {});
    clearTimeout(retry);
    retry = setTimeout(() => down('no token in time'), handshakeMs);
    enter('connecting');
    let authorization: string;
    try {
      authorization = await token.ask();
    } catch (error) {
      if (mine === attempt) down(`no token: ${String(error)}`);
      return;
    }
    // The client may have been closed while the token was on its way, or have given up on it.
    if (mine !== attempt) return;
    clearTimeout(retry);
    try {
      socket = openSocket(WebSocket, address, { host, Authorization: authorization }, handshakeMs, events);
    } catch (error) {
      down(String(error));
    }
  }

  // A connection from before may be dead without knowing it for minutes, and the next attempt half a minute away.
  function networkIsBack(): void {
    attempts = 0;
    const reason = 'the network was away';
    if (socket !== undefined) socket.end(reason);
    else if (state === 'connecting') down(reason);
    if (state === 'down') void connect();
  }
  network?.addEventListener('online', networkIsBack);

  const events: SocketEvents = {
    onAcknowledged() {
      for (const id of subscriptions.keys()) void start(id);
      const isBack = wasOpen;
      wasOpen = true;
      enter('open');
      if (isBack) onReconnect?.();
    },
    onFrame,
    onDown: down,
  };

  async function start(id: string): Promise<void> {
    const through = socket;
    if (through === undefined) return;
    clearTimer(id);
    // The time for the token as well.
    timers.set(
      id,
      setTimeout(() => through.end('no start_ack in time'), handshakeMs),
    );
    let authorization: string;
    try {
      authorization = await token.ask();
    } catch (error) {
      // A topic that was left meanwhile is no reason to end those of others.
      if (subscriptions.has(id)) through.end(`no token: ${String(error)}`);
      return;
    }
    const subscription = subscriptions.get(id);
    if (subscription === undefined || through !== socket) return;
    const { query, variables } = subscription;
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
      subscription.running = true;
      subscription.ready();
    } else if (frame.type === 'data') {
      subscription.receive(frame.data);
    } else if (frame.type === 'error') {
      if (isOfToken(frame.error)) token.refused();
      if (subscription.running) startAnew(frame.id, subscription, describe(frame.error));
      else fail(frame.id, subscription, frame.error);
    } else if (frame.type === 'complete' && subscription.running) {
      startAnew(frame.id, subscription, 'the server ended the subscription');
    }
  }

  /** Who was let in before may be again, with a new token: at once, and by a new id as the old may still be known. */
  function startAnew(oldId: string, subscription: Subscription, message: string): void {
    subscription.running = false;
    subscriptions.delete(oldId);
    const id = String(nextId++);
    subscriptions.set(id, subscription);
    void start(id);
    subscription.problem({ kind: 'retrying', message });
  }

  function fail(id: string, subscription: Subscription, error: FrameError): void {
    const refused = isPermanent(error);
    clearTimer(id);
    timers.set(
      id,
      setTimeout(() => void start(id), refused ? refusedMs * (1 - random() / 5) : waitMs()),
    );
    subscription.problem({ kind: refused ? 'refused' : 'retrying', message: describe(error) });
  }

  /** Ends the connection, or the waiting for one, for good or until somebody listens again. */
  function leave(next: 'idle' | 'closed', reason: string): void {
    state = next;
    clearTimeout(retry);
    attempt = {};
    attempts = 0;
    wasOpen = false;
    for (const id of timers.keys()) clearTimer(id);
    socket?.end(reason);
    socket = undefined;
    enter(next);
  }

  return {
    subscribe(topic, onEvent, onReady, onProblem) {
      if (state === 'closed') throw new Error('the real-time client is closed');
      const firstId = String(nextId++);
      const subscription: Subscription = {
        running: false,
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
      };
      subscriptions.set(firstId, subscription);
      clearTimeout(lingering);
      if (state === 'idle') void connect();
      else if (state === 'open') void start(firstId);
      return () => {
        const [id] = [...subscriptions].find(([, each]) => each === subscription) ?? [];
        if (id === undefined) return;
        clearTimer(id);
        subscriptions.delete(id);
        if (state === 'open') socket?.send({ id, type: 'stop' });
        if (subscriptions.size > 0 || state === 'closed') return;
        clearTimeout(lingering);
        lingering = setTimeout(() => leave('idle', 'nobody listens'), lingerMs);
      };
    },
    close() {
      network?.removeEventListener('online', networkIsBack);
      clearTimeout(lingering);
      subscriptions.clear();
      leave('closed', 'closed by its owner');
    },
  };
}
