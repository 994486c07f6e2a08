import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fillSampleSchool } from '../../commands/start/sample-school.ts';
import { operations, type OperationName } from '../../shared/contracts/api.ts';
import type { AnyExample } from '../../shared/contracts/examples/example.ts';
import type { Operation } from '../../shared/contracts/operation.ts';
import { OPERATION_GROUPS } from '../../shared/contracts/operation-groups.ts';
import { onAdminChange, onStudentChange } from '../../shared/contracts/topics.ts';
import { expectInContract, validatorAt } from '../support/contract.ts';
import { connectProbe, type Probe } from '../support/realtime-probe.ts';
import { useSchool } from '../support/school.ts';

/** The story that the examples tell, in the order in which it can happen. */
const STORY: readonly OperationName[] = [
  'describe-api',
  'get-student-courses',
  'get-student-course-detail',
  'record-video-beat',
  'complete-chapter',
  'submit-quiz-attempt',
  'waive-item',
  'get-student-profile',
  'verify-certificate',
  'get-certificate-pdf',
  'get-student-progress',
  'get-student-dashboard',
  'get-notifications',
  'read-notification',
  'read-notifications',
  'put-student-profile',
  'get-student-qbank',
  'start-test',
  'open-test',
  'get-test',
  'answer-question',
  'submit-test',
  'put-course',
  'get-course',
  'preview-course',
  'set-course-status',
  'put-question',
  'import-questions',
  'get-question',
  'void-question',
  'validate-question',
  'get-question-table',
  'request-access',
  'get-admin-requests',
  'approve-request',
  'reject-request',
  'withdraw-request',
  'start-checkout',
  'receive-payment-event',
  'get-payments',
  'enroll-student',
  'mark-quiz-attempt',
  'unenroll-student',
  'get-admin-dashboard',
  'get-admin-analytics',
  'get-admin-students',
  'get-admin-student',
  'explain-progress',
  'explain-aggregate',
  'withdraw-waiver',
  'unenroll',
  'enroll-directly',
  'start-job',
  'get-jobs',
  'get-job',
  'stop-job',
  'get-failures',
  'get-failure',
  'redrive-failure',
  'drop-failure',
  'redrive-failures',
  'get-sync-health',
];

const examples: Readonly<Record<string, AnyExample>> = Object.assign(
  {},
  ...OPERATION_GROUPS.map((group) => group.examples),
);

describe('The examples of the API, sent to the sample school in the order of their story', () => {
  const school = useSchool();
  const replies = new Map<string, unknown>();

  let student: Probe;
  let admin: Probe;

  beforeAll(async () => {
    await fillSampleSchool(school());
    student = await connectProbe(school().graphqlUrl, await school().token('ben'));
    student.start('1', onStudentChange, { userId: 'ben' });
    admin = await connectProbe(school().graphqlUrl, await school().token('admin', ['admin']));
    admin.start('1', onAdminChange);
    for (const probe of [student, admin]) expect(await probe.next()).toMatchObject({ type: 'start_ack' });
  });

  afterAll(() => {
    for (const probe of [student, admin]) probe.socket.close();
  });

  it('are of every operation', () => {
    expect(STORY.toSorted()).toEqual(Object.keys(operations).sort());
  });

  /** What no operation can do: rows that are not as they should be, and then are. */
  const before: Partial<Record<OperationName, () => Promise<void>>> = {
    'get-failures': () => putCompletions('one'),
    'redrive-failure': () => putCompletions(1),
  };

  async function putCompletions(version: unknown): Promise<void> {
    for (const chapterId of ['history', 'outlook']) {
      const written = '2026-01-01T00:00:00.000Z';
      const Item = {
        userId: 'ben',
        completion: `heart#${chapterId}`,
        courseId: 'heart',
        chapterId,
        completedAt: written,
        version,
        updatedAt: written,
        causedBy: 'import',
        causedAt: written,
      };
      await school().documents.send(new PutCommand({ TableName: 'chapterCompletions', Item }));
    }
    await school().quiet();
  }

  /** The example with the ids that only the replies know, taken from where it says. */
  function ready({ follows, params, body, ...rest }: AnyExample): AnyExample {
    const known = replies.get(follows?.operation ?? '');
    const taken = (pointers: Readonly<Record<string, string>> = {}) =>
      Object.fromEntries(
        Object.entries(pointers).map(([name, pointer]) => {
          const value = pointer
            .split('/')
            .slice(1)
            .reduce<any>((part, key) => part?.[key], known);
          expect(value, `${follows?.operation} replied nothing at ${pointer}`).toBeTypeOf('string');
          return [name, value as unknown];
        }),
      );
    return {
      ...rest,
      params: { ...params, ...taken(follows?.params) },
      body: follows?.body === undefined ? body : { ...(body as object), ...taken(follows.body) },
    };
  }

  it.each(STORY)('%s: does as its example says', async (name) => {
    await before[name]?.();
    const { by, params = {}, query = {}, body } = ready(examples[name]!);
    const { method, path, signature } = operations[name] as Operation;
    const url = new URL(
      school().url + path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(String(params[key]))),
    );
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, String(value));
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string> = {};
    if (by !== 'nobody') {
      const token = await school().token(by, by === 'admin' ? ['admin'] : ['student']);
      headers.authorization = `Bearer ${token}`;
    }
    if (text !== undefined) headers['content-type'] = 'application/json';
    if (signature !== undefined) headers[signature] = await school().payments.sign(text ?? '');

    const response = await fetch(url, { method, headers, ...(text !== undefined && { body: text }) });

    const type = response.headers.get('content-type') ?? undefined;
    const json: unknown = type?.includes('json') === true ? await response.json() : undefined;
    expect({ status: response.status, json }).toEqual({ status: 200, json });
    const requestId = response.headers.get('x-request-id') ?? undefined;
    expectInContract({ method, path: url.pathname, status: 200, type, requestId, json });
    replies.set(name, json);
    await school().quiet();
  });

  it.each(['StudentChange', 'AdminChange'])('lead to events as the webhook %s tells', (name) => {
    const { frames } = name === 'StudentChange' ? student : admin;
    const events = frames
      .filter(({ type }) => type === 'data')
      .map(({ payload }) => payload.data[`on${name}`] as unknown);
    expect(events.length).toBeGreaterThan(10);
    const fits = validatorAt(['components', 'schemas', name]);
    expect(events.filter((event) => !fits(event))).toEqual([]);
  });

  it('are what anyone reads at /openapi.json', () => {
    const { paths } = replies.get('describe-api') as { paths: Record<string, Record<string, any>> };
    for (const [name, { path, method }] of Object.entries<Operation>(operations)) {
      const { operationId, responses } = paths[path]?.[method.toLowerCase()] ?? {};
      expect(operationId).toBe(name);
      if (examples[name]?.reply !== undefined) {
        expect(responses[200].content['application/json'].example).toEqual(examples[name].reply);
      }
    }
  });
});

describe('A school whose replies are held against the contract', () => {
  const school = useSchool();

  it('fails whoever gets a reply that is not described', () => {
    const put = {
      method: 'PUT',
      path: '/me/enrollments/heart',
      type: 'application/problem+json',
      requestId: 'r',
    };
    const problem = {
      type: 'urn:x',
      title: 'No',
      status: 409,
      code: 'not_enrolled',
      details: {},
      requestId: 'r',
    };
    expect(() => expectInContract({ ...put, status: 409, json: problem })).toThrow('must be equal to one of');
    const known = { ...problem, code: 'course_not_published' };
    expect(() => expectInContract({ ...put, status: 409, json: known })).not.toThrow();
    expect(() => expectInContract({ ...put, status: 409, json: { ...known, more: 1 } })).toThrow(
      'additional',
    );
    expect(() => expectInContract({ ...put, status: 418, json: known })).toThrow('a status');
    expect(() => expectInContract({ ...put, status: 409, type: 'text/html', json: known })).toThrow(
      'text/html',
    );
    expect(() => expectInContract({ ...put, status: 200, type: 'application/json', json: {} })).toThrow(
      'required',
    );
    expect(() => expectInContract({ ...put, path: '/local', status: 418, json: 1 })).not.toThrow();
  });

  it('has a token refused in words that are described', async () => {
    const response = await fetch(`${school().url}/me/dashboard`, { headers: { authorization: 'Bearer no' } });
    expect(response.status).toBe(401);
  });
});

describe('The page of the API on a local stack', () => {
  const school = useSchool();

  it('shows the description of this school, without anything from outside', async () => {
    const page = await (await fetch(`${school().url}/docs`)).text();
    const parts = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, part = '']) => part);
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts) {
      const url = new URL(part, `${school().url}/docs/`);
      expect(url.origin).toBe(school().url);
      expect((await fetch(url)).status).toBe(200);
    }
    const initializer = await fetch(`${school().url}/docs/swagger-initializer.js`);
    expect(initializer.headers.get('content-type')).toContain('text/javascript');
    expect(await initializer.text()).toContain("fetch('/openapi.json')");
  });
});
