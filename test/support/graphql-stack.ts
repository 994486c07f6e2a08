import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import {
  createGraphqlApi,
  type GraphqlApi,
  type GraphqlApiOptions,
} from '../../infra/local/appsync/graphql-api.ts';
import { isAllowed, type Statement } from '../../infra/local/iam/iam-policy.ts';
import type { RealtimeOptions } from '../../infra/local/appsync/realtime-settings.ts';
import type { Resource, SynthesisedTemplate } from '../../infra/local/template/resource.ts';
import { resolvers } from '../../infra/system.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export const schemaText = readFileSync(`${root}shared/contracts/schema.graphql`, 'utf8');

/** A resolver as it is deployed: one file, ESM, importing nothing but @aws-appsync/utils. */
export function bundleResolver(name: string): string {
  const { outputFiles } = buildSync({
    entryPoints: [`${root}functions/graphql/${name}.ts`],
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    target: 'esnext',
    external: ['@aws-appsync/utils'],
  });
  return outputFiles[0]!.text;
}

/** Field -> file of functions/graphql. */
export const systemResolvers: Record<string, string> = Object.fromEntries(
  resolvers.map(({ type, field, file }) => [`${type}.${field}`, file]),
);

export function resource(type: string, logicalId: string, properties: Record<string, unknown>): Resource {
  return { type: `AWS::AppSync::${type}`, logicalId, properties };
}

export function templateOf(resources: readonly Resource[]): SynthesisedTemplate {
  return {
    stackName: 'Lockstep',
    resources: (type) => resources.filter((one) => one.type === type),
    resource(logicalId) {
      const found = resources.find((one) => one.logicalId === logicalId);
      if (!found) throw new Error(`no resource ${logicalId}`);
      return found;
    },
    assetPath: () => {
      throw new Error('no assets');
    },
  };
}

const js = { Name: 'APPSYNC_JS', RuntimeVersion: '1.0.0' };

export const api = (properties: Record<string, unknown> = {}): Resource =>
  resource('GraphQLApi', 'Api', {
    Name: 'lockstep',
    AuthenticationType: 'AMAZON_COGNITO_USER_POOLS',
    UserPoolConfig: { UserPoolId: 'us-east-1_local', AwsRegion: 'us-east-1', DefaultAction: 'ALLOW' },
    AdditionalAuthenticationProviders: [{ AuthenticationType: 'AWS_IAM' }],
    ...properties,
  });

export const schema = (Definition: string): Resource =>
  resource('GraphQLSchema', 'Schema', { ApiId: 'api1', Definition });

export const none = resource('DataSource', 'None', { ApiId: 'api1', Name: 'None', Type: 'NONE' });

export function resolver(field: string, Code: string, more: Record<string, unknown> = {}): Resource {
  const [TypeName, FieldName] = field.split('.');
  return resource('Resolver', field.replace('.', ''), {
    ...{ ApiId: 'api1', TypeName, FieldName, Kind: 'UNIT', DataSourceName: 'None', Code, Runtime: js },
    ...more,
  });
}

/** The system's own API. */
export function systemTemplate(): SynthesisedTemplate {
  return templateOf([
    ...[api(), schema(schemaText), none],
    ...Object.entries(systemResolvers).map(([field, file]) => resolver(field, bundleResolver(file))),
  ]);
}

/** `user.group+group`; anything that starts with `bad` is refused. */
export const verifyToken: GraphqlApiOptions<unknown>['verifyToken'] = async (token) => {
  const [sub = '', groups] = token.split('.');
  if (sub.startsWith('bad')) return { ok: false, reason: 'bad' };
  return {
    ok: true,
    claims: { sub, iss: 'local', ...(groups ? { 'cognito:groups': groups.split('+') } : {}) },
  };
};

const publishArn = 'arn:aws:appsync:us-east-1:000000000000:apis/api1/types/Mutation/fields/';

/** A statement that allows the named mutations. */
export function mayPublish(...fields: string[]): Statement[] {
  return [
    {
      Effect: 'Allow',
      Action: ['appsync:GraphQL'],
      Resource: fields.map((field) => publishArn + field),
      Condition: {},
    },
  ];
}

export interface Served {
  readonly graphql: GraphqlApi;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Serves an API on a free port. Access key PUBLISHER may publish both changes, NOBODY nothing. */
export async function serve(
  template: SynthesisedTemplate,
  {
    realtime,
    tls,
    verifyToken: verify = verifyToken,
  }: {
    realtime?: RealtimeOptions;
    tls?: { key: string; cert: string };
    verifyToken?: typeof verifyToken;
  } = {},
): Promise<Served> {
  const graphql = await createGraphqlApi<Statement[]>({
    template,
    verifyToken: verify,
    isAllowed,
    identifyIam: (key) =>
      key === 'PUBLISHER'
        ? { functionName: 'Publisher', statements: mayPublish('publish*') }
        : key === 'HALF'
          ? { functionName: 'Half', statements: mayPublish('publishStudentChange') }
          : key === 'NOBODY'
            ? { functionName: 'Nobody', statements: [] }
            : undefined,
    ...(realtime ? { realtime } : {}),
  });
  const listener: RequestListener = (request, response) => {
    if (!graphql.handleRequest(request, response)) response.writeHead(404).end();
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on('upgrade', (request, socket, head) => {
    if (!graphql.handleUpgrade(request, socket, head)) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    graphql,
    url: `${tls ? 'https' : 'http'}://localhost:${port}/graphql`,
    async stop() {
      await graphql.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The header of a request signed with this access key, as far as it is read. */
export function signedBy(accessKeyId: string, service = 'appsync'): Record<string, string> {
  const credential = `${accessKeyId}/20260101/us-east-1/${service}/aws4_request`;
  return {
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=00`,
  };
}

/** Posts an operation; returns status, headers and body. */
export async function post(
  url: string,
  headers: Record<string, string>,
  query: string,
  variables?: Record<string, unknown>,
): Promise<{ status: number; headers: Headers; body: any }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}
