import * as z from 'zod';
import type { DomainErrorCode } from '../domain/errors.ts';
import { operations } from './api.ts';
import { NAMED_REPLIES } from './named-replies.ts';
import type { Operation } from './operation.ts';

type Json = { [key: string]: unknown };

/** An OpenAPI 3.1 document; the parts that this program itself looks at are typed. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly security: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly components: {
    readonly securitySchemes: Json;
    readonly schemas: Json;
    readonly headers: Json;
  };
}

export interface OpenApiOptions {
  /** The HTTP status of each refusal, as the edge answers it. */
  readonly statusOf: (code: DomainErrorCode) => number;
}

/**
 * Describes every operation of the table in `api.ts` as OpenAPI 3.1: parameters, bodies, replies, and for
 * each refusal its status with the codes it can carry.
 */
export function openApiDocument({ statusOf }: OpenApiOptions): OpenApiDocument {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [name, operation] of Object.entries<Operation>(operations)) {
    const path = (paths[operation.path] ??= {});
    path[operation.method.toLowerCase()] = describe(name, operation, statusOf);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lockstep',
      version: '1',
      description: "The backend of an online school in which every view of a learner's progress is in step.",
    },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'An access token of the user pool; its group `admin` may call what lies under /admin.',
        },
      },
      schemas: { ...replySchemas(), Problem: PROBLEM },
      headers: {
        RequestId: { description: 'Names this call in the logs.', schema: { type: 'string' } },
        ETag: { description: 'A strong hash of the body.', schema: { type: 'string' } },
      },
    },
  };
}

/** RFC 9457. The codes of an operation are listed with each of its statuses. */
const PROBLEM: Json = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', description: 'The reason, for programs. Missing when the failure is ours.' },
    details: {
      type: 'object',
      description: 'What is wrong, by the field of the request, such as `body.outline.chapters.0.title`.',
      additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
    },
    requestId: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'requestId'],
};

function describe(name: string, operation: Operation, statusOf: OpenApiOptions['statusOf']): Json {
  return {
    operationId: name,
    summary: operation.summary,
    tags: [operation.audience],
    ...(operation.audience === 'public' ? { security: [] } : {}),
    parameters: [
      ...parametersIn('path', operation.params),
      ...parametersIn('query', operation.query),
      ...headersOf(operation),
    ],
    ...(operation.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            ...(operation.rawBody === true && {
              description: 'The signature is over these bytes as they are sent.',
            }),
            content: { 'application/json': { schema: schemaOf(operation.body, 'input') } },
          },
        }),
    responses: { ...repliesOf(operation), ...refusalsOf(operation, statusOf) },
  };
}

function parametersIn(place: 'path' | 'query', schema: z.ZodObject): Json[] {
  return Object.entries(schema.shape).map(([name, field]) => ({
    name,
    in: place,
    required: place === 'path' || !z.safeParse(field, undefined).success,
    schema: schemaOf(field, 'input'),
  }));
}

function headersOf(operation: Operation): Json[] {
  if (operation.method === 'GET') {
    const description = 'The ETag of the reply at hand; 304 when it is still the same.';
    return [
      { name: 'If-None-Match', in: 'header', required: false, description, schema: { type: 'string' } },
    ];
  }
  // Whoever signs the body has ids of its own for what it sends.
  if (operation.rawBody === true) return [];
  const description =
    'A command sent again under the same key takes effect once. A key belongs to one command on one path; anywhere else it is another.';
  return [
    { name: 'Idempotency-Key', in: 'header', required: false, description, schema: { type: 'string' } },
  ];
}

function repliesOf(operation: Operation): Json {
  const requestId = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };
  const ok = { description: 'Done', content: contentOf(operation) };
  if (operation.method !== 'GET') return { 200: { ...ok, headers: requestId } };
  const headers = { ...requestId, etag: { $ref: '#/components/headers/ETag' } };
  return { 200: { ...ok, headers }, 304: { description: 'Not modified', headers } };
}

function contentOf({ media, reply }: Operation): Json {
  // OpenAPI 3.1: bytes as they are have no schema; the base 64 is between the function and API Gateway.
  if (media !== undefined) return { [media]: {} };
  const known = Object.entries<z.ZodType>(NAMED_REPLIES).find(([, schema]) => schema === reply);
  const schema =
    known === undefined ? schemaOf(reply, 'output') : { $ref: `#/components/schemas/${known[0]}` };
  return { 'application/json': { schema } };
}

function refusalsOf(operation: Operation, statusOf: OpenApiOptions['statusOf']): Json {
  const byStatus = new Map<number, DomainErrorCode[]>();
  for (const code of new Set([...edgeErrors(operation), ...operation.errors])) {
    const codes = byStatus.get(statusOf(code)) ?? [];
    byStatus.set(statusOf(code), [...codes, code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.join(', '),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                { $ref: '#/components/schemas/Problem' },
                { type: 'object', properties: { code: { enum: codes } } },
              ],
            },
          },
        },
      },
    ]),
  );
}

function edgeErrors(operation: Operation): readonly DomainErrorCode[] {
  return [
    'invalid_request',
    ...(operation.audience === 'public' ? [] : (['unauthenticated', 'forbidden'] as const)),
    ...(operation.body === undefined ? [] : (['body_too_large'] as const)),
    'busy',
  ];
}

function replySchemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries<z.ZodType>(NAMED_REPLIES)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    ...RULES,
    io: 'output',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)]));
}

function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output'): Json {
  return bare(z.toJSONSchema(schema, { ...RULES, io }));
}

// Ids are strings that a transform has branded: what leaves is what came in.
const RULES = {
  unrepresentable: 'any',
  override: ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodTypes; jsonSchema: Json }) => {
    const definition = zodSchema._zod.def;
    if (definition.type !== 'pipe' || Object.keys(jsonSchema).length > 0) return;
    Object.assign(jsonSchema, schemaOf(definition.in, 'input'));
  },
} as const;

function bare(schema: Json): Json {
  const { $schema: _dialect, $id: _id, ...rest } = schema;
  return rest;
}
