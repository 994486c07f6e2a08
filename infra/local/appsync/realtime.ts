import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GraphQLSchema } from 'graphql';
import { WebSocketServer } from 'ws';
import type { Authentication } from './appsync-auth.ts';
import { passesArguments, passesFilter } from './appsync-filter.ts';
import { run } from './appsync-operations.ts';
import { createConnection, type ActiveSubscription, type Connection } from './realtime-connection.ts';
import { protocolName } from './realtime-handshake.ts';

/** What became of one event for one subscription. */
export interface Delivery {
  readonly subscriptionId: string;
  /** The subscription's field, for example `onStudentChange`. */
  readonly fieldName: string;
  /** `slow`: the socket took too little off the queue and was cut. */
  readonly outcome: 'sent' | 'dropped' | 'too-large' | 'slow';
  readonly payload: unknown;
}

/** Times in milliseconds and limits; what is left out is AppSync's. */
export interface RealtimeOptions {
  /** Between two keep-alives. */
  readonly keepAliveMs?: number;
  /** What the client is told to wait for a keep-alive. */
  readonly connectionTimeoutMs?: number;
  /** How long a connection may stay without its first message. */
  readonly initTimeoutMs?: number;
  readonly subscriptionsPerConnection?: number;
  /** Subscription starts of one connection in one second. AWS does not publish the number. */
  readonly startsPerSecond?: number;
  /** Of one event or one message of a client. */
  readonly payloadBytes?: number;
  /** What may wait in a socket before the connection is cut. */
  readonly backlogBytes?: number;
  readonly onDelivery?: (delivery: Delivery) => void;
}

export type RealtimeSettings = Required<Omit<RealtimeOptions, 'onDelivery'>>;

const defaults: RealtimeSettings = {
  keepAliveMs: 60_000,
  connectionTimeoutMs: 300_000,
  initTimeoutMs: 15_000,
  subscriptionsPerConnection: 100,
  startsPerSecond: 200,
  payloadBytes: 240 * 1024,
  backlogBytes: 4 * 1024 * 1024,
};

/** What the real-time endpoint needs of the API. */
export interface RealtimeApi {
  readonly schema: GraphQLSchema;
  readonly introspection: boolean;
  readonly authenticate: (
    headers: Readonly<Record<string, string>>,
    sourceIp: string,
  ) => Promise<Authentication>;
}

/** The real-time endpoint. */
export interface Realtime {
  /** Takes a web socket to `/graphql/realtime`. False when the request is not for it. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  /** Sends what a mutation returned to every subscription that it matches. Never waits for a socket. */
  publish(fieldName: string, value: unknown): void;
  /** Loses the next deliveries on purpose. */
  dropNext(count?: number): void;
  /** Cuts every connection on purpose, without a goodbye. */
  cut(): void;
  readonly connectionCount: number;
  readonly subscriptionCount: number;
  close(): Promise<void>;
}

/** Makes the real-time endpoint of an API. */
export function createRealtime(api: RealtimeApi, options: RealtimeOptions = {}): Realtime {
  const { onDelivery, ...given } = options;
  const settings = { ...defaults, ...given };
  const connections = new Set<Connection>();
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: settings.payloadBytes,
    handleProtocols: (protocols) => (protocols.has(protocolName) ? protocolName : false),
  });
  let toDrop = 0;

  function deliver(connection: Connection, subscription: ActiveSubscription, value: unknown): void {
    const { fieldName, id } = subscription;
    const { prepared, caller, headers } = subscription;
    const { data, errors } = run(api.schema, prepared, caller, headers, { [fieldName]: value });
    const payload = errors.length === 0 ? { data } : { data, errors };
    const report = (outcome: Delivery['outcome']): void =>
      onDelivery?.({ subscriptionId: id, fieldName, outcome, payload });
    if (toDrop > 0) {
      toDrop -= 1;
      report('dropped');
      return;
    }
    report(connection.sendEvent(id, payload));
  }

  return {
    handleUpgrade(request, socket, head) {
      if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/graphql/realtime') return false;
      server.handleUpgrade(request, socket, head, (webSocket) => {
        const connection = createConnection(webSocket, request, api, settings, () => {
          connections.delete(connection);
        });
        connections.add(connection);
      });
      return true;
    },
    publish(fieldName, value) {
      for (const connection of connections) {
        for (const subscription of connection.subscriptions.values()) {
          if (subscription.fieldName !== fieldName) continue;
          const { filter, args } = subscription;
          const passes = filter === undefined ? passesArguments(args, value) : passesFilter(filter, value);
          if (passes) deliver(connection, subscription, value);
        }
      }
    },
    dropNext(count = 1) {
      toDrop += count;
    },
    cut() {
      for (const connection of connections) connection.cut();
    },
    get connectionCount() {
      return connections.size;
    },
    get subscriptionCount() {
      return [...connections].reduce((count, { subscriptions }) => count + subscriptions.size, 0);
    },
    async close() {
      for (const connection of connections) connection.cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
