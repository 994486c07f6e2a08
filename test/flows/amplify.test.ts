import { request } from 'node:https';
import { text } from 'node:stream/consumers';
import { Amplify } from 'aws-amplify';
import { generateClient } from 'aws-amplify/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createTlsCertificate } from '../../infra/local/tls.ts';
import { readAdminChange, readStudentChange } from '../../shared/client/read-change.ts';
import { adminsTopic, studentTopic } from '../../shared/client/realtime-topic.ts';
import { connectRealtime } from '../../shared/client/realtime.ts';
import { onAdminChange, onStudentChange } from '../../shared/contracts/topics.ts';
import { rightAnswers, threeChapters } from '../support/courses.ts';
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
  });

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

  /** From now on Amplify is the bearer. */
  function signIn(token: string): void {
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
  }

  function subscribe(
    query: string,
    variables: object,
    next: (message: any) => void,
    error: (why: unknown) => void,
  ) {
    const observable = generateClient().graphql({ query, variables });
    if (!('subscribe' in observable)) throw new Error('not a subscription');
    return observable.subscribe({ next, error });
  }

  const subscribed = (count: number) =>
    expect.poll(() => school.stack.realtime.subscriptionCount).toBe(count);

  /** Subscribes as the bearer; the promise resolves with the first event that `accepts` takes. */
  function firstEvent(token: string, query: string, variables: object, accepts: (event: any) => boolean) {
    signIn(token);
    const before = school.stack.realtime.subscriptionCount;
    const event = new Promise<any>((resolve, reject) => {
      const next = (message: any): void => {
        if (!accepts(message)) return;
        subscription.unsubscribe();
        resolve(message);
      };
      const subscription = subscribe(query, variables, next, reject);
    });
    return { event, ready: subscribed(before + 1) };
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

  it('sees the same events in the same order as the client of this school', async () => {
    const token = await school.token('the-admin', ['admin']);
    const student = await school.token('cyn');
    await call('PUT', '/me/enrollments/live', student);
    await school.quiet();
    const before = school.stack.realtime.subscriptionCount;
    const theirs = { student: [] as unknown[], admin: [] as unknown[] };
    const ours = { student: [] as unknown[], admin: [] as unknown[] };
    const problems: unknown[] = [];
    signIn(token);
    const subscriptions = [
      subscribe(
        onStudentChange,
        { userId: 'cyn' },
        ({ data }) => theirs.student.push(readStudentChange(data)),
        (why) => problems.push(why),
      ),
      subscribe(
        onAdminChange,
        {},
        ({ data }) => theirs.admin.push(readAdminChange(data)),
        (why) => problems.push(why),
      ),
    ];
    const client = connectRealtime({ url: school.graphqlUrl, token, WebSocket: globalThis.WebSocket });
    client.subscribe(studentTopic('cyn'), (event) => ours.student.push(event));
    client.subscribe(adminsTopic(), (event) => ours.admin.push(event));
    await subscribed(before + 4);

    await call('PUT', '/me/courses/live/chapters/read/completion', student);
    await call('POST', '/me/courses/live/videos/film/beats', student, { intervals: [[0, 10]] });
    await call('PUT', '/me/courses/live/quizzes/quiz/attempts/one', student, rightAnswers);
    await call('PUT', '/me/profile', student, { name: 'Cyn' });
    await call('DELETE', '/me/enrollments/live', student);
    await call('PUT', '/admin/students/cyn/enrollments/live', token);
    await school.quiet();
    await expect.poll(() => theirs.student.length).toBe(ours.student.length);
    await expect.poll(() => theirs.admin.length).toBe(ours.admin.length);
    expect(theirs).toEqual(ours);
    expect(ours.student.length).toBeGreaterThanOrEqual(5);
    expect(ours.admin.length).toBeGreaterThanOrEqual(3);
    expect(problems).toEqual([]);
    for (const subscription of subscriptions) subscription.unsubscribe();
    client.close();
  });
});
