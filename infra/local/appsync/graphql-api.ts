import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import * as z from 'zod';
import { createAuthenticator, readApiAuth, type AuthPorts } from './appsync-auth.ts';
import { prepare, run, type Executed } from './appsync-operations.ts';
import { loadResolvers } from './appsync-resolvers.ts';
import { executableSchema } from './appsync-schema.ts';
import type { RealtimeOptions } from './realtime-settings.ts';
import { createRealtime, type Realtime } from './realtime.ts';
import { readBody } from '../http/request-body.ts';
import type { Resource, SynthesisedTemplate } from '../template/resource.ts';

/** What the API needs: the template, and the parts of the stack that know tokens, functions and policies. */
export interface GraphqlApiOptions<Statements> extends AuthPorts<Statements> {
  readonly template: SynthesisedTemplate;
  readonly region?: string;
  readonly account?: string;
  readonly realtime?: RealtimeOptions;
}

/** A running GraphQL API. It has no server of its own: give it the requests of one. */
export interface GraphqlApi {
  /** Answers POST and OPTIONS of `/graphql`. False when the request is not for this API. */
  handleRequest(request: IncomingMessage, response: ServerResponse): boolean;
  /** Takes a web socket to `/graphql/realtime`. False when the request is not for this API. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): boolean;
  readonly realtime: Realtime;
  /** Closes every connection. */
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly errorType?: string;
  readonly body: unknown;
}

const bodyLimits = { limitBytes: 1024 * 1024, timeoutMs: 30_000 };

const ApiProperties = z.object({ IntrospectionConfig: z.enum(['ENABLED', 'DISABLED']).default('ENABLED') });
const SchemaProperties = z.object({ ApiId: z.string(), Definition: z.string() });

const RequestBody = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

function theOnly(template: SynthesisedTemplate, type: string): Resource {
  const [resource, ...others] = template.resources(type);
  if (resource === undefined || others.length > 0) {
    throw new Error(`the template has to have one ${type}, it has ${others.length + (resource ? 1 : 0)}`);
  }
  return resource;
}

function failure(status: number, errorType: string, message: string): Reply {
  return { status, errorType, body: { errors: [{ errorType, message }] } };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Node's headers with one value each. */
export function singleHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, [value].flat().join(',')]],
    ),
  );
}

function send(response: ServerResponse, reply: Reply): void {
  if (response.destroyed) return;
  const text = JSON.stringify(reply.body);
  response.writeHead(reply.status, {
    'content-type': 'application/json;charset=UTF-8',
    'content-length': Buffer.byteLength(text),
    'access-control-allow-origin': '*',
    'access-control-expose-headers': 'x-amzn-RequestId,x-amzn-ErrorType',
    ...(reply.errorType === undefined ? {} : { 'x-amzn-ErrorType': reply.errorType }),
  });
  response.end(text);
}

/**
 * Runs the template's AppSync API: schema, resolvers on NONE data sources, authorization by user pool and
 * IAM, subscriptions. Throws when the template has something that does not run here.
 */
export async function createGraphqlApi<Statements>(
  options: GraphqlApiOptions<Statements>,
): Promise<GraphqlApi> {
  const { template, region = 'us-east-1', account = '000000000000' } = options;
  const api = theOnly(template, 'AWS::AppSync::GraphQLApi');
  const { ApiId, Definition } = SchemaProperties.parse(
    theOnly(template, 'AWS::AppSync::GraphQLSchema').properties,
  );
  const introspection = ApiProperties.parse(api.properties).IntrospectionConfig === 'ENABLED';
  const auth = readApiAuth(api);
  const authenticate = createAuthenticator(
    auth,
    options,
    `arn:aws:appsync:${region}:${account}:apis/${ApiId}`,
  );
  const resolvers = await loadResolvers(template);
  const { schema, subscribersOf } = executableSchema(Definition, auth, resolvers);
  const realtime = createRealtime({ schema, introspection, authenticate }, options.realtime);

  /** A mutation that returned something is published, whatever else in the operation failed. */
  function publish({ ran, data }: Executed): void {
    for (const [key, { fieldName }] of ran) {
      const value = data?.[key];
      if (value === null || value === undefined) continue;
      for (const subscription of subscribersOf.get(fieldName) ?? []) realtime.publish(subscription, value);
    }
  }

  async function answer(request: IncomingMessage): Promise<Reply | undefined> {
    const body = await readBody(request, bodyLimits);
    if (!body.ok) {
      if (body.reason === 'aborted') return undefined;
      return failure(413, 'RequestEntityTooLargeException', 'Request is too large.');
    }
    const headers = singleHeaders(request);
    const authentication = await authenticate(headers, request.socket.remoteAddress ?? '');
    if (!authentication.ok) {
      const { status, errorType, message } = authentication;
      return failure(status, errorType, message);
    }
    const parsed = RequestBody.safeParse(parseJson(body.bytes.toString()));
    if (!parsed.success) {
      return failure(400, 'MalformedHttpRequestException', 'Unable to parse GraphQL query.');
    }
    const prepared = prepare(schema, parsed.data, introspection);
    if (!prepared.ok) {
      if (prepared.syntax) {
        return failure(400, 'MalformedHttpRequestException', 'Unable to parse GraphQL query.');
      }
      return { status: 200, body: { data: null, errors: prepared.errors } };
    }
    if (prepared.kind === 'subscription') {
      return failure(400, 'BadRequestException', 'Subscriptions go through the realtime endpoint.');
    }
    const executed = run(schema, prepared, authentication.caller, headers);
    if (executed.refused) return failure(401, 'UnauthorizedException', 'Permission denied');
    if (prepared.kind === 'mutation') publish(executed);
    const { data, errors } = executed;
    return { status: 200, body: errors.length === 0 ? { data } : { data, errors } };
  }

  return {
    realtime,
    handleRequest(request, response) {
      if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/graphql') return false;
      if (request.method === 'OPTIONS') {
        response.writeHead(200, {
          'access-control-allow-origin': '*',
          'access-control-allow-methods': 'POST, OPTIONS',
          'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
          'access-control-max-age': '172800',
        });
        response.end();
      } else if (request.method === 'POST') {
        answer(request).then(
          (reply) => (reply === undefined ? response.destroy() : send(response, reply)),
          () => send(response, failure(500, 'InternalFailure', 'An internal failure occurred.')),
        );
      } else {
        send(response, failure(405, 'MethodNotAllowedException', 'Only POST is allowed.'));
      }
      return true;
    },
    handleUpgrade: (request, socket, head) => realtime.handleUpgrade(request, socket, head),
    close: () => realtime.close(),
  };
}
