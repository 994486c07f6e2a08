import { afterEach, beforeEach, vi } from 'vitest';
import { connectRealtime, type RealtimeClient } from '../../shared/client/realtime.ts';
import type { RealtimeClientOptions } from '../../shared/client/realtime-options.ts';
import type { WebSocketLike } from '../../shared/client/realtime-socket.ts';
import { studentTopic } from '../../shared/client/realtime-topic.ts';

/** A socket whose other end is the test. */
export class FakeSocket implements WebSocketLike {
  static made: FakeSocket[] = [];
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;
  readonly sent: any[] = [];
  closed = false;
  constructor() {
    FakeSocket.made.push(this);
  }
  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.closed = true;
  }
  hear(frame: unknown): void {
    this.onmessage?.({ data: typeof frame === 'string' ? frame : JSON.stringify(frame) } as never);
  }
  fail(): void {
    this.onerror?.({} as never);
    this.onclose?.({} as never);
  }
}

/** Gives each test of a file fake timers, and no socket that another test made. */
export function useFakeSockets(): void {
  beforeEach(() => {
    FakeSocket.made = [];
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

export const ack = { type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } };

/** A client that listens to one topic, on sockets that the test answers. */
export const start = (options: Partial<RealtimeClientOptions> = {}): RealtimeClient => {
  const base = { url: 'http://x/graphql', token: () => 't', WebSocket: FakeSocket, random: () => 0 };
  const client = connectRealtime({ ...base, ...options });
  client.subscribe(studentTopic('ada'), () => undefined);
  return client;
};

export const latest = (): FakeSocket => FakeSocket.made.at(-1)!;

/** A client whose connection is open and whose subscription runs. */
export async function running(options: Partial<RealtimeClientOptions> = {}): Promise<RealtimeClient> {
  const client = start(options);
  await vi.advanceTimersByTimeAsync(0);
  latest().hear(ack);
  await vi.advanceTimersByTimeAsync(0);
  latest().hear({ type: 'start_ack', id: '1' });
  return client;
}
