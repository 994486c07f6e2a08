import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createTlsCertificate } from '../../infra/local/tls.ts';
import { onAdminChange, onStudentChange } from '../../shared/contracts/publish.ts';
import { threeChapters } from '../support/courses.ts';
import { startSchool, type TestSchool } from '../support/school.ts';

describe("AWS Amplify's own client over TLS", () => {
  let school: TestSchool;
  let ca: string;
  const realWebSocket = Reflect.get(globalThis, 'WebSocket');

  beforeAll(async () => {
    const tls = await createTlsCertificate();
    ca = tls.cert;
    school = await startSchool({ tls });
    // Amplify takes the global one, and offers no way to trust an authority of one's own.
    Reflect.set(
      globalThis,
      'WebSocket',
      class extends WebSocket {
        constructor(url: string, protocols: string[]) {
          super(url, protocols, { ca });
        }
      },
    );
  }, 60_000);

  afterAll(async () => {
    Reflect.set(globalThis, 'WebSocket', realWebSocket);
    await school.stack.stop();
  });

  async function call(method: string, path: string, token: string, body?: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const outgoing = request(`${school.url}${path}`, { method, ca, headers }, (response) => {
        text(response).then((reply) => {
          if (response.statusCode === 200) resolve(JSON.parse(reply));
          else reject(new Error(reply));
        }, reject);
      });
      outgoing.on('error', reject);
      outgoing.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Subscribes as the bearer; the promise resolves with the first event that `accepts` takes. */
  function firstEvent(token: string, query: string, variables: object, accepts: (event: any) => boolean) {
    Amplify.configure(
      {
        API: {
          GraphQL: { endpoint: school.graphqlUrl, region: 'us-east-1', defaultAuthMode: 'userPool' },
        },
      },
      {
        Auth: {
          tokenProvider: {
            getTokens: async () => ({ accessToken: { toString: () => token, payload: {} } }),
          },
        },
      },
    );
    const before = school.stack.realtime.subscriptionCount;
    const event = new Promise<any>((resolve, reject) => {
      const observable = generateClient().graphql({ query, variables });
      if (!('subscribe' in observable)) throw new Error('not a subscription');
      const subscription = observable.subscribe({
        next: (message: any) => {
          if (!accepts(message)) return;
          subscription.unsubscribe();
          resolve(message);
        },
        error: reject,
      });
    });
    const ready = expect
      .poll(() => school.stack.realtime.subscriptionCount, { timeout: 10_000 })
      .toBe(before + 1);
    return { event, ready };
  }

  it("sees a student's progress change after an HTTP call", async () => {
    const admin = await school.token('the-admin', ['admin']);
    const student = await school.token('ada');
    await call('PUT', '/admin/courses/live', admin, threeChapters());
    await call('PUT', '/admin/courses/live/status', admin, { status: 'published' });
    await call('PUT', '/me/enrollments/live', student);
    await school.quiet();
    const { event, ready } = firstEvent(student, onStudentChange, { userId: 'ada' }, () => true);
    await ready;
    await call('PUT', '/me/courses/live/chapters/read/completion', student);
    const { rows, views } = (await event).data.onStudentChange;
    expect(views).toEqual(
      expect.arrayContaining(['StudentDashboard', 'StudentProgress', 'StudentCourseDetail']),
    );
    const progress = rows.find((row: any) => row.table === 'studentProgress');
    expect(JSON.parse(progress.values)).toMatchObject({ totalProgress: 33 });
  });

  it('sees the analytics change as an admin', async () => {
    const admin = await school.token('the-admin', ['admin']);
    await school.quiet();
    const { event, ready } = firstEvent(admin, onAdminChange, {}, (message) =>
      message.data.onAdminChange.views.includes('AdminAnalytics'),
    );
    await ready;
    await call('PUT', '/me/enrollments/live', await school.token('ben'));
    const { rows } = (await event).data.onAdminChange;
    expect(rows.map((row: any) => row.table)).toContain('analytics');
  });
});
