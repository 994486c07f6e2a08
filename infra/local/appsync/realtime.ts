import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { passesArguments, passesFilter } from './appsync-filter.ts';
import { run } from './appsync-operations.ts';
import { createConnection, type ActiveSubscription, type Connection } from './realtime-connection.ts';
import { protocolName } from './realtime-handshake.ts';
import {
  APPSYNC_SETTINGS,
  type RealtimeApi,
  type RealtimeOptions,
  type Delivery,
} from './realtime-settings.ts';

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
  const settings = { ...APPSYNC_SETTINGS, ...given };
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
