import { describe, expect, it, vi } from 'vitest';
import { connectRealtime } from '../../shared/client/realtime.ts';
import { studentTopic } from '../../shared/client/realtime-topic.ts';
import { ack, FakeSocket, latest, running, start, useFakeSockets } from './fake-socket.ts';

useFakeSockets();

describe('against a server that misbehaves', () => {
  const expired = { errors: [{ errorType: 'UnauthorizedException', message: 'Token has expired.' }] };
  const authorizations = (): unknown[] =>
    latest().sent.map(({ payload }) => payload?.extensions.authorization.Authorization);

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

  it('gives up on a token that never comes, to connect with and to subscribe with, and asks again', async () => {
    const given: ((token: string) => void)[] = [];
    const token = () => new Promise<string>((resolve) => given.push(resolve));
    const states: unknown[][] = [];
    const onState = (...state: unknown[]) => states.push(state);
    const client = start({ token, onState, handshakeMs: 100, backoffMs: 20 });
    await vi.advanceTimersByTimeAsync(100);
    expect(states.slice(1)).toEqual([['down', 'no token in time']]);
    await vi.advanceTimersByTimeAsync(10);
    given[0]!('late');
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made).toEqual([]);
    given[1]!('t');
    await vi.advanceTimersByTimeAsync(0);
    const socket = latest();
    socket.hear(ack);
    await vi.advanceTimersByTimeAsync(99);
    expect(socket.closed).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(socket.closed).toBe(true);
    await vi.advanceTimersByTimeAsync(20);
    expect(given).toHaveLength(4);
    client.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('starts a subscription anew at once, with a new token, that ran until its token expired', async () => {
    const token = vi.fn((refused?: string) => (refused === undefined ? 'old' : 'new'));
    const client = await running({ token });
    latest().hear({ type: 'error', id: '1', payload: expired });
    await vi.advanceTimersByTimeAsync(0);
    expect(FakeSocket.made).toHaveLength(1);
    expect(latest().sent.map(({ type, id }) => [type, id])).toEqual([
      ['start', '1'],
      ['start', '2'],
    ]);
    expect(authorizations()).toEqual(['old', 'new']);
    latest().hear({ type: 'start_ack', id: '2' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(token.mock.lastCall).toEqual(['old']);
    client.close();
  });

  it('tries seldom what it was let into before and is refused now', async () => {
    const client = await running({ refusedMs: 60_000 });
    const refusal = { errors: [{ errorType: 'Unauthorized' }] };
    latest().hear({ type: 'error', id: '1', payload: refusal });
    await vi.advanceTimersByTimeAsync(0);
    latest().hear({ type: 'error', id: '2', payload: refusal });
    await vi.advanceTimersByTimeAsync(59_999);
    expect(latest().sent).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(latest().sent.map(({ id }) => id)).toEqual(['1', '2', '2']);
    latest().hear({ type: 'start_ack', id: '2' });
    await vi.advanceTimersByTimeAsync(120_000);
    expect(latest().sent).toHaveLength(3);
    client.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('takes a subscription that the server ends for one to start anew', async () => {
    const client = await running();
    latest().hear({ type: 'complete', id: '1' });
    await vi.advanceTimersByTimeAsync(0);
    expect(latest().sent.map(({ type, id }) => [type, id])).toEqual([
      ['start', '1'],
      ['start', '2'],
    ]);
    // Nothing runs under either yet.
    for (const id of ['1', '2']) latest().hear({ type: 'complete', id });
    await vi.advanceTimersByTimeAsync(0);
    expect(latest().sent).toHaveLength(2);
    client.close();
  });

  it.each([
    { errorType: 'UnauthorizedException', message: 'Token has expired.' },
    { errorType: 'Unauthorized', errorCode: 401 },
    { errorType: 'NotAuthorizedException' },
    { errorType: 'com.amazonaws.deepdish.graphql.auth#UnauthorizedException' },
    { errorType: 'BadRequestException', message: 'Token expired' },
  ])("takes $errorType for the token's where it connects", async (error) => {
    const token = vi.fn((_refused?: string) => 't');
    const client = start({ token, backoffMs: 10 });
    await vi.advanceTimersByTimeAsync(0);
    latest().hear({ type: 'connection_error', payload: { errors: [error] } });
    await vi.advanceTimersByTimeAsync(10);
    expect(token.mock.calls).toEqual([[undefined], ['t']]);
    client.close();
  });

  it("does not take for the token's what a connection or a topic is refused for else", async () => {
    const token = vi.fn((_refused?: string) => 't');
    const client = start({ token, backoffMs: 10, refusedMs: 100 });
    await vi.advanceTimersByTimeAsync(0);
    latest().hear({ type: 'connection_error', payload: { errors: [{ errorType: 'LimitExceededError' }] } });
    await vi.advanceTimersByTimeAsync(10);
    latest().hear(ack);
    await vi.advanceTimersByTimeAsync(0);
    latest().hear({ type: 'error', id: '1', payload: { errors: [{ errorType: 'Unauthorized' }] } });
    await vi.advanceTimersByTimeAsync(100);
    expect(token.mock.calls).toEqual([[undefined], [undefined], [undefined], [undefined]]);
    client.close();
  });

  it('can be left after it was started anew', async () => {
    const client = connectRealtime({ url: 'http://x/graphql', token: 't', WebSocket: FakeSocket });
    const stop = client.subscribe(studentTopic('ada'), () => undefined);
    await vi.advanceTimersByTimeAsync(0);
    latest().hear(ack);
    await vi.advanceTimersByTimeAsync(0);
    latest().hear({ type: 'start_ack', id: '1' });
    latest().hear({ type: 'error', id: '1', payload: expired });
    await vi.advanceTimersByTimeAsync(0);
    stop();
    stop();
    expect(latest().sent.map(({ type, id }) => [type, id])).toEqual([
      ['start', '1'],
      ['start', '2'],
      ['stop', '2'],
    ]);
    client.close();
  });

  it('connects again with another token where the connection was refused for it', async () => {
    const token = vi.fn((refused?: string) => (refused === undefined ? 'old' : 'new'));
    const client = start({ token, backoffMs: 10 });
    await vi.advanceTimersByTimeAsync(0);
    latest().hear({ type: 'connection_error', payload: expired });
    await vi.advanceTimersByTimeAsync(10);
    expect(token.mock.calls).toEqual([[undefined], ['old']]);
    client.close();
  });
});
