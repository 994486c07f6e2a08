import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  connectRealtime,
  type RealtimeClient,
  type RealtimeClientOptions,
} from '../../shared/client/realtime.ts';
import { realtimeUrl, type WebSocketLike } from '../../shared/client/realtime-socket.ts';
import { adminsTopic, studentTopic } from '../../shared/client/realtime-topic.ts';
import {
  adminChangeVariables,
  publishAdminChange,
  publishStudentChange,
  studentChangeVariables,
  type StudentChange,
} from '../../shared/contracts/publish.ts';
import { adminChange, studentChange } from '../support/change.ts';
import * as stack from '../support/graphql-stack.ts';

/** As expect.poll, with time enough for a busy machine. */
const poll = <T>(read: () => T) => expect.poll(read, { timeout: 15_000, interval: 10 });

describe('the real-time address', () => {
  it.each([
    ['https://localhost:8443/graphql', 'wss://localhost:8443/graphql/realtime'],
    ['http://127.0.0.1:1/graphql', 'ws://127.0.0.1:1/graphql/realtime'],
    ['https://api.school.org/graphql', 'wss://api.school.org/graphql/realtime'],
    [
      'https://abcdefghijklmnopqrstuvwxyz.appsync-api.eu-west-1.amazonaws.com/graphql',
      'wss://abcdefghijklmnopqrstuvwxyz.appsync-realtime-api.eu-west-1.amazonaws.com/graphql',
    ],
  ])('of %s is %s', (url, expected) => {
    expect(realtimeUrl(url)).toBe(expected);
  });
});

describe('against the API', () => {
  const template = stack.systemTemplate();
  const cleanUp: (() => unknown)[] = [];
  afterEach(async () => {
    await Promise.all(cleanUp.splice(0).map((one) => one()));
  });

  async function serve(realtime = {}): Promise<stack.Served> {
    const served = await stack.serve(template, { realtime });
    cleanUp.push(() => served.stop());
    return served;
  }

  function connect(url: string, options: Partial<RealtimeClientOptions> = {}): RealtimeClient {
    const client = connectRealtime({ url, token: () => 'ada', WebSocket, backoffMs: 5, ...options });
    cleanUp.unshift(() => client.close());
    return client;
  }

  async function publish(url: string, changes: Partial<StudentChange> = {}): Promise<void> {
    const variables = studentChangeVariables(studentChange(changes));
    await stack.post(url, stack.signedBy('PUBLISHER'), publishStudentChange, variables);
  }

  it('is ready after the acknowledgement, and gives events as they were published', async () => {
    const { url } = await serve();
    const events: StudentChange[] = [];
    const client = connect(url);
    await new Promise<void>((ready) => {
      client.subscribe(studentTopic('ada'), (event) => events.push(event), ready);
    });
    await publish(url);
    await poll(() => events).toEqual([studentChange()]);
  });

  it('carries several topics on one connection', async () => {
    const { url, graphql } = await serve();
    const client = connect(url, { token: async () => 'root.admin' });
    const seen: string[] = [];
    client.subscribe(studentTopic('ada'), ({ eventId }) => seen.push(eventId));
    client.subscribe(adminsTopic(), ({ eventId }) => seen.push(eventId));
    await poll(() => graphql.realtime.subscriptionCount).toBe(2);
    expect(graphql.realtime.connectionCount).toBe(1);
    await publish(url);
    const variables = adminChangeVariables(adminChange());
    await stack.post(url, stack.signedBy('PUBLISHER'), publishAdminChange, variables);
    await poll(() => seen).toEqual(['event-1', 'event-2']);
  });

  it('tells who is refused, does not try again, and keeps the others', async () => {
    const { url, graphql } = await serve();
    const problem = vi.fn();
    const ready = vi.fn();
    const client = connect(url);
    client.subscribe(studentTopic('ada'), () => undefined, ready);
    client.subscribe(studentTopic('bob'), () => undefined, undefined, problem);
    await poll(() => problem.mock.calls).toMatchObject([[{ kind: 'refused' }]]);
    graphql.realtime.cut();
    await poll(() => ready.mock.calls.length).toBe(2);
    expect(problem).toHaveBeenCalledTimes(1);
  });

  it('comes back when it is cut, says so, is ready again, and hears what comes then', async () => {
    const { url, graphql } = await serve();
    const [ready, onReconnect, states, events] = [vi.fn(), vi.fn(), [] as string[], [] as string[]];
    const client = connect(url, { onReconnect, onState: (state) => states.push(state) });
    client.subscribe(studentTopic('ada'), ({ eventId }) => events.push(eventId), ready);
    await poll(() => ready.mock.calls.length).toBe(1);
    expect(onReconnect).not.toHaveBeenCalled();
    graphql.realtime.cut();
    await publish(url, { eventId: 'missed' });
    await poll(() => ready.mock.calls.length).toBe(2);
    expect(onReconnect).toHaveBeenCalledTimes(1);
    await publish(url, { eventId: 'heard' });
    await poll(() => events).toContain('heard');
    expect(states.slice(0, 5)).toEqual(['connecting', 'open', 'down', 'connecting', 'open']);
  });

  it('closes and connects again when no keep-alive comes in time', async () => {
    const { url, graphql } = await serve({ connectionTimeoutMs: 40 });
    const reasons: (string | undefined)[] = [];
    const onReconnect = vi.fn();
    const client = connect(url, { onReconnect, onState: (_state, reason) => reasons.push(reason) });
    client.subscribe(studentTopic('ada'), () => undefined);
    await poll(() => onReconnect.mock.calls.length).toBeGreaterThan(0);
    expect(reasons).toContain('no keep-alive in time');
    await poll(() => graphql.realtime.connectionCount).toBeLessThanOrEqual(1);
  });

  it('asks for a fresh token for every connection, so that an expired one heals', async () => {
    const { url } = await serve();
    const tokens = ['bad', 'bad', 'ada', 'ada'];
    const ready = vi.fn();
    const client = connect(url, { token: () => tokens.shift() ?? 'ada' });
    client.subscribe(studentTopic('ada'), () => undefined, ready);
    await poll(() => ready.mock.calls.length).toBe(1);
  });

  it('tries a start again that was refused for the moment', async () => {
    const { url } = await serve({ startsPerSecond: 1 });
    const [ready, problem] = [vi.fn(), vi.fn()];
    const client = connect(url, { backoffMs: 600 });
    client.subscribe(studentTopic('ada'), () => undefined, ready, problem);
    client.subscribe(studentTopic('ada'), () => undefined, ready, problem);
    await poll(() => ready.mock.calls.length).toBe(2);
    expect(problem).toHaveBeenCalledWith({
      kind: 'retrying',
      message: 'LimitExceededError: Rate limit exceeded',
    });
  });

  it('stops listening when told to', async () => {
    const { url, graphql } = await serve();
    const client = connect(url);
    const stop = client.subscribe(studentTopic('ada'), () => undefined);
    await poll(() => graphql.realtime.subscriptionCount).toBe(1);
    stop();
    await poll(() => graphql.realtime.subscriptionCount).toBe(0);
    client.close();
    await poll(() => graphql.realtime.connectionCount).toBe(0);
    expect(() => client.subscribe(studentTopic('ada'), () => undefined)).toThrow('closed');
  });

  it('reports an event it cannot read, and reads the next', async () => {
    const { url } = await serve();
    const [problem, events] = [vi.fn(), [] as string[]];
    const client = connect(url);
    await new Promise<void>((ready) => {
      client.subscribe(studentTopic('ada'), ({ eventId }) => events.push(eventId), ready, problem);
    });
    const thin = `mutation P($change: StudentChangeInput!) { publishStudentChange(change: $change) { userId } }`;
    await stack.post(url, stack.signedBy('PUBLISHER'), thin, studentChangeVariables(studentChange()));
    await publish(url);
    await poll(() => events).toEqual(['event-1']);
    expect(problem.mock.calls).toMatchObject([[{ kind: 'unreadable-event' }]]);
  });
});

/** A socket whose other end is the test. */
class FakeSocket implements WebSocketLike {
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

describe('against a server that misbehaves', () => {
  beforeEach(() => {
    FakeSocket.made = [];
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const ack = { type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } };
  const start = (options: Partial<RealtimeClientOptions> = {}): RealtimeClient => {
    const base = { url: 'http://x/graphql', token: () => 't', WebSocket: FakeSocket, random: () => 0 };
    const client = connectRealtime({ ...base, ...options });
    client.subscribe(studentTopic('ada'), () => undefined);
    return client;
  };
  const latest = (): FakeSocket => FakeSocket.made.at(-1)!;

  it('waits twice as long each time, up to the limit, and never less than half of it', async () => {
    const client = start({ backoffMs: 1000, maxBackoffMs: 4000 });
    for (const wait of [500, 1000, 2000, 2000]) {
      await vi.advanceTimersByTimeAsync(0);
      const made = FakeSocket.made.length;
      latest().fail();
      await vi.advanceTimersByTimeAsync(wait - 1);
      expect(FakeSocket.made).toHaveLength(made);
      await vi.advanceTimersByTimeAsync(1);
      expect(FakeSocket.made).toHaveLength(made + 1);
    }
    client.close();
  });

  it('stays while keep-alives come, each one granting the whole time again', async () => {
    const client = start();
    await vi.advanceTimersByTimeAsync(0);
    const socket = latest();
    socket.hear({ type: 'connection_ack', payload: { connectionTimeoutMs: 400 } });
    await vi.advanceTimersByTimeAsync(0);
    socket.hear({ type: 'start_ack', id: '1' });
    for (let beat = 1; beat <= 3; beat += 1) {
      await vi.advanceTimersByTimeAsync(399);
      socket.hear({ type: 'ka' });
    }
    await vi.advanceTimersByTimeAsync(399);
    expect(socket.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.closed).toBe(true);
    client.close();
  });

  it('waits briefly again after a connection that worked', async () => {
    const client = start({ backoffMs: 1000 });
    for (let round = 1; round <= 3; round += 1) {
      await vi.advanceTimersByTimeAsync(0);
      expect(FakeSocket.made).toHaveLength(round);
      latest().hear(ack);
      await vi.advanceTimersByTimeAsync(0);
      latest().hear({ type: 'start_ack', id: '1' });
      latest().fail();
      await vi.advanceTimersByTimeAsync(500);
    }
    client.close();
  });

  it('starts once on a connection, though the token for the one before came late', async () => {
    const given: ((token: string) => void)[] = [];
    const client = start({ token: () => new Promise((resolve) => given.push(resolve)), backoffMs: 10 });
    const give = async (): Promise<void> => {
      given.shift()!('t');
      await vi.advanceTimersByTimeAsync(0);
    };
    await give();
    latest().hear(ack);
    const late = given.shift()!;
    latest().fail();
    await vi.advanceTimersByTimeAsync(10);
    await give();
    latest().hear(ack);
    late('t');
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made.map(({ sent }) => sent.length)).toEqual([0, 0]);
    await give();
    expect(FakeSocket.made.map(({ sent }) => sent.length)).toEqual([0, 1]);
    client.close();
  });

  it('gives up on a handshake that is not answered', async () => {
    const client = start({ handshakeMs: 100 });
    await vi.advanceTimersByTimeAsync(99);
    expect(latest().closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(latest().closed).toBe(true);
    client.close();
  });

  it('gives up on a start that is not answered', async () => {
    const client = start({ handshakeMs: 100 });
    await vi.advanceTimersByTimeAsync(0);
    const socket = latest();
    socket.hear(ack);
    await vi.advanceTimersByTimeAsync(0);
    expect(socket.sent.map(({ type }) => type)).toEqual(['start']);
    await vi.advanceTimersByTimeAsync(100);
    expect(socket.closed).toBe(true);
    client.close();
  });

  it.each(['nonsense', '{}', '[]', '{"type":1}'])('connects again after %s', async (frame) => {
    const client = start();
    await vi.advanceTimersByTimeAsync(0);
    latest().hear(frame);
    expect(latest().closed).toBe(true);
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.made).toHaveLength(2);
    client.close();
  });

  it('ignores frames for what it does not know, and anything after the end', async () => {
    const onState = vi.fn();
    const client = start({ onState });
    await vi.advanceTimersByTimeAsync(0);
    const socket = latest();
    socket.hear(ack);
    for (const type of ['data', 'error', 'start_ack', 'complete', 'news']) socket.hear({ type, id: '99' });
    socket.hear({ type: 'error', payload: { errors: { errorType: 'LimitExceededError' } } });
    client.close();
    socket.hear({ type: 'ka' });
    socket.fail();
    await vi.advanceTimersByTimeAsync(100_000);
    expect(onState.mock.calls.map(([state]) => state)).toEqual(['connecting', 'open', 'closed']);
    expect(FakeSocket.made).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tries again when there is no token, and when the socket cannot be made', async () => {
    const token = vi.fn().mockRejectedValueOnce(new Error('signed out')).mockResolvedValue('t');
    class Broken extends FakeSocket {
      constructor() {
        super();
        if (FakeSocket.made.length === 1) throw new SyntaxError('bad address');
      }
    }
    const reasons: (string | undefined)[] = [];
    const client = start({ token, WebSocket: Broken, onState: (_state, reason) => reasons.push(reason) });
    await vi.advanceTimersByTimeAsync(5000);
    expect(FakeSocket.made).toHaveLength(2);
    expect(reasons).toEqual(
      expect.arrayContaining(['no token: Error: signed out', 'SyntaxError: bad address']),
    );
    client.close();
  });

  it('does not connect when it is closed while the token is on its way', async () => {
    let give: (token: string) => void = () => undefined;
    const client = start({ token: () => new Promise((resolve) => (give = resolve)) });
    client.close();
    give('t');
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.made).toEqual([]);
  });
});
