import * as z from 'zod';
import type { AnyExample } from './examples/example.ts';
import { OPERATION_GROUPS, type OperationGroup } from './operation-groups.ts';
import { refusalsOf, type StatusOf } from './openapi-problems.ts';
import { type Json, replySchema, schemaOf } from './openapi-schemas.ts';
import type { Operation } from './operation.ts';

type Paths = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** Every operation by path and method, with its example. */
export function pathsOf(statusOf: StatusOf): Paths {
  const paths: Record<string, Record<string, Json>> = {};
  for (const group of OPERATION_GROUPS) {
    for (const [name, operation] of Object.entries(group.operations)) {
      const path = (paths[operation.path] ??= {});
      path[operation.method.toLowerCase()] = describe(name, operation, group, statusOf);
    }
  }
  return paths;
}

function describe(name: string, operation: Operation, group: OperationGroup, statusOf: StatusOf): Json {
  const example = group.examples[name];
  if (example === undefined) throw new Error(`${name} has no example`);
  return {
    operationId: name,
    summary: operation.summary,
    description: descriptionOf(example),
    tags: [group.tag],
    security: securityOf(operation),
    parameters: [
      ...parametersIn('path', operation.params, example.params),
      ...parametersIn('query', operation.query, example.query),
      ...headersOf(operation),
    ],
    ...(operation.body === undefined ? {} : { requestBody: requestBodyOf(operation, example) }),
    responses: { ...repliesOf(name, operation, example), ...refusalsOf(operation, statusOf) },
  };
}

const CALLERS = {
  ben: 'With the token of a student, `ben`',
  admin: 'With the token of an admin',
  nobody: 'Without a token',
} as const;

function descriptionOf({ by, story, follows }: AnyExample): string {
  const told = `In the example: ${story} ${CALLERS[by]}.`;
  return follows === undefined ? told : `${told} The ids are from the reply of \`${follows.operation}\`.`;
}

/** The roles that a bearer must have; OpenAPI lets them be named with any scheme. */
function securityOf({ audience }: Operation): Json[] {
  if (audience === 'public') return [];
  return [{ bearer: audience === 'admin' ? ['admin'] : [] }];
}

function parametersIn(
  place: 'path' | 'query',
  schema: z.ZodObject,
  example: Readonly<Record<string, unknown>> = {},
): Json[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(field, undefined).success,
    schema: schemaOf(field, 'input'),
    ...(example[name] !== undefined && { example: example[name] }),
  }));
}

function headersOf(operation: Operation): Json[] {
  if (operation.method === 'GET') {
    const description = 'The ETag of the reply at hand; 304 when it is still the same.';
    return [header('If-None-Match', description)];
  }
  // Whoever signs the body has ids of its own for what it sends.
  if (operation.signature !== undefined) {
    return [{ ...header(operation.signature, 'The signature, of the last five minutes.'), required: true }];
  }
  return [
    header(
      'Idempotency-Key',
      'A command sent again under the same key takes effect once. A key belongs to one command on one path; anywhere else it is another.',
    ),
  ];
}

function header(name: string, description: string): Json {
  return { name, in: 'header', required: false, description, schema: { type: 'string' } };
}

function requestBodyOf({ body, rawBody }: Operation, example: AnyExample): Json {
  return {
    required: true,
    ...(rawBody === true && { description: 'The signature is over these bytes as they are sent.' }),
    content: {
      'application/json': {
        schema: body === undefined ? {} : schemaOf(body, 'input'),
        example: example.body,
      },
    },
  };
}

function repliesOf(name: string, operation: Operation, { reply }: AnyExample): Json {
  const requestId = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };
  const links = linksFrom(name);
  const ok = {
    description: 'Done',
    content: contentOf(operation, reply),
    ...(Object.keys(links).length > 0 && { links }),
  };
  if (operation.method !== 'GET') return { 200: { ...ok, headers: requestId } };
  const headers = { ...requestId, etag: { $ref: '#/components/headers/ETag' } };
  return { 200: { ...ok, headers }, 304: { description: 'Not modified', headers } };
}

function contentOf(operation: Operation, reply: unknown): Json {
  // OpenAPI 3.1: bytes as they are have no schema; the base 64 is between the function and API Gateway.
  if (operation.media !== undefined) return { [operation.media]: {} };
  return { 'application/json': { schema: replySchema(operation.reply), example: reply } };
}

/** What can be called with the ids that a reply gives. */
function linksFrom(name: string): Json {
  const following = OPERATION_GROUPS.flatMap(({ examples }) =>
    Object.entries(examples).filter(([, { follows }]) => follows?.operation === name),
  );
  return Object.fromEntries(
    following.map(([operationId, { story, follows }]) => [
      operationId,
      {
        operationId,
        description: story,
        ...(follows?.params && { parameters: pointed(follows.params) }),
        ...(follows?.body && { requestBody: pointed(follows.body) }),
      },
    ]),
  );
}

function pointed(pointers: Readonly<Record<string, string>>): Json {
  return Object.fromEntries(
    Object.entries(pointers).map(([name, pointer]) => [name, `$response.body#${pointer}`]),
  );
}
