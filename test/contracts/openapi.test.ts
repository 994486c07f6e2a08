import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { describeApi } from '../../functions/http/describe-api.ts';
import { operations } from '../../shared/contracts/api.ts';
import type { Operation } from '../../shared/contracts/operation.ts';
import { OPERATION_GROUPS } from '../../shared/contracts/operation-groups.ts';
import { PROBLEM_CODES } from '../../shared/contracts/problem-codes.ts';
import { STATUS_OF } from '../../shared/runtime/problem.ts';
import { description, ISSUER, validatorAt } from '../support/contract.ts';

const { document } = description();
const all = Object.entries<Operation>(operations);

/** What a description of an operation holds, as far as these tests look. */
interface Described {
  parameters: { name: string; in: string; required: boolean; example?: unknown }[];
  responses: Record<string, { content: Record<string, { schema: any; examples: any; example: any }> }>;
  security?: unknown[];
  requestBody?: {
    description?: string;
    content: { 'application/json': { schema: { required?: string[] }; example: unknown } };
  };
}

function placeOf(operation: Operation): string[] {
  return ['paths', operation.path, operation.method.toLowerCase()];
}

function described(operation: Operation): Described {
  return document.paths[operation.path]?.[operation.method.toLowerCase()] as unknown as Described;
}

/** Why a value does not fit the schema at a place; null where it does. */
function misfit(place: string[], value: unknown): string | null {
  const validate = validatorAt(place);
  return validate(value) ? null : description().ajv.errorsText(validate.errors);
}

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone({ ...document }));
    expect({ valid, errors }).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('has every operation, each in one group', () => {
    const grouped = OPERATION_GROUPS.flatMap((group) => Object.entries(group.operations));
    expect(grouped).toEqual(all);
    const examples = OPERATION_GROUPS.flatMap((group) => Object.keys(group.examples));
    expect(examples.sort()).toEqual(Object.keys(operations).sort());
  });

  it.each(all)('has %s with its parameters and every refusal', (_name, operation) => {
    const { parameters, responses, security } = described(operation);
    const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
    expect(parameters.filter((each) => each.in === 'path').map((each) => each.name)).toEqual(inPath);
    const required = parameters.filter((each) => each.required).map((each) => each.name);
    expect(required).toEqual([
      ...inPath,
      ...(operation.signature === undefined ? [] : [operation.signature]),
    ]);
    for (const code of ['invalid_request' as const, ...operation.errors]) {
      const { schema, examples } = responses[STATUS_OF[code]]?.content['application/problem+json'] ?? {};
      expect(schema.allOf[1].properties.code.enum).toContain(code);
      expect(examples[code]).toEqual({ $ref: `#/components/examples/${code}` });
    }
    const roles = { public: [], student: [{ bearer: [] }], admin: [{ bearer: ['admin'] }] };
    expect(security).toEqual(roles[operation.audience]);
    // API Gateway holds back who asks too often, before any function of ours.
    expect(responses[429]).toEqual({ $ref: '#/components/responses/Throttled' });
    const guards = ['401', '403'].filter((status) => responses[status] !== undefined);
    expect(guards).toEqual(
      {
        public: [],
        student: operation.errors.some((code) => STATUS_OF[code] === 403) ? ['401', '403'] : ['401'],
        admin: ['401', '403'],
      }[operation.audience],
    );
  });

  it.each(all)('has an example of %s that fits', (_name, operation) => {
    const { parameters, requestBody, responses } = described(operation);
    const place = placeOf(operation);
    for (const [index, parameter] of parameters.entries()) {
      if (parameter.in === 'path') expect(parameter.example).toBeDefined();
      if (parameter.example === undefined) continue;
      expect(misfit([...place, 'parameters', String(index), 'schema'], parameter.example)).toBeNull();
    }
    if (operation.body !== undefined) {
      const body = [...place, 'requestBody', 'content', 'application/json', 'schema'];
      expect(misfit(body, requestBody?.content['application/json'].example)).toBeNull();
    }
    const reply = responses[200]?.content['application/json'];
    expect(reply === undefined).toBe(operation.media !== undefined);
    if (reply === undefined) return;
    const schema = [...place, 'responses', '200', 'content', 'application/json', 'schema'];
    expect(misfit(schema, reply.example)).toBeNull();
  });

  it('has an example of every problem, with what it means and what to do next', () => {
    const examples = document.components.examples as Record<string, { value: unknown }>;
    expect(Object.keys(examples).sort()).toEqual(Object.keys(STATUS_OF).sort());
    for (const [code, { value }] of Object.entries(examples)) {
      expect({ code, misfit: misfit(['components', 'schemas', 'Problem'], value) }).toEqual({
        code,
        misfit: null,
      });
    }
    const told = (document.components.schemas.ProblemCode as { oneOf: any[] }).oneOf;
    expect(told.map((each) => each.const)).toEqual(Object.keys(PROBLEM_CODES));
  });

  it('answers with every code somewhere, but those within a report', () => {
    const answered = new Set<string>(all.flatMap(([, { errors }]) => errors));
    const edge = ['invalid_request', 'unauthenticated', 'forbidden', 'body_too_large', 'busy'];
    const unused = Object.keys(PROBLEM_CODES).filter((code) => !answered.has(code) && !edge.includes(code));
    expect(unused).toEqual(['question_conflict']);
  });

  it('has examples of what is pushed that fit', () => {
    for (const name of ['StudentChange', 'AdminChange']) {
      const { post } = document.webhooks[name] as { post: any };
      const { schema, example } = post.requestBody.content['application/json'];
      expect(schema).toEqual({ $ref: `#/components/schemas/${name}` });
      expect(misfit(['components', 'schemas', name], example)).toBeNull();
    }
  });

  it('refers only to what it has', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(20);
    // One more: the webhook that comes in is one of the paths.
    expect([...text.matchAll(/"\$ref":/g)]).toHaveLength(references.length + 1);
    expect(document.webhooks.PaymentEvent).toEqual({ $ref: '#/paths/~1webhooks~1payments' });
    expect(document.paths['/webhooks/payments']).toBeDefined();
    for (const [, kind = '', name = ''] of references) {
      expect(Object.entries(document.components)).toContainEqual([
        kind,
        expect.objectContaining({ [name]: expect.anything() }),
      ]);
    }
  });

  it('links a reply to what can be called with its ids', () => {
    const followed = OPERATION_GROUPS.flatMap((group) =>
      Object.entries(group.examples).flatMap(([name, { follows }]) =>
        follows === undefined ? [] : [[follows.operation, name]],
      ),
    );
    const links = all.flatMap(([name, operation]) => {
      const { responses } = described(operation) as unknown as { responses: Record<string, any> };
      return Object.entries<any>(responses[200].links ?? {}).map(([, link]) => [name, link.operationId]);
    });
    expect(links.sort()).toEqual(followed.sort());
  });

  it('describes ids as strings and what a body must have', () => {
    const schemas = document.components.schemas as Record<string, { properties: Record<string, unknown> }>;
    expect(schemas.EnrollmentView?.properties.courseId).toMatchObject({ type: 'string' });
    const put = described(operations['put-course']).requestBody?.content['application/json'].schema;
    expect(put?.required).toEqual(['title', 'access', 'outline']);
  });

  it('takes any spelling of a status and gives the canonical ones alone', () => {
    const schemas = document.components.schemas as Record<string, { properties: Record<string, any> }>;
    expect(schemas.AdminCourse?.properties.status.enum).toEqual(['draft', 'published', 'archived']);
    const sent = described(operations['set-course-status']).requestBody?.content['application/json'].schema;
    expect((sent as any).properties.status.enum).toContain('Published');
  });

  it('describes a file by its type and a signed body without a key', () => {
    expect(described(operations['get-certificate-pdf']).responses[200]).toMatchObject({
      content: { 'application/pdf': {} },
    });
    const signed = described(operations['receive-payment-event']);
    expect(signed.requestBody?.description).toContain('signature');
    expect(signed.parameters).toMatchObject([{ name: 'Stripe-Signature', in: 'header', required: true }]);
  });

  it('says whose tokens are taken', () => {
    expect(document.components.securitySchemes).toMatchObject({
      bearer: { type: 'http', scheme: 'bearer' },
      userPool: { openIdConnectUrl: `${ISSUER}/.well-known/openid-configuration` },
    });
  });

  it('is made once and has none of the keys that only refer to schemas elsewhere', async () => {
    const describe = describeApi({ statusOf: () => 400, issuer: ISSUER });
    expect(await describe()).toBe(await describe());
    expect(JSON.stringify(document)).not.toMatch(/"\$(schema|id|defs)"/);
  });
});
