import { OPERATION_GROUPS } from './operation-groups.ts';
import { pathsOf } from './openapi-operations.ts';
import { FAILURE, problemExamples, problemSchemas, type StatusOf, THROTTLED } from './openapi-problems.ts';
import { type Json, namedSchemas } from './openapi-schemas.ts';
import { webhooks, WEBHOOKS_TAG } from './openapi-webhooks.ts';
import { publicOperations } from './public-operations.ts';

/** An OpenAPI 3.1 document; the parts that this program itself looks at are typed. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: Json;
  readonly servers: readonly Json[];
  readonly tags: readonly Json[];
  readonly security: readonly Json[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Json>>>>;
  readonly webhooks: Readonly<Record<string, Json>>;
  readonly components: {
    readonly securitySchemes: Json;
    readonly schemas: Json;
    readonly headers: Json;
    readonly responses: Json;
    readonly examples: Json;
  };
}

export interface OpenApiOptions {
  /** The HTTP status of each refusal, as the edge answers it. */
  readonly statusOf: StatusOf;
  /** The issuer of the tokens that are taken, without a trailing slash. */
  readonly issuer: string;
}

const DESCRIPTION = `The backend of an online school in which every view of a learner's progress is in step.

- **Who calls**: an access token of the user pool as \`Authorization: Bearer ...\`. What lies under \`/me\` is about the person whom the token names; what lies under \`/admin\` is for the group \`admin\`.
- **Commands** can be sent again: under ids that the client chooses, or an \`Idempotency-Key\`, they take effect once.
- **Reads** have a strong \`ETag\`; with \`If-None-Match\` what has not changed is answered with 304 and no body.
- **Lists** end where \`cursor\` is missing; else send it as the query's \`cursor\` for the next page.
- **Refusals** are problem+json (RFC 9457) with a \`code\`. The schema \`ProblemCode\` tells of each code what it means and what to do next. Nothing was written then.
- **Events** come by subscription: see the webhooks.

The examples are one story in the school that \`npm start\` fills, and can be sent to it as they are. Where an id is known only from another reply, the description says which, and a link of that reply says where.`;

/**
 * Describes every operation of the table in `api.ts` as OpenAPI 3.1: parameters, bodies and replies with an example,
 * and for each refusal its status with the codes it can carry.
 */
export function openApiDocument({ statusOf, issuer }: OpenApiOptions): OpenApiDocument {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Lockstep',
      version: '1',
      summary: 'An online school, in step',
      description: DESCRIPTION,
      contact: { name: 'The maintainers of Lockstep' },
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'Where this document is' }],
    tags: [...OPERATION_GROUPS.map(({ tag, description }) => ({ name: tag, description })), WEBHOOKS_TAG],
    security: [{ bearer: [] }],
    paths: pathsOf(statusOf),
    webhooks: webhooks(publicOperations['receive-payment-event'].path),
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'An access token of the user pool. The role `admin` is its group of that name (claim `cognito:groups`). On a local stack POST /local/token makes one.',
        },
        userPool: {
          type: 'openIdConnect',
          openIdConnectUrl: `${issuer}/.well-known/openid-configuration`,
          description: 'The user pool whose access tokens are taken as bearer, and the keys that prove them.',
        },
      },
      schemas: { ...namedSchemas(), ...problemSchemas(statusOf) },
      headers: {
        RequestId: { description: 'Names this call in the logs.', schema: { type: 'string' } },
        ETag: { description: 'A strong hash of the body.', schema: { type: 'string' } },
        RetryAfter: {
          description: 'Seconds after which the same may be sent again.',
          schema: { type: 'integer' },
        },
        WwwAuthenticate: { description: 'Why the token was not taken.', schema: { type: 'string' } },
      },
      responses: { Failure: FAILURE, Throttled: THROTTLED },
      examples: problemExamples(statusOf),
    },
  };
}
