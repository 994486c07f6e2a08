import { once } from 'node:events';
import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { createTlsCertificate } from '../../infra/local/tls.ts';
import { studentChangeVariables } from '../../shared/contracts/publish.ts';
import { onStudentChange, publishStudentChange } from '../../shared/contracts/topics.ts';
import { studentChange } from '../support/change.ts';
import * as stack from '../support/graphql-stack.ts';

// Amplify decodes the token before it sends it, so it has to look like one.
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const userToken = (sub: string): string =>
  `${part({ alg: 'none' })}.${part({ sub, exp: Math.floor(Date.now() / 1000) + 3600 })}.x`;

let served: stack.Served;
let ca: string;
const realWebSocket = Reflect.get(globalThis, 'WebSocket');

beforeAll(async () => {
  const tls = await createTlsCertificate();
  ca = tls.cert;
  served = await stack.serve(stack.systemTemplate(), {
    tls,
    verifyToken: async (token) => ({
      ok: true,
      claims: JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()),
    }),
  });
  // Amplify takes the global one, and offers no way to trust an authority of one's own.
  class Trusting extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols, { ca });
    }
  }
  Reflect.set(globalThis, 'WebSocket', Trusting);
});

afterAll(async () => {
  Reflect.set(globalThis, 'WebSocket', realWebSocket);
  await served.stop();
});

/** A function's publish, over TLS as everything here. */
async function publish(query: string, variables: unknown): Promise<unknown> {
  const outgoing = request(served.url, { method: 'POST', ca, headers: stack.signedBy('PUBLISHER') });
  outgoing.end(JSON.stringify({ query, variables }));
  const [response] = await once(outgoing, 'response');
  return JSON.parse(await text(response));
}

/** What one subscription by Amplify's own client came to. */
function subscribe(caller: string, userId: string) {
  Amplify.configure(
    { API: { GraphQL: { endpoint: served.url, region: 'us-east-1', defaultAuthMode: 'userPool' } } },
    {
      Auth: {
        tokenProvider: {
          getTokens: async () => {
            const toString = () => userToken(caller);
            return { accessToken: { toString, payload: { sub: caller } } };
          },
        },
      },
    },
  );
  const client = generateClient();
  return new Promise<{ event?: unknown; error?: unknown }>((resolve) => {
    const observable = client.graphql({ query: onStudentChange, variables: { userId } });
    if (!('subscribe' in observable)) throw new Error('not a subscription');
    const subscription = observable.subscribe({
      next: (event: unknown) => {
        subscription.unsubscribe();
        resolve({ event });
      },
      error: (error: unknown) => resolve({ error }),
    });
  });
}

describe("Amplify's own client over TLS", () => {
  it('hears the changes of its user', async () => {
    const heard = subscribe('ada', 'ada');
    await expect.poll(() => served.graphql.realtime.subscriptionCount).toBe(1);
    const variables = studentChangeVariables(studentChange());
    expect(await publish(publishStudentChange, variables)).not.toHaveProperty('errors');
    expect(await heard).toMatchObject({ event: { data: { onStudentChange: variables.change } } });
  });

  it('is refused the changes of another user', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const { error } = await subscribe('ada', 'bob');
    expect(JSON.stringify(error)).toContain('Not Authorized to access onStudentChange on type Subscription');
  });
});
