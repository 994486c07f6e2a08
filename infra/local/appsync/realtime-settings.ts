import type { GraphQLSchema } from 'graphql';
import type { Authentication } from './appsync-auth.ts';

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

/** AppSync's own, as far as AWS publishes them. */
export const APPSYNC_SETTINGS: RealtimeSettings = {
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
