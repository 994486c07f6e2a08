import { vi } from 'vitest';
import type { WebSocketLike } from '../../shared/client/realtime-socket.ts';
import { createSyncClient, type SyncClientOptions, type SyncState } from '../../shared/client/sync-client.ts';
import {
  adminChangeVariables,
  studentChangeVariables,
  type AdminChange,
  type StudentChange,
} from '../../shared/contracts/publish.ts';

/** A token of `ada`. Nobody looks at its signature here. */
export const adasToken = `x.${Buffer.from(JSON.stringify({ sub: 'ada' })).toString('base64url')}.x`;

interface Asked {
  readonly path: string;
  readonly etag: string | undefined;
}

interface Fault {
  readonly status: number;
  readonly headers?: Record<string, string>;
}

/** A school whose replies, delays and connections are the test's. */
export class SyncSchool {
  readonly asked: Asked[] = [];
  readonly signals: AbortSignal[] = [];
  readonly errors: unknown[] = [];
  readonly states: SyncState[] = [];
  readonly sockets: FakeSocket[] = [];
  /** Whether new connections are acknowledged, and what is answered to a subscription. */
  up = true;
  refusal: string | undefined;
  fault: Fault | undefined;
  readonly #bodies = new Map<string, unknown>();
  readonly #held: (() => void)[] = [];
  #holding = false;

  /** What is read at a path from now on. */
  shows(path: string, body: unknown): void {
    this.#bodies.set(path, body);
  }

  /** Requests are answered as of now, but only when they are let go. */
  hold(): void {
    this.#holding = true;
  }

  /** Those that are held stay so; others are answered. */
  letNewThrough(): void {
    this.#holding = false;
  }

  async letGo(): Promise<void> {
    this.#holding = false;
    for (const go of this.#held.splice(0)) go();
    await vi.advanceTimersByTimeAsync(0);
  }

  readonly fetch = async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const { pathname, search } = new URL(String(input));
    const path = pathname + search;
    const etag = new Headers(init.headers).get('if-none-match') ?? undefined;
    this.asked.push({ path, etag });
    if (init.signal) this.signals.push(init.signal);
    const response = this.#answer(path, etag);
    if (this.#holding) {
      await new Promise<void>((go, giveUp) => {
        this.#held.push(go);
        init.signal?.addEventListener('abort', () => giveUp(init.signal?.reason));
      });
    }
    init.signal?.throwIfAborted();
    return response;
  };

  #answer(path: string, etag: string | undefined): Response {
    if (this.fault !== undefined) return new Response('{}', this.fault);
    const text = JSON.stringify(this.#bodies.get(path));
    const own = `"${text.length}-${[...text].reduce((sum, each) => (sum * 31 + each.charCodeAt(0)) | 0, 0)}"`;
    if (etag === own) return new Response(null, { status: 304 });
    return new Response(text, { headers: { etag: own } });
  }

  /** A client of this school; `settled` lets everything happen that needs no time. */
  client(options: Partial<SyncClientOptions> = {}) {
    const school = this;
    return createSyncClient({
      url: 'http://school',
      graphqlUrl: 'http://school/graphql',
      token: adasToken,
      WebSocket: class extends FakeSocket {
        constructor() {
          super(school);
        }
      },
      fetch: this.fetch,
      random: () => 0,
      onError: (error) => this.errors.push(error),
      onState: (state) => this.states.push(state),
      ...options,
    });
  }

  async tell(event: StudentChange | AdminChange): Promise<void> {
    const data =
      'topic' in event
        ? { onAdminChange: adminChangeVariables(event).change }
        : { onStudentChange: studentChangeVariables(event).change };
    await this.tellRaw('topic' in event ? 'onAdminChange' : 'onStudentChange', data);
  }

  async tellRaw(field: string, data: unknown): Promise<void> {
    for (const socket of this.sockets) {
      for (const [id, query] of socket.subscriptions) {
        if (query.includes(field)) socket.hear({ type: 'data', id, payload: { data } });
      }
    }
    await settled();
  }

  /** Cuts the connections. New ones get through where the school is `up`. */
  async cut(): Promise<void> {
    for (const socket of this.sockets.splice(0)) socket.onclose?.({} as never);
    await settled();
  }
}

/** Lets happen what needs no time. */
export async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

class FakeSocket implements WebSocketLike {
  onopen: ((event: never) => unknown) | null = null;
  onmessage: ((event: never) => unknown) | null = null;
  onclose: ((event: never) => unknown) | null = null;
  onerror: ((event: never) => unknown) | null = null;
  readonly subscriptions = new Map<string, string>();
  /** The students whose topics were subscribed to. */
  readonly userIds: string[] = [];
  closed = false;

  constructor(private readonly school: SyncSchool) {
    school.sockets.push(this);
    void Promise.resolve().then(() => {
      if (school.up) this.onopen?.({} as never);
      else this.onclose?.({} as never);
    });
  }

  send(text: string): void {
    const { type, id, payload } = JSON.parse(text);
    if (type === 'connection_init') {
      this.hear({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000_000 } });
    } else if (type === 'stop') this.subscriptions.delete(id);
    else if (this.school.refusal === undefined) {
      const { query, variables } = JSON.parse(payload.data);
      this.subscriptions.set(id, query);
      if (variables.userId !== undefined) this.userIds.push(variables.userId);
      this.hear({ type: 'start_ack', id });
    } else {
      this.hear({ type: 'error', id, payload: { errors: [{ errorType: this.school.refusal }] } });
    }
  }

  hear(frame: unknown): void {
    void Promise.resolve().then(() => this.onmessage?.({ data: JSON.stringify(frame) } as never));
  }

  close(): void {
    this.closed = true;
  }
}
