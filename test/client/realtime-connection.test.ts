import { describe, expect, it, vi } from 'vitest';
import { connectRealtime } from '../../shared/client/realtime.ts';
import { studentTopic } from '../../shared/client/realtime-topic.ts';
import { ack, FakeSocket, latest, running, start, useFakeSockets } from './fake-socket.ts';

useFakeSockets();

describe('against a server that misbehaves', () => {
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

  it('gives up on a handshake that is not answered', async () => {
    const client = start({ handshakeMs: 100 });
    await vi.advanceTimersByTimeAsync(99);
    expect(latest().closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(latest().closed).toBe(true);
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

  it('does not wait when the network is back, and does not trust a connection from before', async () => {
    const network = new EventTarget();
    const client = await running({ network, backoffMs: 30_000 });
    network.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made.map(({ closed }) => closed)).toEqual([true, false]);
    latest().fail();
    network.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made).toHaveLength(3);
    client.close();
    network.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.made).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('begins an attempt anew when the network is back, which may be stuck in it', async () => {
    const network = new EventTarget();
    const given: ((token: string) => void)[] = [];
    const token = () => new Promise<string>((resolve) => given.push(resolve));
    const client = start({ network, token });
    network.dispatchEvent(new Event('online'));
    expect(given).toHaveLength(2);
    given[1]!('t');
    await vi.advanceTimersByTimeAsync(0);
    network.dispatchEvent(new Event('online'));
    given[2]!('t');
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made.map(({ closed }) => closed)).toEqual([true, false]);
    client.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does not connect when it is closed while the token is on its way', async () => {
    let give: (token: string) => void = () => undefined;
    const client = start({ token: () => new Promise((resolve) => (give = resolve)) });
    client.close();
    give('t');
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.made).toEqual([]);
  });

  it('ends the connection a while after the last topic was left, and connects for the next one', async () => {
    const states: string[] = [];
    const client = connectRealtime({
      url: 'http://x/graphql',
      token: () => 't',
      WebSocket: FakeSocket,
      lingerMs: 1000,
      onState: (state) => states.push(state),
      onReconnect: () => states.push('back'),
    });
    const listen = () => client.subscribe(studentTopic('ada'), () => undefined);
    const leave = listen();
    await vi.advanceTimersByTimeAsync(0);
    latest().hear(ack);
    leave();
    await vi.advanceTimersByTimeAsync(999);
    // Who joins again in time finds it open.
    const leaveAgain = listen();
    await vi.advanceTimersByTimeAsync(5000);
    expect(FakeSocket.made.map(({ closed }) => closed)).toEqual([false]);
    leaveAgain();
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.made.map(({ closed }) => closed)).toEqual([true]);
    expect(vi.getTimerCount()).toBe(0);
    listen();
    await vi.advanceTimersByTimeAsync(0);
    latest().hear(ack);
    expect(states).toEqual(['connecting', 'open', 'idle', 'connecting', 'open']);
    client.close();
  });

  it('gives up trying to connect once nobody listens', async () => {
    const client = connectRealtime({ url: 'http://x/graphql', token: () => 't', WebSocket: FakeSocket });
    const leave = client.subscribe(studentTopic('ada'), () => undefined);
    await vi.advanceTimersByTimeAsync(0);
    latest().fail();
    leave();
    await vi.advanceTimersByTimeAsync(120_000);
    const made = FakeSocket.made.length;
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(FakeSocket.made).toHaveLength(made);
    client.close();
  });
});
