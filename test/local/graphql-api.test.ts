import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGraphqlApi } from '../../infra/local/appsync/graphql-api.ts';
import { isAllowed } from '../../infra/local/iam/iam-policy.ts';
import type { Resource } from '../../infra/local/template/resource.ts';
import { adminChangeVariables, studentChangeVariables } from '../../shared/contracts/publish.ts';
import { publishStudentChange } from '../../shared/contracts/topics.ts';
import { adminChange, studentChange } from '../support/change.ts';
import * as stack from '../support/graphql-stack.ts';
import { post, signedBy } from '../support/graphql-stack.ts';

let system: stack.Served;
beforeAll(async () => {
  system = await stack.serve(stack.systemTemplate());
});
afterAll(() => system.stop());

const version = '{ schemaVersion }';
const student = studentChangeVariables(studentChange());

describe('who is let in', () => {
  const refused = {
    errors: [{ errorType: 'UnauthorizedException', message: 'You are not authorized to make this call.' }],
  };

  it.each([
    ['no authorization', {}],
    ['an empty one', { authorization: '' }],
    ['a token that is refused', { authorization: 'bad' }],
    ['an api key', { 'x-api-key': 'da2-x' }],
    ['a broken signature header', { authorization: 'AWS4-HMAC-SHA256 nonsense' }],
  ])('answers 401 to %s', async (_title, headers) => {
    const reply = await post(system.url, headers, version);
    expect(reply.status).toBe(401);
    expect(reply.headers.get('x-amzn-errortype')).toBe('UnauthorizedException');
    expect(reply.body).toEqual(refused);
  });

  it('answers a user with a token, bare or after Bearer', async () => {
    for (const authorization of ['ada', 'Bearer ada']) {
      expect((await post(system.url, { authorization }, version)).body).toEqual({
        data: { schemaVersion: '1' },
      });
    }
  });

  it('refuses a key that no function has, and a signature for another service', async () => {
    const stranger = await post(system.url, signedBy('STRANGER'), version);
    expect([stranger.status, stranger.body.errors[0].errorType]).toEqual([
      403,
      'UnrecognizedClientException',
    ]);
    const other = await post(system.url, signedBy('PUBLISHER', 'dynamodb'), version);
    expect([other.status, other.body.errors[0].errorType]).toEqual([403, 'InvalidSignatureException']);
  });

  it('refuses a token of another app client when the pool names the clients', async () => {
    const config = { UserPoolId: 'us-east-1_local', AwsRegion: 'us-east-1', AppIdClientRegex: 'web' };
    const definition = stack.schema('type Query { n: Int }');
    const template = stack.templateOf([stack.api({ UserPoolConfig: config }), definition]);
    const served = await stack.serve(template);
    expect((await post(served.url, { authorization: 'ada' }, '{ n }')).status).toBe(401);
    await served.stop();
  });
});

describe('who may publish', () => {
  it('a function whose role allows the mutation: the change is echoed', async () => {
    const reply = await post(system.url, signedBy('PUBLISHER'), publishStudentChange, student);
    expect(reply).toMatchObject({ status: 200, body: { data: { publishStudentChange: student.change } } });
  });

  it('not a function whose role allows nothing: 401 Permission denied', async () => {
    const reply = await post(system.url, signedBy('NOBODY'), publishStudentChange, student);
    expect(reply.status).toBe(401);
    expect(reply.body).toEqual({
      errors: [{ errorType: 'UnauthorizedException', message: 'Permission denied' }],
    });
  });

  it('a function allowed one of two mutations gets the other refused by field', async () => {
    const query = `mutation Both($s: StudentChangeInput!, $a: AdminChangeInput!) {
      publishStudentChange(change: $s) { eventId }
      publishAdminChange(change: $a) { eventId }
    }`;
    const variables = { s: student.change, a: adminChangeVariables(adminChange()).change };
    const reply = await post(system.url, signedBy('HALF'), query, variables);
    expect(reply.status).toBe(200);
    expect(reply.body.data).toEqual({
      publishStudentChange: { eventId: 'event-1' },
      publishAdminChange: null,
    });
    expect(reply.body.errors).toEqual([
      {
        path: ['publishAdminChange'],
        data: null,
        errorType: 'Unauthorized',
        errorInfo: null,
        locations: [{ line: 3, column: 7, sourceName: null }],
        message: 'Not Authorized to access publishAdminChange on type Mutation',
      },
    ]);
  });

  it.each(['ada', 'root.admin'])('not the user %s', async (authorization) => {
    const reply = await post(system.url, { authorization }, publishStudentChange, student);
    expect(reply.status).toBe(200);
    expect(reply.body.data).toEqual({ publishStudentChange: null });
    expect(reply.body.errors[0]).toMatchObject({ errorType: 'Unauthorized' });
  });
});

describe('a request', () => {
  const authorization = 'ada';

  it.each(['', 'nonsense', '{}', '[]', '{"query":3}', '{"query":"{"}'])(
    'that is %j is answered 400 MalformedHttpRequestException',
    async (body) => {
      const response = await fetch(system.url, { method: 'POST', headers: { authorization }, body });
      expect(response.status).toBe(400);
      const text = await response.json();
      expect(text).toMatchObject({ errors: [{ errorType: 'MalformedHttpRequestException' }] });
    },
  );

  it('that does not fit the schema is answered 200 with the errors', async () => {
    const reply = await post(system.url, { authorization }, '{ nothing }');
    expect(reply.status).toBe(200);
    expect(reply.body).toMatchObject({
      data: null,
      errors: [{ path: null, locations: [{ sourceName: null }] }],
    });
  });

  it('whose variables do not fit is answered 200 with the errors', async () => {
    const reply = await post(system.url, signedBy('PUBLISHER'), publishStudentChange, {
      change: { ...student.change, views: ['Nowhere'] },
    });
    expect(reply).toMatchObject({ status: 200, body: { data: null } });
    expect(reply.body.errors[0].message).toContain('Nowhere');
  });

  it('with AWSJSON that is no JSON is refused', async () => {
    const rows = [{ ...student.change.rows[0], values: '{' }];
    const change = { ...student.change, rows };
    const reply = await post(system.url, signedBy('PUBLISHER'), publishStudentChange, { change });
    expect(reply.body.errors[0].message).toContain('JSON');
  });

  it('for a subscription is refused: those go over the web socket', async () => {
    const reply = await post(system.url, { authorization }, 'subscription { onAdminChange { topic } }');
    expect(reply.status).toBe(400);
  });

  it('larger than a megabyte is refused', async () => {
    const reply = await post(system.url, { authorization }, `{ schemaVersion } #${'x'.repeat(1024 * 1024)}`);
    expect(reply.status).toBe(413);
  });

  it('of a browser is answered with CORS headers, also the preflight', async () => {
    const preflight = await fetch(system.url, { method: 'OPTIONS' });
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
    const reply = await post(system.url, { authorization }, version);
    expect(reply.headers.get('access-control-allow-origin')).toBe('*');
  });

  it('for another path is left to others', async () => {
    expect((await fetch(`${system.url}x`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(system.url)).status).toBe(405);
  });
});

/** Answers every field of a small API by a caller. */
async function ask(definition: string, authorization: string, query: string, ...more: Resource[]) {
  const apiResource = more.find(({ logicalId }) => logicalId === 'Api') ?? stack.api();
  const others = more.filter(({ logicalId }) => logicalId !== 'Api');
  const template = stack.templateOf([apiResource, stack.schema(definition), stack.none, ...others]);
  const served = await stack.serve(template);
  try {
    const headers = authorization.startsWith('AWS') ? signedBy('PUBLISHER') : { authorization };
    return (await post(served.url, headers, query)).body;
  } finally {
    await served.stop();
  }
}

const echo = (payload: unknown): string =>
  `export function request() { return { payload: ${JSON.stringify(payload)} }; }
   export function response(ctx) { return ctx.result; }`;

describe('authorization directives', () => {
  const definition = `
    type Query { open: Int  iam: Int @aws_iam  key: Int @aws_api_key
      staff: Int @aws_cognito_user_pools(cognito_groups: ["admin", "staff"])  thing: Thing }
    type Thing @aws_iam { name: String  shared: String @aws_cognito_user_pools }`;
  const resolvers = ['open', 'iam', 'key', 'staff'].map((field) => stack.resolver(`Query.${field}`, echo(7)));
  const thing = stack.resolver('Query.thing', echo({ name: 'a', shared: 'b' }));

  it('a field without one is for the default mode', async () => {
    const query = '{ open iam key staff }';
    const user = await ask(definition, 'ada', query, ...resolvers);
    expect(user.data).toEqual({ open: 7, iam: null, key: null, staff: null });
    expect(user.errors.map(({ errorType }: any) => errorType)).toEqual(Array(3).fill('Unauthorized'));
  });

  it('a group lets in its members only', async () => {
    expect((await ask(definition, 'ada.staff', '{ staff }', ...resolvers)).data).toEqual({ staff: 7 });
    expect((await ask(definition, 'ada.students', '{ staff }', ...resolvers)).data).toEqual({ staff: null });
  });

  it('a field overrides its type', async () => {
    const user = await ask(definition, 'ada', '{ thing { name shared } }', thing);
    expect(user.data).toEqual({ thing: { name: null, shared: 'b' } });
    expect(user.errors[0].message).toBe('Not Authorized to access name on type Thing');
  });

  it('with DefaultAction DENY only named groups get in', async () => {
    const denying = stack.api({
      UserPoolConfig: { UserPoolId: 'us-east-1_local', AwsRegion: 'us-east-1', DefaultAction: 'DENY' },
    });
    const reply = await ask(definition, 'ada.staff', '{ open staff }', denying, ...resolvers);
    expect(reply.data).toEqual({ open: null, staff: 7 });
  });

  it('refuses @aws_auth beside a second mode, where AWS would ignore it', async () => {
    const given = 'type Query { n: Int @aws_auth(cognito_groups: ["admin"]) }';
    await expect(ask(given, 'ada', '{ n }')).rejects.toThrow('@aws_auth has no effect');
    const single = stack.api({ AdditionalAuthenticationProviders: [] });
    expect((await ask(given, 'ada', '{ n }', single)).errors).toHaveLength(1);
    expect((await ask(given, 'ada.admin', '{ n }', single)).errors).toBeUndefined();
  });
});

describe('AWS scalars', () => {
  it.each([
    ['AWSDate', '2026-02-28', '2026-02-30'],
    ['AWSTime', '12:30:00.123Z', '25:00'],
    ['AWSDateTime', '2026-02-28T12:30:00.123Z', '2026-02-28'],
    ['AWSEmail', 'ada@example.com', 'ada'],
    ['AWSURL', 'https://example.com/x', 'example'],
    ['AWSPhone', '+49 30 123456', 'no'],
    ['AWSIPAddress', '10.0.0.0/8', '10.0.0.300'],
    ['AWSJSON', '{"a":[1]}', '{a}'],
  ])('%s takes %s and refuses %s', async (scalar, good, bad) => {
    const definition = `type Query { same(it: ${scalar}!): ${scalar} }`;
    const code = `export function request(ctx) { return { payload: ctx.args.it }; }
                  export function response(ctx) { return ctx.result; }`;
    const same = stack.resolver('Query.same', code);
    const query = (it: string): string => `{ same(it: ${JSON.stringify(it)}) }`;
    expect((await ask(definition, 'ada', query(good), same)).data).toEqual({ same: good });
    expect((await ask(definition, 'ada', query(bad), same)).data).toBeNull();
  });

  it('AWSTimestamp takes whole seconds', async () => {
    const definition = 'type Query { at(it: AWSTimestamp!): AWSTimestamp }';
    const at = stack.resolver('Query.at', echo(12));
    expect((await ask(definition, 'ada', '{ at(it: 12) }', at)).data).toEqual({ at: 12 });
    expect((await ask(definition, 'ada', '{ at(it: "12") }', at)).data).toBeNull();
  });

  it('AWSJSON reaches the resolver parsed and leaves as text', async () => {
    const definition = 'type Query { size(it: AWSJSON!): Int  all: AWSJSON }';
    const code = `export function request(ctx) { return { payload: ctx.args.it.list.length }; }
                  export function response(ctx) { return ctx.result; }`;
    const resolvers = [stack.resolver('Query.size', code), stack.resolver('Query.all', echo({ a: 1 }))];
    const query = '{ size(it: "{\\"list\\":[1,2]}") all }';
    expect((await ask(definition, 'ada', query, ...resolvers)).data).toEqual({ size: 2, all: '{"a":1}' });
  });
});

describe('a template that does not run here is refused by name', () => {
  const start = (...resources: Resource[]) =>
    createGraphqlApi({
      template: stack.templateOf(resources),
      verifyToken: stack.verifyToken,
      identifyIam: () => undefined,
      isAllowed: () => isAllowed([], { action: '', resource: '', context: {} }),
    });
  const definition = stack.schema('type Query { n: Int }');
  const given: [string, Resource[], string][] = [
    ['no API', [definition], 'one AWS::AppSync::GraphQLApi'],
    ['two schemas', [stack.api(), definition, definition], 'one AWS::AppSync::GraphQLSchema'],
    ['an API key', [stack.api({ AuthenticationType: 'API_KEY' }), definition], 'API_KEY'],
    [
      'a table as data source',
      [
        ...[stack.api(), definition],
        stack.resource('DataSource', 'Table', { Name: 'None', Type: 'AMAZON_DYNAMODB' }),
        stack.resolver('Query.n', echo(1)),
      ],
      'AMAZON_DYNAMODB; only NONE runs here',
    ],
    [
      'an unknown data source',
      [stack.api(), definition, stack.resolver('Query.n', echo(1))],
      'no data source',
    ],
    [
      'a resolver for no field',
      [stack.api(), definition, stack.none, stack.resolver('Query.m', echo(1))],
      'a resolver for Query.m',
    ],
    [
      'two resolvers for a field',
      [...[stack.api(), definition, stack.none], ...[1, 2].map((n) => stack.resolver('Query.n', echo(n)))],
      'Query.n has a resolver already',
    ],
    ['broken GraphQL', [stack.api(), stack.schema('type Query {')], 'Syntax Error'],
    [
      'a subscription to no mutation',
      [
        stack.api(),
        stack.schema(
          'type Query { n: Int } type Subscription { on: Int @aws_subscribe(mutations: ["set"]) }',
        ),
      ],
      'which is no mutation',
    ],
    [
      'a subscription of another type than its mutation',
      [
        stack.api(),
        stack.schema(`type Query { n: Int } type Mutation { set: Int }
          type Subscription { on: String @aws_subscribe(mutations: ["set"]) }`),
      ],
      'same type',
    ],
  ];

  it.each(given)('%s', async (_title, resources, message) => {
    await expect(start(...resources)).rejects.toThrow(message);
  });
});
