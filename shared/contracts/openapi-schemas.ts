import * as z from 'zod';
import { NAMED_REPLIES } from './named-replies.ts';
import { AdminChange, StudentChange } from './publish.ts';

export type Json = { [key: string]: unknown };

/** The schemas that the document names: every reply of `named-replies.ts` and what is pushed. */
export function namedSchemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries<z.ZodType>(NAMED_REPLIES)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    ...RULES,
    io: 'output',
    uri: (id) => `#/components/schemas/${id}`,
  });
  return {
    ...Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)])),
    // As they are on the wire, where the values of a row are a string of JSON.
    StudentChange: schemaOf(StudentChange, 'input'),
    AdminChange: schemaOf(AdminChange, 'input'),
  };
}

/** A reply's schema, by its name where it has one. */
export function replySchema(reply: z.ZodType): Json {
  const known = Object.entries<z.ZodType>(NAMED_REPLIES).find(([, schema]) => schema === reply);
  return known === undefined ? schemaOf(reply, 'output') : { $ref: `#/components/schemas/${known[0]}` };
}

/** JSON Schema of what is sent (`input`) or of what comes back (`output`). */
export function schemaOf(schema: z.core.$ZodType, io: 'input' | 'output'): Json {
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
