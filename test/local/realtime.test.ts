import { afterEach, describe, expect, it } from 'vitest';
import type { Delivery, RealtimeOptions } from '../../infra/local/appsync/realtime-settings.ts';
import {
  adminChangeVariables,
  studentChangeVariables,
  type StudentChange,
} from '../../shared/contracts/publish.ts';
import {
  onAdminChange,
  onStudentChange,
  publishAdminChange,
  publishStudentChange,
} from '../../shared/contracts/topics.ts';
import { adminChange, studentChange } from '../support/change.ts';
import * as stack from '../support/graphql-stack.ts';
import { post, signedBy } from '../support/graphql-stack.ts';
import { connectProbe, encode, openProbe, type Probe } from '../support/realtime-probe.ts';

const system = stack.systemTemplate();
const running: stack.Served[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((served) => served.stop()));
});

async function serve(realtime: RealtimeOptions = {}, template = system): Promise<stack.Served> {
  const served = await stack.serve(template, { realtime });
  running.push(served);
  return served;
}

async function publish(url: string, changes: Partial<StudentChange> = {}): Promise<void> {
  const variables = studentChangeVariables(studentChange(changes));
  const reply = await post(url, signedBy('PUBLISHER'), publishStudentChange, variables);
  expect(reply.body.errors).toBeUndefined();
}

async function listen(url: string, token = 'ada', userId = 'ada'): Promise<Probe> {
  const probe = await connectProbe(url, token);
  probe.start('1', onStudentChange, { userId });
  expect(await probe.next()).toEqual({ id: '1', type: 'start_ack' });
  return probe;
}

describe('connecting', () => {
  it('acknowledges, names the timeout and sends a keep-alive at once', async () => {
    const { url } = await serve();
    const probe = await openProbe(url, 'ada');
    expect(probe.socket.protocol).toBe('graphql-ws');
    probe.send({ type: 'connection_init' });
    expect(await probe.next()).toEqual({ type: 'connection_ack', payload: { connectionTimeoutMs: 300_000 } });
    await expect.poll(() => probe.frames).toContainEqual({ type: 'ka' });
  });

  it('takes the headers from the query string too', async () => {
    const { url } = await serve();
    const header = encodeURIComponent(encode({ host: 'x', Authorization: 'ada' }, 'base64'));
    const query = `?header=${header}&payload=e30=`;
    const probe = await openProbe(url, 'ada', { protocols: ['graphql-ws'], query });
    probe.send({ type: 'connection_init' });
    expect(await probe.next()).toMatchObject({ type: 'connection_ack' });
  });

  it('refuses a bad token with connection_error 401, and closes', async () => {
    const { url } = await serve();
    const probe = await openProbe(url, 'bad');
    probe.send({ type: 'connection_init' });
    expect(await probe.next()).toEqual({
      type: 'connection_error',
      payload: {
        errors: [
          {
            errorType: 'UnauthorizedException',
            message: 'You are not authorized to make this call.',
            errorCode: 401,
          },
        ],
      },
    });
    await probe.closed;
    expect(probe.frames).toHaveLength(1);
  });

  it.each([
    ['the subprotocol graphql-ws', ['other'], '', 'NoProtocolError'],
    ['a header', ['graphql-ws'], '', 'query string parameters are missing'],
    ['a payload', ['graphql-ws'], `?header=${encode({ host: 'x', Authorization: 'ada' })}`, 'payload'],
    ['a header that is JSON', ['graphql-ws', 'header-AAAA'], '', 'not base64 of a JSON object'],
    ['a host', ['graphql-ws', `header-${encode({ Authorization: 'ada' })}`], '', 'no host'],
  ])('refuses to connect without %s', async (_title, protocols, query, message) => {
    const { url } = await serve();
    if (protocols[0] === 'other') {
      // `ws` gives up by itself when its subprotocol is not chosen.
      await expect(openProbe(url, 'ada', { protocols })).rejects.toThrow('subprotocol');
      return;
    }
    const probe = await openProbe(url, 'ada', { protocols, query });
    const frame = await probe.next();
    expect(frame).toMatchObject({ type: 'connection_error', payload: { errors: [{ errorCode: 400 }] } });
    expect(frame.payload.errors[0].message).toContain(message);
    await probe.closed;
  });

  it('keeps alive, and closes a connection that never says anything', async () => {
    const lively = await connectProbe((await serve({ keepAliveMs: 5 })).url, 'ada');
    const silent = await openProbe((await serve({ initTimeoutMs: 50 })).url, 'ada');
    expect(await silent.closed).toBe(1000);
    await expect.poll(() => lively.frames.filter(({ type }) => type === 'ka').length).toBeGreaterThan(3);
    expect(silent.frames).toEqual([]);
  });

  it('leaves other paths to others', async () => {
    const { url } = await serve();
    await expect(openProbe(`${url}/other`, 'ada')).rejects.toThrow();
  });
});

describe('starting a subscription', () => {
  const unauthorized = { errorType: 'Unauthorized' };

  it.each([
    ['ada', 'ada', 'start_ack'],
    ['ada', 'bob', 'error'],
    ['ada.student', 'bob', 'error'],
    ['root.admin', 'bob', 'start_ack'],
    ['root.student+admin', 'bob', 'start_ack'],
    ['root.administrators', 'bob', 'error'],
  ])('the caller %s on the topic of %s gets %s', async (token, userId, type) => {
    const { url } = await serve();
    const probe = await connectProbe(url, token);
    probe.start('s', onStudentChange, { userId });
    const frame = await probe.next();
    expect(frame).toMatchObject({ id: 's', type });
    if (type === 'error') {
      const message = 'Not Authorized to access onStudentChange on type Subscription';
      expect(frame.payload.errors).toMatchObject([{ ...unauthorized, message }]);
    }
  });

  it('only an admin hears the admin topic', async () => {
    const { url } = await serve();
    const [admin, user] = await Promise.all(['root.admin', 'ada'].map((token) => connectProbe(url, token)));
    admin!.start('a', onAdminChange);
    user!.start('a', onAdminChange);
    expect(await admin!.next()).toEqual({ id: 'a', type: 'start_ack' });
    expect(await user!.next()).toMatchObject({ type: 'error', payload: { errors: [unauthorized] } });
    await post(url, signedBy('PUBLISHER'), publishAdminChange, adminChangeVariables(adminChange()));
    expect(await admin!.next()).toMatchObject({
      id: 'a',
      payload: { data: { onAdminChange: { topic: 'admin' } } },
    });
  });

  it('authenticates every start by itself', async () => {
    const { url } = await serve();
    const probe = await connectProbe(url, 'ada');
    probe.start('1', onStudentChange, { userId: 'ada' }, 'bad');
    expect(await probe.next()).toMatchObject({
      id: '1',
      type: 'error',
      payload: { errors: [{ errorType: 'UnauthorizedException', errorCode: 401 }] },
    });
    probe.start('1', onStudentChange, { userId: 'bob' }, 'bob');
    expect(await probe.next()).toEqual({ id: '1', type: 'start_ack' });
  });

  it('by IAM is refused: functions publish, they do not listen', async () => {
    const { url } = await serve();
    const probe = await connectProbe(url, 'ada');
    const token = signedBy('PUBLISHER')['authorization']!;
    probe.start('1', onStudentChange, { userId: 'ada' }, token);
    expect(await probe.next()).toMatchObject({ type: 'error', payload: { errors: [unauthorized] } });
  });

  it('by IAM, where the schema lets it, takes a role that allows the subscription', async () => {
    const definition = `type Query { n: Int } type Mutation { set: Int }
      type Subscription { onSet: Int @aws_iam @aws_subscribe(mutations: ["set"]) }`;
    const { url } = await serve({}, stack.templateOf([stack.api(), stack.schema(definition)]));
    const probe = await connectProbe(url, signedBy('PUBLISHER')['authorization']!);
    probe.start('1', 'subscription { onSet }');
    expect(await probe.next()).toMatchObject({
      type: 'error',
      payload: { errors: [{ errorType: 'UnauthorizedException', message: 'Permission denied' }] },
    });
  });

  it.each([
    ['a query', '{ schemaVersion }', 'query not supported through the realtime channel'],
    ['a mutation', 'mutation { publishAdminChange }', undefined],
    ['nonsense', '{', 'Unable to parse GraphQL query.'],
    ['a missing argument', 'subscription { onStudentChange { at } }', 'userId'],
    [
      'two fields at once',
      'subscription { onAdminChange { at } b: onAdminChange { at } }',
      'only one top level',
    ],
  ])('refuses %s', async (_title, query, message) => {
    const { url } = await serve();
    const probe = await connectProbe(url, 'ada');
    probe.start('1', query);
    const frame = await probe.next();
    expect(frame).toMatchObject({ id: '1', type: 'error' });
    if (message) expect(frame.payload.errors[0].message).toContain(message);
  });

  it.each([
    ['no JSON', 'hello', 'BadRequestException'],
    ['an unknown type', '{"type":"subscribe"}', 'UnsupportedOperation'],
    ['a start without id', '{"type":"start","payload":{"data":"{}"}}', 'UnsupportedOperation'],
    ['a start without data', '{"type":"start","id":"1","payload":{}}', 'UnsupportedOperation'],
  ])('reports %s without an id, and goes on', async (_title, text, errorType) => {
    const { url } = await serve();
    const probe = await connectProbe(url, 'ada');
    probe.send(text);
    const frame = await probe.next();
    expect(frame).toMatchObject({ type: 'error', payload: { errors: [{ errorType }] } });
    expect(frame).not.toHaveProperty('id');
    probe.start('1', onStudentChange, { userId: 'ada' });
    expect(await probe.next()).toMatchObject({ type: 'start_ack' });
  });

  it('refuses an id twice, and lets it be used again after stop and complete', async () => {
    const { url } = await serve();
    const probe = await listen(url);
    probe.start('1', onStudentChange, { userId: 'ada' });
    expect(await probe.next()).toMatchObject({
      payload: { errors: [{ errorType: 'DuplicatedOperationError' }] },
    });
    probe.send({ type: 'stop', id: '1' });
    expect(await probe.next()).toEqual({ id: '1', type: 'complete' });
    probe.send({ type: 'stop', id: '1' });
    expect(await probe.next()).toMatchObject({
      payload: { errors: [{ errorType: 'UnknownOperationError' }] },
    });
    probe.start('1', onStudentChange, { userId: 'ada' });
    expect(await probe.next()).toEqual({ id: '1', type: 'start_ack' });
  });

  it('takes a stop that comes right behind its start after it', async () => {
    const { url, graphql } = await serve();
    const probe = await connectProbe(url, 'ada');
    probe.start('1', onStudentChange, { userId: 'ada' });
    probe.send({ type: 'stop', id: '1' });
    expect([await probe.next(), await probe.next()].map(({ type }) => type)).toEqual([
      'start_ack',
      'complete',
    ]);
    expect(graphql.realtime.subscriptionCount).toBe(0);
  });

  it('allows 100 subscriptions on a connection, and no more', async () => {
    const { url, graphql } = await serve();
    const probe = await connectProbe(url, 'ada');
    for (let id = 1; id <= 101; id += 1) probe.start(String(id), onStudentChange, { userId: 'ada' });
    for (let id = 1; id <= 100; id += 1)
      expect(await probe.next()).toEqual({ id: String(id), type: 'start_ack' });
    expect(await probe.next()).toEqual({
      id: '101',
      type: 'error',
      payload: {
        errors: [
          { errorType: 'MaxSubscriptionsReachedError', message: 'Max number of 100 subscriptions reached' },
        ],
      },
    });
    expect(graphql.realtime.subscriptionCount).toBe(100);
  });

  it('limits how fast they start', async () => {
    const { url } = await serve({ startsPerSecond: 2 });
    const probe = await connectProbe(url, 'ada');
    for (const id of ['1', '2', '3']) probe.start(id, onStudentChange, { userId: 'ada' });
    const frames = [await probe.next(), await probe.next(), await probe.next()];
    expect(frames[2]).toMatchObject({ id: '3', payload: { errors: [{ errorType: 'LimitExceededError' }] } });
  });

  it('cuts a client that sends more than 240 kB at once', async () => {
    const { url } = await serve();
    const probe = await connectProbe(url, 'ada');
    probe.send('x'.repeat(240 * 1024 + 1));
    expect(await probe.closed).toBe(1009);
  });
});

describe('an event', () => {
  it('reaches whoever it is for, as it was published, and nobody else', async () => {
    const { url } = await serve();
    const [ada, admin, bob] = await Promise.all([
      listen(url),
      listen(url, 'root.admin', 'ada'),
      listen(url, 'bob', 'bob'),
    ]);
    await publish(url);
    const { change } = studentChangeVariables(studentChange());
    const frame = { id: '1', type: 'data', payload: { data: { onStudentChange: change } } };
    expect(await ada!.next()).toEqual(frame);
    expect(await admin!.next()).toEqual(frame);
    await publish(url, { userId: 'bob', eventId: 'for bob' });
    expect(await bob!.next()).toMatchObject({
      payload: { data: { onStudentChange: { eventId: 'for bob' } } },
    });
  });

  it('comes in the order of publishing, once per subscription', async () => {
    const { url } = await serve();
    const probe = await listen(url);
    for (const eventId of ['1', '2', '3', '4', '5']) await publish(url, { eventId });
    for (const eventId of ['1', '2', '3', '4', '5']) {
      expect((await probe.next()).payload.data.onStudentChange.eventId).toBe(eventId);
    }
  });

  it('is not kept for whoever comes later, or has stopped', async () => {
    const { url } = await serve();
    await publish(url, { eventId: 'before' });
    const probe = await listen(url);
    await publish(url, { eventId: 'while' });
    expect((await probe.next()).payload.data.onStudentChange.eventId).toBe('while');
    probe.send({ type: 'stop', id: '1' });
    expect(await probe.next()).toMatchObject({ type: 'complete' });
    await publish(url, { eventId: 'after' });
    probe.send({ type: 'stop', id: '1' });
    expect(await probe.next()).toMatchObject({ type: 'error' });
  });

  it('has only what the mutation selected: the rest is null, and an error where it must not be', async () => {
    const { url } = await serve();
    const probe = await listen(url);
    const query = `mutation Publish($change: StudentChangeInput!) {
      publishStudentChange(change: $change) { userId eventId rows { table } } }`;
    const reply = await post(url, signedBy('PUBLISHER'), query, studentChangeVariables(studentChange()));
    expect(reply.body.errors).toBeUndefined();
    const { payload } = await probe.next();
    expect(payload.data).toEqual({ onStudentChange: null });
    expect(payload.errors[0]).toMatchObject({
      path: ['onStudentChange', 'at'],
      message:
        "Cannot return null for non-nullable type: 'String' within parent 'StudentChange' (/onStudentChange/at)",
    });
  });

  it('without the field the argument filters on reaches nobody', async () => {
    const deliveries: Delivery[] = [];
    const { url } = await serve({ onDelivery: (delivery) => deliveries.push(delivery) });
    await listen(url);
    const query = `mutation Publish($change: StudentChangeInput!) {
      publishStudentChange(change: $change) { eventId } }`;
    await post(url, signedBy('PUBLISHER'), query, studentChangeVariables(studentChange()));
    expect(deliveries).toEqual([]);
  });

  it('of a refused mutation reaches nobody', async () => {
    const deliveries: Delivery[] = [];
    const { url } = await serve({ onDelivery: (delivery) => deliveries.push(delivery) });
    await listen(url);
    const variables = studentChangeVariables(studentChange());
    await post(url, signedBy('NOBODY'), publishStudentChange, variables);
    await post(url, { authorization: 'ada' }, publishStudentChange, variables);
    expect(deliveries).toEqual([]);
  });

  it('of more than 240 kB is silently not delivered', async () => {
    const deliveries: Delivery[] = [];
    const { url } = await serve({ onDelivery: (delivery) => deliveries.push(delivery) });
    const probe = await listen(url);
    const [row] = studentChange().rows;
    await publish(url, { rows: [{ ...row!, values: { long: 'x'.repeat(240 * 1024) } }] });
    await publish(url, { eventId: 'next' });
    expect((await probe.next()).payload.data.onStudentChange.eventId).toBe('next');
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['too-large', 'sent']);
  });
});

describe('when the network is bad', () => {
  it('an event can be dropped on purpose, and the next one comes', async () => {
    const deliveries: Delivery[] = [];
    const { url, graphql } = await serve({ onDelivery: (delivery) => deliveries.push(delivery) });
    const probe = await listen(url);
    graphql.realtime.dropNext();
    await publish(url, { eventId: 'lost' });
    await publish(url, { eventId: 'found' });
    expect((await probe.next()).payload.data.onStudentChange.eventId).toBe('found');
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(['dropped', 'sent']);
  });

  it('connections can be cut on purpose, without a goodbye', async () => {
    const { url, graphql } = await serve();
    const probe = await listen(url);
    graphql.realtime.cut();
    expect(await probe.closed).toBe(1006);
    await expect.poll(() => graphql.realtime.connectionCount).toBe(0);
    await publish(url);
  });

  it('a socket that takes nothing is cut and never holds up the publisher', async () => {
    const outcomes: string[] = [];
    const onDelivery = ({ outcome }: Delivery): number => outcomes.push(outcome);
    const { url } = await serve({ backlogBytes: 256 * 1024, onDelivery: (one) => void onDelivery(one) });
    const slow = await listen(url, 'root.admin', 'ada');
    slow.socket.pause();
    const quick = await listen(url);
    const [row] = studentChange().rows;
    const rows = [{ ...row!, values: { long: 'x'.repeat(200 * 1024) } }];
    let published = 0;
    while (!outcomes.includes('slow') && published < 200) {
      await publish(url, { rows });
      published += 1;
    }
    expect(outcomes).toContain('slow');
    for (let seen = 0; seen < published; seen += 1)
      expect(await quick.next()).toMatchObject({ type: 'data' });
  });
});

describe('arguments as filters', () => {
  const definition = `
    type Query { n: Int }
    type Mutation { set(a: String, n: Int): Row  }
    type Row { a: String  n: Int }
    type Subscription { onSet(a: String, n: Int): Row @aws_subscribe(mutations: ["set"]) }`;
  const code = `export function request(ctx) { return { payload: ctx.args }; }
                export function response(ctx) { return ctx.result; }`;
  const template = stack.templateOf([
    ...[stack.api(), stack.schema(definition), stack.none],
    stack.resolver('Mutation.set', code),
  ]);
  const set = 'mutation Set($a: String, $n: Int) { set(a: $a, n: $n) { a n } }';

  it.each([
    ['left out lets everything pass', 'subscription { onSet { a } }', ['x', 'y', null]],
    ['null matches only null', 'subscription { onSet(a: null) { a } }', [null]],
    ['a value matches itself', 'subscription { onSet(a: "x") { a } }', ['x']],
    ['all have to match', 'subscription { onSet(a: "x", n: 2) { a } }', []],
  ])('%s', async (_title, query, expected) => {
    const seen: unknown[] = [];
    const onDelivery = ({ payload }: Delivery): void => void seen.push(payload);
    const { url } = await serve({ onDelivery }, template);
    const probe = await connectProbe(url, 'ada');
    probe.start('1', query);
    expect(await probe.next()).toMatchObject({ type: 'start_ack' });
    for (const a of ['x', 'y', null]) {
      await post(url, { authorization: 'ada' }, set, { a, n: 1 });
    }
    expect(seen).toEqual(expected.map((a) => ({ data: { onSet: { a } } })));
  });

  it('a filter the resolver sets takes their place', async () => {
    const filtering = `
      import { extensions, util } from '@aws-appsync/utils';
      export function request() { return {}; }
      export function response() {
        extensions.setSubscriptionFilter(util.transform.toSubscriptionFilter({ n: { gt: 5 } }));
        return null;
      }`;
    const seen: unknown[] = [];
    const onDelivery = ({ payload }: Delivery): void => void seen.push(payload);
    const own = stack.templateOf([
      ...[stack.api(), stack.schema(definition), stack.none],
      ...[stack.resolver('Mutation.set', code), stack.resolver('Subscription.onSet', filtering)],
    ]);
    const { url } = await serve({ onDelivery }, own);
    const probe = await connectProbe(url, 'ada');
    probe.start('1', 'subscription { onSet(a: "x") { n } }');
    expect(await probe.next()).toMatchObject({ type: 'start_ack' });
    for (const n of [5, 6]) await post(url, { authorization: 'ada' }, set, { a: 'y', n });
    expect(seen).toEqual([{ data: { onSet: { n: 6 } } }]);
  });
});
