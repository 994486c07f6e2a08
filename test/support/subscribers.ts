import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Somebody to listen: to the topic of `userId`, or without one to that of the admins. */
export interface Listen {
  readonly id: number;
  readonly url: string;
  readonly token: string;
  readonly userId?: string;
}

/** What a subscriber heard, in this order. Lags are milliseconds since the newest row's change. */
export interface Heard {
  readonly id: number;
  readonly eventIds: readonly string[];
  readonly lags: readonly number[];
}

export type SubscriberMessage =
  | { readonly kind: 'ready'; readonly id: number }
  | {
      readonly kind: 'report';
      readonly heard: readonly Heard[];
      /** Connections that broke, subscriptions that were refused, events that could not be read. */
      readonly troubles: number;
      readonly heapBytes: number;
    };

export interface Subscribers {
  /** Resolves when all of them are listening. */
  listen(who: readonly Listen[]): Promise<void>;
  report(): Promise<Extract<SubscriberMessage, { kind: 'report' }>>;
  stop(): void;
}

/** As many as connect at a time. */
const AT_ONCE = 50;

interface Waiting {
  hear(message: SubscriberMessage): void;
  fail(error: Error): void;
}

/** Starts a process in which any number of subscribers listen, each by a connection of its own. */
export function startSubscribers(): Subscribers {
  const child = fork(fileURLToPath(new URL('subscriber-process.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const waiting = new Set<Waiting>();
  let ended: Error | undefined;
  const end = (error: Error): void => {
    ended ??= error;
    for (const { fail } of waiting) fail(ended);
    waiting.clear();
  };
  child.on('message', (message: SubscriberMessage) => {
    for (const { hear } of waiting) hear(message);
  });
  child.on('error', end);
  child.on('exit', (code, signal) => end(new Error(`the subscribers ended: ${code ?? signal}`)));

  /** What `found` makes of the messages that come after sending these, undefined to wait on. */
  function ask<Found>(
    messages: readonly (Listen | 'report')[],
    found: (message: SubscriberMessage) => Found | undefined,
  ): Promise<Found> {
    return new Promise((resolve, fail) => {
      if (ended !== undefined) {
        fail(ended);
        return;
      }
      const one: Waiting = {
        hear(message) {
          const result = found(message);
          if (result === undefined) return;
          waiting.delete(one);
          resolve(result);
        },
        fail,
      };
      waiting.add(one);
      for (const message of messages) child.send(message);
    });
  }

  return {
    async listen(who) {
      for (let from = 0; from < who.length; from += AT_ONCE) {
        const some = who.slice(from, from + AT_ONCE);
        const left = new Set(some.map(({ id }) => id));
        await ask(some, (message) => {
          if (message.kind === 'ready') left.delete(message.id);
          return left.size > 0 ? undefined : true;
        });
      }
    },
    report: () => ask(['report'], (message) => (message.kind === 'report' ? message : undefined)),
    stop: () => child.kill(),
  };
}
