import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { connectRealtime, type RealtimeClient } from '../../shared/client/realtime.ts';
import type { RealtimeClientOptions } from '../../shared/client/realtime-options.ts';
import { realtimeUrl } from '../../shared/client/realtime-socket.ts';
import { adminsTopic, studentTopic } from '../../shared/client/realtime-topic.ts';
import {
  adminChangeVariables,
  studentChangeVariables,
  type StudentChange,
} from '../../shared/contracts/publish.ts';
import { publishAdminChange, publishStudentChange } from '../../shared/contracts/topics.ts';
import { adminChange, studentChange } from '../support/change.ts';
import * as stack from '../support/graphql-stack.ts';

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
    await expect.poll(() => events).toEqual([studentChange()]);
  });

  it('carries several topics on one connection', async () => {
    const { url, graphql } = await serve();
    const client = connect(url, { token: async () => 'root.admin' });
    const seen: string[] = [];
    client.subscribe(studentTopic('ada'), ({ eventId }) => seen.push(eventId));
    client.subscribe(adminsTopic(), ({ eventId }) => seen.push(eventId));
    await expect.poll(() => graphql.realtime.subscriptionCount).toBe(2);
    expect(graphql.realtime.connectionCount).toBe(1);
    await publish(url);
    const variables = adminChangeVariables(adminChange());
    await stack.post(url, stack.signedBy('PUBLISHER'), publishAdminChange, variables);
    await expect.poll(() => seen).toEqual(['event-1', 'event-2']);
  });

  it('tells who is refused, tries again on the next connection, and keeps the others', async () => {
    const { url, graphql } = await serve();
    const problem = vi.fn();
    const ready = vi.fn();
    const client = connect(url);
    client.subscribe(studentTopic('ada'), () => undefined, ready);
    client.subscribe(studentTopic('bob'), () => undefined, undefined, problem);
    await expect.poll(() => problem.mock.calls).toMatchObject([[{ kind: 'refused' }]]);
    graphql.realtime.cut();
    await expect.poll(() => ready.mock.calls.length).toBe(2);
    await expect.poll(() => problem.mock.calls.map(([{ kind }]) => kind)).toEqual(['refused', 'refused']);
  });

  it('comes back when it is cut, says so, is ready again, and hears what comes then', async () => {
    const { url, graphql } = await serve();
    const [ready, onReconnect, states, events] = [vi.fn(), vi.fn(), [] as string[], [] as string[]];
    const client = connect(url, { onReconnect, onState: (state) => states.push(state) });
    client.subscribe(studentTopic('ada'), ({ eventId }) => events.push(eventId), ready);
    await expect.poll(() => ready.mock.calls.length).toBe(1);
    expect(onReconnect).not.toHaveBeenCalled();
    graphql.realtime.cut();
    await publish(url, { eventId: 'missed' });
    await expect.poll(() => ready.mock.calls.length).toBe(2);
    expect(onReconnect).toHaveBeenCalledTimes(1);
    await publish(url, { eventId: 'heard' });
    await expect.poll(() => events).toContain('heard');
    expect(states.slice(0, 5)).toEqual(['connecting', 'open', 'down', 'connecting', 'open']);
  });

  it('closes and connects again when no keep-alive comes in time', async () => {
    const { url, graphql } = await serve({ connectionTimeoutMs: 40 });
    const reasons: (string | undefined)[] = [];
    const onReconnect = vi.fn();
    const client = connect(url, { onReconnect, onState: (_state, reason) => reasons.push(reason) });
    client.subscribe(studentTopic('ada'), () => undefined);
    await expect.poll(() => onReconnect.mock.calls.length).toBeGreaterThan(0);
    expect(reasons).toContain('no keep-alive in time');
    await expect.poll(() => graphql.realtime.connectionCount).toBeLessThanOrEqual(1);
  });

  it('asks for a fresh token for every connection, so that an expired one heals', async () => {
    const { url } = await serve();
    const tokens = ['bad', 'bad', 'ada', 'ada'];
    const ready = vi.fn();
    const client = connect(url, { token: () => tokens.shift() ?? 'ada' });
    client.subscribe(studentTopic('ada'), () => undefined, ready);
    await expect.poll(() => ready.mock.calls.length).toBe(1);
  });

  it('tries a start again that was refused for the moment', async () => {
    const { url } = await serve({ startsPerSecond: 1 });
    const [ready, problem] = [vi.fn(), vi.fn()];
    const client = connect(url, { backoffMs: 600 });
    client.subscribe(studentTopic('ada'), () => undefined, ready, problem);
    client.subscribe(studentTopic('ada'), () => undefined, ready, problem);
    await expect.poll(() => ready.mock.calls.length).toBe(2);
    expect(problem).toHaveBeenCalledWith({
      kind: 'retrying',
      message: 'LimitExceededError: Rate limit exceeded',
    });
  });

  it('stops listening when told to', async () => {
    const { url, graphql } = await serve();
    const client = connect(url);
    const stop = client.subscribe(studentTopic('ada'), () => undefined);
    await expect.poll(() => graphql.realtime.subscriptionCount).toBe(1);
    stop();
    await expect.poll(() => graphql.realtime.subscriptionCount).toBe(0);
    client.close();
    await expect.poll(() => graphql.realtime.connectionCount).toBe(0);
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
    await expect.poll(() => events).toEqual(['event-1']);
    expect(problem.mock.calls).toMatchObject([[{ kind: 'unreadable-event' }]]);
  });
});
