import { readFileSync } from 'node:fs';
import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
  visit,
  type GraphQLType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { appsyncPrelude } from '../../infra/local/appsync/appsync-scalars.ts';
import * as contract from '../../shared/contracts/publish.ts';
import * as topics from '../../shared/contracts/topics.ts';

const schema = buildSchema(
  `${appsyncPrelude}\n${readFileSync(new URL('../../shared/contracts/schema.graphql', import.meta.url), 'utf8')}`,
);

const studentChange: contract.StudentChange = {
  userId: 'ada',
  eventId: 'e1',
  at: '2026-01-02T03:04:05.678Z',
  views: ['StudentDashboard', 'StudentProgress'],
  rows: [
    {
      table: 'enrollments',
      key: 'ada#algebra',
      version: 2 ** 40,
      removed: false,
      causedBy: 'r1',
      causedAt: '2026-01-02T03:04:05.000Z',
      values: { progress: 40, status: 'active', passed: null },
    },
  ],
};

/** The JSON shape a GraphQL type has, as a JSON Schema like zod's. */
function shapeOf(type: GraphQLType): unknown {
  const inner = isNonNullType(type) ? type.ofType : type;
  const shape = (): unknown => {
    if (isListType(inner)) return { type: 'array', items: shapeOf(inner.ofType) };
    const named = getNamedType(inner);
    if (isEnumType(named)) return { type: 'string', enum: named.getValues().map(({ name }) => name) };
    if (isObjectType(named) || isInputObjectType(named)) {
      const fields = Object.values(named.getFields());
      return {
        type: 'object',
        properties: Object.fromEntries(fields.map((field) => [field.name, shapeOf(field.type)])),
        required: fields.filter((field) => isNonNullType(field.type)).map(({ name }) => name),
      };
    }
    return { type: named.name === 'Float' ? 'number' : named.name === 'Boolean' ? 'boolean' : 'string' };
  };
  return isNonNullType(type) ? shape() : { nullable: shape() };
}

/** A zod schema's wire shape, without the limits GraphQL cannot say. */
function wireShape(value: z.ZodType): unknown {
  const strip = (node: any): unknown => {
    if (node.type === 'array') return { type: 'array', items: strip(node.items) };
    if (node.type === 'object') {
      const entries = Object.entries(node.properties).map(([name, one]) => [name, strip(one)]);
      return { type: 'object', properties: Object.fromEntries(entries), required: node.required };
    }
    return node.enum
      ? { type: 'string', enum: node.enum }
      : { type: node.type === 'integer' ? 'number' : node.type };
  };
  return strip(z.toJSONSchema(value, { io: 'input' }));
}

describe('the publish documents', () => {
  const documents = [
    'publishStudentChange',
    'publishAdminChange',
    'onStudentChange',
    'onAdminChange',
  ] as const;

  it.each(documents)('%s is valid against the schema', (name) => {
    expect(validate(schema, parse(topics[name]))).toEqual([]);
  });

  it.each(documents)('%s selects every field of its type, since subscribers get no other', (name) => {
    const root = { ...schema.getMutationType()!.getFields(), ...schema.getSubscriptionType()!.getFields() };
    const selected: string[] = [];
    visit(parse(topics[name]), {
      Field: (node, _key, _parent, _path, ancestors) => {
        const names = ancestors.flatMap((one) =>
          'kind' in one && one.kind === 'Field' ? [one.name.value] : [],
        );
        selected.push([...names, node.name.value].join('.'));
      },
    });
    const every = (type: GraphQLType, prefix: string): string[] => {
      const named = getNamedType(type);
      if (!isObjectType(named)) return [];
      return Object.values(named.getFields()).flatMap((field) => {
        const path = `${prefix}.${field.name}`;
        return [path, ...every(field.type, path)];
      });
    };
    expect(selected.sort()).toEqual([name, ...every(root[name]!.type, name)].sort());
  });
});

describe('the events', () => {
  it.each(['StudentChange', 'AdminChange'] as const)('%s is the same in zod and in GraphQL', (name) => {
    const expected = JSON.parse(
      JSON.stringify(wireShape(contract[name])).replace('"enum":["admin"]', '"type":"string"'),
    );
    if (expected.properties.topic) expected.properties.topic = { type: 'string' };
    expect(shapeOf(schema.getType(name) as GraphQLType & object)).toEqual({ nullable: expected });
    expect(shapeOf(schema.getType(`${name}Input`) as GraphQLType & object)).toEqual({ nullable: expected });
  });

  it('carry the values as JSON text on the wire and as an object in the program', () => {
    const { change } = contract.studentChangeVariables(studentChange);
    expect(change.rows[0]!.values).toBe('{"progress":40,"status":"active","passed":null}');
    expect(contract.StudentChange.parse(change)).toEqual(studentChange);
  });

  it.each(['', '{', '3', 'null', '[1]', '{"deep":{"er":1}}'])('refuse %j as values', (values) => {
    const { change } = contract.studentChangeVariables(studentChange);
    const broken = { ...change, rows: [{ ...change.rows[0], values }] };
    expect(contract.StudentChange.safeParse(broken).success).toBe(false);
  });

  it('are refused before they are sent when they are not whole', () => {
    expect(() => contract.studentChangeVariables({ ...studentChange, at: '2026-01-02' })).toThrow(z.ZodError);
  });

  it('let every part of a change be seen by functions, and by the users it is for', () => {
    const visible = ['StudentChange', 'AdminChange', 'RowChange'].map((name) =>
      schema.getType(name)!.astNode!.directives!.map((directive) => directive.name.value),
    );
    expect(visible).toEqual(Array.from({ length: 3 }, () => ['aws_iam', 'aws_cognito_user_pools']));
  });
});
