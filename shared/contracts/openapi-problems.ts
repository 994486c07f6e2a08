import type { DomainErrorCode } from '../domain/errors.ts';
import type { Json } from './openapi-schemas.ts';
import type { Operation } from './operation.ts';
import { PROBLEM_CODES, type ProblemCode } from './problem-codes.ts';

export type StatusOf = (code: DomainErrorCode) => number;

/** Answers of API Gateway itself, before a function sees the request or after it failed. */
const GATEWAY_MESSAGES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  413: 'Request Entity Too Large',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const requestId = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };

/** The refusals of an operation by status, and how a failure of ours looks. */
export function refusalsOf(operation: Operation, statusOf: StatusOf): Json {
  const byStatus = new Map<number, DomainErrorCode[]>();
  for (const code of new Set([...edgeErrors(operation), ...operation.errors])) {
    const codes = byStatus.get(statusOf(code)) ?? [];
    byStatus.set(statusOf(code), [...codes, code]);
  }
  const refusals = [...byStatus].map(([status, codes]) => [status, refusal(status, codes)]);
  return {
    ...Object.fromEntries(refusals),
    429: { $ref: '#/components/responses/Throttled' },
    500: { $ref: '#/components/responses/Failure' },
  };
}

function edgeErrors(operation: Operation): readonly DomainErrorCode[] {
  return [
    'invalid_request',
    ...(operation.audience === 'public' ? [] : (['unauthenticated'] as const)),
    ...(operation.audience === 'admin' ? (['forbidden'] as const) : []),
    ...(operation.body === undefined ? [] : (['body_too_large'] as const)),
    'busy',
  ];
}

function refusal(status: number, codes: readonly DomainErrorCode[]): Json {
  return {
    description: codes.map((code) => `- \`${code}\`: ${PROBLEM_CODES[code].means}`).join('\n'),
    headers: {
      // What API Gateway answers by itself has no such id.
      ...requestId,
      ...(status === 401 && { 'www-authenticate': { $ref: '#/components/headers/WwwAuthenticate' } }),
      ...(status === 503 && { 'retry-after': { $ref: '#/components/headers/RetryAfter' } }),
    },
    content: {
      'application/problem+json': {
        schema: {
          allOf: [
            { $ref: '#/components/schemas/Problem' },
            { type: 'object', properties: { code: { enum: codes } }, required: ['code', 'details'] },
          ],
        },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
      ...gatewayContent(status),
    },
  };
}

function gatewayContent(status: number): Json {
  const message = GATEWAY_MESSAGES[status];
  if (message === undefined) return {};
  const schema = { $ref: '#/components/schemas/GatewayMessage' };
  return { 'application/json': { schema, example: { message } } };
}

/** The answer to what went wrong on our side. */
export const FAILURE: Json = {
  description: 'Something went wrong on our side; the log has it under the id of the request.',
  headers: requestId,
  content: {
    'application/problem+json': {
      schema: { $ref: '#/components/schemas/Problem' },
      example: {
        type: 'about:blank',
        title: 'Something went wrong on our side',
        status: 500,
        requestId: 'UWbzUhm3oAMEYqQ=',
      },
    },
    ...gatewayContent(500),
  },
};

/** The answer to more requests at a time than the API takes. No function saw the request. */
export const THROTTLED: Json = {
  description: 'More requests at a time than the API takes. Nothing has happened: send it again in a moment.',
  content: gatewayContent(429),
};

/** One problem for each code, as it comes over the wire. */
export function problemExamples(statusOf: StatusOf): Json {
  return Object.fromEntries(
    codes().map(([code, { next, title, details }]) => [
      code,
      {
        summary: code,
        description: next,
        value: {
          type: `urn:lockstep:problem:${code}`,
          title,
          status: statusOf(code),
          code,
          details,
          requestId: 'UWbzUhm3oAMEYqQ=',
        },
      },
    ]),
  );
}

/** The schemas of what is answered beside the replies. */
export function problemSchemas(statusOf: StatusOf): Json {
  return {
    Problem: PROBLEM,
    ProblemCode: {
      description: 'The reason of a refusal, for programs: what each means, and what to do next.',
      oneOf: codes().map(([code, { means, next }]) => ({
        const: code,
        title: `${statusOf(code)}`,
        description: `${means} ${next}`,
      })),
    },
    GatewayMessage: {
      type: 'object',
      description: 'What API Gateway says by itself, such as to a token that is missing, forged or too old.',
      properties: { message: { type: 'string' } },
      required: ['message'],
      additionalProperties: false,
    },
  };
}

/** RFC 9457. The codes of an operation are listed with each of its statuses. */
const PROBLEM: Json = {
  type: 'object',
  properties: {
    type: { type: 'string', format: 'uri' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: {
      $ref: '#/components/schemas/ProblemCode',
      description: 'The reason, for programs. Missing when the failure is ours.',
    },
    details: {
      type: 'object',
      description: 'What is wrong, by the field of the request, such as `body.outline.chapters.0.title`.',
      additionalProperties: { type: ['string', 'number', 'boolean', 'null'] },
    },
    requestId: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'requestId'],
  additionalProperties: false,
};

function codes(): (readonly [DomainErrorCode, ProblemCode])[] {
  return Object.entries(PROBLEM_CODES).flatMap(([code, described]) =>
    isCode(code) ? [[code, described] as const] : [],
  );
}

function isCode(code: string): code is DomainErrorCode {
  return Object.hasOwn(PROBLEM_CODES, code);
}
