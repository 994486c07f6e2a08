import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { connect } from 'node:net';
import { type HttpApi, type HttpApiOptions, createHttpApi } from '../../infra/local/http/http-api.ts';
import type { InvokeResult } from '../../infra/local/lambda/invocation.ts';
import type { HttpApiEvent } from '../../infra/local/http/payload.ts';
import type { Resource, SynthesisedTemplate } from '../../infra/local/template/resource.ts';

export const POOL_ID = 'us-east-1_local';
export const CLIENT_ID = 'WebClient';
export const ISSUER = `https://cognito-idp.us-east-1.amazonaws.com/${POOL_ID}`;

export function resource(logicalId: string, type: string, properties: Record<string, unknown>): Resource {
  return { logicalId, type, properties };
}

export function templateOf(resources: readonly Resource[]): SynthesisedTemplate {
  return {
    stackName: 'Lockstep',
    resources: (type) => resources.filter((one) => one.type === type),
    resource: (logicalId) => {
      const found = resources.find((one) => one.logicalId === logicalId);
      if (found === undefined) throw new Error(`No resource ${logicalId}`);
      return found;
    },
    assetPath: (key) => key,
  };
}

export interface RouteSpec {
  readonly key: string;
  readonly jwt?: boolean;
  readonly scopes?: readonly string[];
  readonly timeoutMs?: number;
}

/** A template with an HTTP API. Every route has its own function, whose name is `fn-<index>`. */
export function apiTemplate(
  routes: readonly RouteSpec[],
  { cors, extra = [] }: { cors?: Record<string, unknown>; extra?: readonly Resource[] } = {},
): SynthesisedTemplate {
  const perRoute = routes.flatMap(({ key, jwt, scopes, timeoutMs }, index) => [
    resource(`Function${index}`, 'AWS::Lambda::Function', { FunctionName: `fn-${index}` }),
    resource(`Integration${index}`, 'AWS::ApiGatewayV2::Integration', {
      ApiId: 'Api',
      IntegrationType: 'AWS_PROXY',
      IntegrationUri: `arn:aws:lambda:us-east-1:000000000000:function:fn-${index}`,
      PayloadFormatVersion: '2.0',
      ...(timeoutMs !== undefined && { TimeoutInMillis: timeoutMs }),
    }),
    resource(`Route${index}`, 'AWS::ApiGatewayV2::Route', {
      ApiId: 'Api',
      RouteKey: key,
      Target: `integrations/Integration${index}`,
      AuthorizationType: jwt === true ? 'JWT' : 'NONE',
      ...(jwt === true && { AuthorizerId: 'Authorizer' }),
      ...(scopes !== undefined && { AuthorizationScopes: scopes }),
    }),
  ]);
  return templateOf([
    resource('Api', 'AWS::ApiGatewayV2::Api', {
      Name: 'lockstep',
      ProtocolType: 'HTTP',
      ...(cors !== undefined && { CorsConfiguration: cors }),
    }),
    resource('Stage', 'AWS::ApiGatewayV2::Stage', { ApiId: 'Api', StageName: '$default', AutoDeploy: true }),
    resource('Authorizer', 'AWS::ApiGatewayV2::Authorizer', {
      ApiId: 'Api',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: ISSUER, Audience: [CLIENT_ID] },
    }),
    ...perRoute,
    ...extra,
  ]);
}

export const poolResources: readonly Resource[] = [
  resource('Pool', 'AWS::Cognito::UserPool', {}),
  resource(CLIENT_ID, 'AWS::Cognito::UserPoolClient', { UserPoolId: POOL_ID }),
  resource('Admins', 'AWS::Cognito::UserPoolGroup', { GroupName: 'admin', UserPoolId: POOL_ID }),
  resource('Students', 'AWS::Cognito::UserPoolGroup', { GroupName: 'student', UserPoolId: POOL_ID }),
];

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<unknown>;

export interface TestServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

/** Serves on a free port of 127.0.0.1. */
export async function serve(handler: Handler): Promise<TestServer> {
  const server = createServer((req, res) => void handler(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('No port');
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface RunningApi extends TestServer {
  readonly api: HttpApi;
  /** The events that functions got, in order, with the function's name. */
  readonly invocations: { functionName: string; event: HttpApiEvent }[];
  /** Every failure that was reported. */
  readonly failures: string[];
}

/** Runs an API whose functions answer with `reply(event)`. */
export async function runApi(
  template: SynthesisedTemplate,
  reply: (event: HttpApiEvent) => unknown = () => ({ statusCode: 204 }),
  options: Partial<HttpApiOptions> = {},
): Promise<RunningApi> {
  const invocations: RunningApi['invocations'] = [];
  const failures: string[] = [];
  const api = createHttpApi({
    template,
    invoke: async (functionName, event): Promise<InvokeResult> => {
      invocations.push({ functionName, event: event as HttpApiEvent });
      return { ok: true, payload: await reply(event as HttpApiEvent) };
    },
    onFailure: ({ reason }) => failures.push(reason),
    ...options,
  });
  const server = await serve(async (req, res) => {
    if (!(await api.handle(req, res))) api.notFound(req, res);
  });
  return { ...server, api, invocations, failures };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
}

/** Sends exactly this path and these headers (a flat list keeps repeats), with no normalising as fetch does. */
export function send(
  port: number,
  method: string,
  path: string,
  { headers = [], body }: { headers?: readonly (readonly [string, string])[]; body?: Buffer | string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const flat = [['Host', 'api.example.com'] as const, ...headers].flat();
    if (body !== undefined) flat.push('content-length', String(Buffer.byteLength(body)));
    const outgoing = request(
      { port, host: '127.0.0.1', method, path, headers: flat, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const bytes = Buffer.concat(chunks);
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            bytes,
            text: bytes.toString(),
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Writes raw bytes and gives everything that comes back until the server closes the connection. */
export function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
    // A reset after the answer is no concern of these tests.
    let broken: Error | undefined;
    socket.on('error', (error) => (broken = error));
    socket.on('close', () => (received === '' && broken !== undefined ? reject(broken) : resolve(received)));
  });
}
