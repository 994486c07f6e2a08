import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import appsync from '@aws-appsync/eslint-plugin';
import { Linter } from 'eslint';
import { describe, expect, it } from 'vitest';
import { FieldFailure } from '../../infra/local/appsync/appsync-errors.ts';
import {
  loadResolverCode,
  pipelineResolver,
  unitResolver,
  type ResolverInput,
} from '../../infra/local/appsync/appsync-js.ts';
import { bundleResolver, systemResolvers } from '../support/graphql-stack.ts';

const input: ResolverInput = {
  args: { id: 'a', list: [1, 2] },
  identity: { sub: 'ada', groups: null },
  source: null,
  headers: { host: 'x' },
  info: {
    fieldName: 'thing',
    parentTypeName: 'Query',
    variables: {},
    selectionSetList: ['id'],
    selectionSetGraphQL: '{ id }',
  },
};

const imports = "import { util, runtime, extensions } from '@aws-appsync/utils';\n";
const load = (code: string) => loadResolverCode('Query.thing', imports + code);
const unit = async (request: string, response = 'return ctx.result;') =>
  unitResolver(
    await load(`export function request(ctx) { ${request} } export function response(ctx) { ${response} }`),
  )(input);

describe('a unit resolver', () => {
  it('gives the payload of request to response as the result', async () => {
    const outcome = await unit(
      'return { payload: ctx.args };',
      'return { seen: ctx.result, who: ctx.identity.sub };',
    );
    expect(outcome.value).toEqual({ seen: { id: 'a', list: [1, 2] }, who: 'ada' });
  });

  it('without a payload has the result null', async () => {
    expect((await unit('return {};')).value).toBeNull();
    expect((await unit('')).value).toBeNull();
  });

  it('shares the stash between request and response, and nothing between two calls', async () => {
    const code = await load(`let calls = 0;
      export function request(ctx) { calls += 1; ctx.stash.calls = calls; return {}; }
      export function response(ctx) { return ctx.stash.calls; }`);
    const run = unitResolver(code);
    expect([run(input).value, run(input).value]).toEqual([1, 1]);
  });

  it('cannot change what the caller passed in', async () => {
    await unit('ctx.args.id = "b"; ctx.args.list.push(3); return {};');
    expect(input.args).toEqual({ id: 'a', list: [1, 2] });
  });

  it.each(['process', 'fetch', 'setTimeout', 'Buffer', 'URL', 'structuredClone'])(
    'has no %s',
    async (name) => {
      expect((await unit(`return { payload: typeof ${name} };`)).value).toBe('undefined');
    },
  );

  it('cannot make code from text', async () => {
    await expect(unit("return { payload: eval('1') };")).rejects.toThrow('Code generation');
  });

  it('may import the utilities only', async () => {
    const code = await loadResolverCode('x', "import fs from 'node:fs'; export const request = () => fs;");
    expect(() => unitResolver(code)(input)).toThrow('x imports node:fs');
  });

  it('has to export both handlers', async () => {
    const code = await load('export function request() { return {}; }');
    expect(() => unitResolver(code)(input)).toThrow('export both');
  });
});

describe('the utilities', () => {
  const failing = async (request: string): Promise<unknown> => {
    try {
      await unit(request);
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it('unauthorized fails the field in the words of AppSync', async () => {
    expect(await failing('util.unauthorized();')).toMatchObject({
      message: 'Not Authorized to access thing on type Query',
      errorType: 'Unauthorized',
    });
  });

  it('error fails the field with type, data and info', async () => {
    const error = await failing("util.error('no', 'Refused', { a: 1 }, { b: 2 });");
    expect(error).toBeInstanceOf(FieldFailure);
    expect(error).toMatchObject({ message: 'no', errorType: 'Refused', data: { a: 1 }, errorInfo: { b: 2 } });
  });

  it('appendError adds to the errors and goes on', async () => {
    const outcome = await unit("util.appendError('careful', 'Warning'); return { payload: 1 };");
    expect(outcome.value).toBe(1);
    expect(outcome.appended).toMatchObject([{ message: 'careful', errorType: 'Warning' }]);
  });

  it('earlyReturn skips the rest', async () => {
    const outcome = await unit(
      "runtime.earlyReturn({ early: true }); util.error('late');",
      "util.error('later');",
    );
    expect(outcome.value).toEqual({ early: true });
  });

  it('make ids and times', async () => {
    const { value } = await unit(`return { payload: {
      id: util.autoId(), iso: util.time.nowISO8601(), s: util.time.nowEpochSeconds(),
      ms: util.time.parseISO8601ToEpochMilliSeconds('1970-01-01T00:00:01Z') } };`);
    expect(value).toMatchObject({ id: expect.stringMatching(/^[0-9a-f-]{36}$/), ms: 1000 });
  });

  it('that do not run here say so', async () => {
    expect(String(await failing('util.dynamodb.toMapValues({});'))).toContain(
      'util.dynamodb does not run here',
    );
    expect(String(await failing('extensions.invalidateSubscriptions({});'))).toContain('does not run here');
  });
});

describe('a pipeline resolver', () => {
  const step = (name: string, extra = '') =>
    load(`export function request(ctx) { ${extra} return { payload: [...(ctx.prev.result ?? []), '${name}'] }; }
          export function response(ctx) { return ctx.result; }`);
  const around = load(`export function request(ctx) { ctx.stash.seen = 1; return ['before']; }
                       export function response(ctx) { return [...ctx.prev.result, 'after', ctx.stash.seen]; }`);

  it('runs before, the functions in order, and after', async () => {
    const run = pipelineResolver(await around, [
      await step('one'),
      await step('two', 'ctx.stash.seen += 1;'),
    ]);
    expect(run(input).value).toEqual(['before', 'one', 'two', 'after', 2]);
  });

  it('goes on with the next function after an early return, or to the end when told so', async () => {
    const next = await step('one', "runtime.earlyReturn(['left']);");
    const end = await step('one', "runtime.earlyReturn(['left'], { skipTo: 'END' });");
    const two = await step('two');
    expect(pipelineResolver(await around, [next, two])(input).value).toEqual(['left', 'two', 'after', 1]);
    expect(pipelineResolver(await around, [end, two])(input).value).toEqual(['left', 'after', 1]);
  });
});

describe("the system's resolvers", () => {
  const folder = fileURLToPath(new URL('../../functions/graphql/', import.meta.url));
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));

  it('are all attached to a field', () => {
    expect([...new Set(Object.values(systemResolvers))].sort()).toEqual(
      files.map((name) => name.replace('.ts', '')).sort(),
    );
  });

  it.each(files)('%s uses only what APPSYNC_JS has, also after bundling', (name) => {
    const rules = appsync.configs!['base'] as Linter.Config;
    expect(new Linter().verify(bundleResolver(name.replace('.ts', '')), [rules])).toEqual([]);
    expect(new Linter().verify('let n = 0; while (n < 1) n++;', [rules])).toHaveLength(2);
  });
});
