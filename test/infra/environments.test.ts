import { describe, expect, inject, it } from 'vitest';
import * as z from 'zod';
import { httpFunctions } from '../../infra/http-functions.ts';
import { consumers, schedules, triggers } from '../../infra/system.ts';
import { modelOf, readRaw } from './model.ts';

const names = [
  ...Object.keys(httpFunctions).map((name) => ['http', name] as const),
  ...Object.keys(consumers).map((name) => ['streams', name] as const),
  ...Object.keys(triggers).map((name) => ['triggers', name] as const),
  ...Object.keys(schedules).map((name) => ['scheduled', name] as const),
];

type Folder = (typeof names)[number][0];

async function environmentOf(folder: Folder, name: string): Promise<z.ZodObject> {
  const load = {
    http: () => import(`../../functions/http/${name}.ts`),
    streams: () => import(`../../functions/streams/${name}.ts`),
    triggers: () => import(`../../functions/triggers/${name}.ts`),
    scheduled: () => import(`../../functions/scheduled/${name}.ts`),
  };
  const module: { environment: z.ZodObject } = await load[folder]();
  return module.environment;
}

describe('the environment of', () => {
  const model = modelOf(readRaw(inject('assembly')));

  it.each(names)('%s/%s is what its function reads, no more and no less', async (folder, name) => {
    const schema = await environmentOf(folder, name);
    const lambda = model
      .of('AWS::Lambda::Function')
      .find(({ properties }) => properties.FunctionName === `lockstep-${name}`);
    const variables: Record<string, string> = lambda?.properties.Environment?.Variables ?? {};

    expect(Object.keys(variables).sort()).toEqual(Object.keys(schema.shape).sort());
    expect(z.safeParse(schema, variables).error).toBeUndefined();
  });
});
