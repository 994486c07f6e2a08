import type { IncomingMessage } from 'node:http';
import { WebSocket, type RawData } from 'ws';
import * as z from 'zod';
import type { Caller } from './appsync-auth.ts';
import type { AppSyncErrorEntry } from './appsync-errors.ts';
import type { SubscriptionFilter } from './appsync-filter.ts';
import { prepare, run, type Prepared } from './appsync-operations.ts';
import { lowerCaseHeaders, readConnectHeaders } from './realtime-handshake.ts';
import type { Delivery, RealtimeApi, RealtimeSettings } from './realtime-settings.ts';

/** A subscription that has been acknowledged. */
export interface ActiveSubscription {
  readonly id: string;
  readonly fieldName: string;
  /** The arguments that were given; the one left out is missing, not null. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Set by the resolver; takes the place of the arguments. */
  readonly filter: SubscriptionFilter | undefined;
  readonly prepared: Extract<Prepared, { ok: true }>;
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
}

/** One client on the real-time endpoint. */
export interface Connection {
  readonly subscriptions: ReadonlyMap<string, ActiveSubscription>;
  /** Hands an event to the socket without waiting for it. */
  sendEvent(id: string, payload: unknown): Delivery['outcome'];
  /** Breaks the connection without a goodbye. */
  cut(): void;
}

const Message = z.looseObject({ type: z.string() });
const Start = z.object({
  id: z.string().min(1),
  payload: z.looseObject({
    data: z.string(),
    extensions: z.looseObject({ authorization: z.unknown().optional() }).optional(),
  }),
});
const Stop = z.object({ id: z.string().min(1) });
const StartData = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const unsupported = (kind: string): AppSyncErrorEntry => ({
  errorType: 'UnsupportedOperation',
  message: `${kind} not supported through the realtime channel`,
});

/**
 * Speaks AppSync's real-time protocol with one client: authenticates it when it connects and again for every
 * subscription, acknowledges, keeps alive, and reports errors by frame. `onClosed` is called once.
 */
export function createConnection(
  socket: WebSocket,
  request: IncomingMessage,
  api: RealtimeApi,
  settings: RealtimeSettings,
  onClosed: () => void,
): Connection {
  const sourceIp = request.socket.remoteAddress ?? '';
  const subscriptions = new Map<string, ActiveSubscription>();
  let starts: number[] = [];
  let keepAlive: NodeJS.Timeout | undefined;
  const initTimer = setTimeout(
    () => socket.close(1000, 'Connection timeout'),
    settings.initTimeoutMs,
  ).unref();

  function send(frame: unknown): void {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
  }

  function sendErrors(id: string | undefined, errors: readonly AppSyncErrorEntry[]): void {
    send({ ...(id === undefined ? {} : { id }), type: 'error', payload: { errors } });
  }

  // What arrives from a client that was refused is not looked at: its socket is no longer open.
  function refuseConnection(error: AppSyncErrorEntry): void {
    send({ payload: { errors: [error] }, type: 'connection_error' });
    socket.close(1000);
  }

  async function authenticateConnection(): Promise<void> {
    const offered = readConnectHeaders(request);
    if (!offered.ok) {
      const { message } = offered;
      refuseConnection({ errorType: 'BadRequestException', message, errorCode: 400 });
      return;
    }
    const authentication = await api.authenticate(offered.headers, sourceIp);
    if (authentication.ok) return;
    const { errorType, message, status } = authentication;
    refuseConnection({ errorType, message, errorCode: status });
  }

  function acknowledge(): void {
    send({ type: 'connection_ack', payload: { connectionTimeoutMs: settings.connectionTimeoutMs } });
    send({ type: 'ka' });
    keepAlive ??= setInterval(() => send({ type: 'ka' }), settings.keepAliveMs).unref();
  }

  function exceedsLimits(id: string): AppSyncErrorEntry | undefined {
    if (subscriptions.has(id)) {
      return { errorType: 'DuplicatedOperationError', message: `Operation ${id} exists already` };
    }
    if (subscriptions.size >= settings.subscriptionsPerConnection) {
      const message = `Max number of ${settings.subscriptionsPerConnection} subscriptions reached`;
      return { errorType: 'MaxSubscriptionsReachedError', message };
    }
    const now = Date.now();
    starts = [...starts.filter((at) => now - at < 1000), now];
    if (starts.length > settings.startsPerSecond) {
      return { errorType: 'LimitExceededError', message: 'Rate limit exceeded' };
    }
    return undefined;
  }

  /** Starts a subscription; returns the errors that kept it from starting. */
  async function start(message: z.infer<typeof Start>): Promise<readonly AppSyncErrorEntry[]> {
    const { id, payload } = message;
    const excess = exceedsLimits(id);
    if (excess !== undefined) return [excess];
    const headers = lowerCaseHeaders(payload.extensions?.authorization) ?? {};
    const authentication = await api.authenticate(headers, sourceIp);
    if (!authentication.ok) {
      const { errorType, message: reason, status } = authentication;
      return [{ errorType, message: reason, errorCode: status }];
    }
    const data = StartData.safeParse(parseJson(payload.data));
    if (!data.success) return [unsupported('unknown')];
    const prepared = prepare(api.schema, data.data, api.introspection);
    if (!prepared.ok) return prepared.errors;
    if (prepared.kind !== 'subscription') return [unsupported(prepared.kind)];
    const { caller } = authentication;
    const { errors, ran, filter, refused } = run(api.schema, prepared, caller, headers);
    if (refused)
      return [{ errorType: 'UnauthorizedException', message: 'Permission denied', errorCode: 401 }];
    const [field] = ran.values();
    if (errors.length > 0 || field === undefined) return errors;
    send({ id, type: 'start_ack' });
    subscriptions.set(id, { id, ...field, filter, prepared, caller, headers });
    return [];
  }

  async function handle(text: string): Promise<void> {
    const parsed = parseJson(text);
    const message = Message.safeParse(parsed);
    if (!message.success) {
      sendErrors(undefined, [{ errorType: 'BadRequestException', message: 'Not a message', errorCode: 400 }]);
      return;
    }
    if (message.data.type === 'connection_init') {
      acknowledge();
      return;
    }
    const asStart = Start.safeParse(parsed);
    if (message.data.type === 'start' && asStart.success) {
      const errors = await start(asStart.data);
      if (errors.length > 0) sendErrors(asStart.data.id, errors);
      return;
    }
    const asStop = Stop.safeParse(parsed);
    if (message.data.type === 'stop' && asStop.success) {
      const { id } = asStop.data;
      if (subscriptions.delete(id)) send({ id, type: 'complete' });
      else sendErrors(id, [{ errorType: 'UnknownOperationError', message: `Unknown operation id ${id}` }]);
      return;
    }
    sendErrors(undefined, [unsupported('unknown')]);
  }

  // Messages are taken one after the other, so that a stop never overtakes its start.
  let queue = authenticateConnection().catch(() => socket.close(1011));
  socket.on('message', (raw: RawData) => {
    clearTimeout(initTimer);
    const text = String(raw);
    queue = queue
      .then(() => (socket.readyState === WebSocket.OPEN ? handle(text) : undefined))
      .catch(() => sendErrors(undefined, [{ errorType: 'InternalFailure', message: 'Internal failure' }]));
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearTimeout(initTimer);
    clearInterval(keepAlive);
    subscriptions.clear();
    onClosed();
  });

  return {
    subscriptions,
    sendEvent(id, payload) {
      const text = JSON.stringify({ id, type: 'data', payload });
      if (Buffer.byteLength(text) > settings.payloadBytes) return 'too-large';
      if (socket.bufferedAmount > settings.backlogBytes) {
        socket.terminate();
        return 'slow';
      }
      if (socket.readyState !== WebSocket.OPEN) return 'dropped';
      socket.send(text);
      return 'sent';
    },
    cut: () => socket.terminate(),
  };
}
