import { createContext, Script } from 'node:vm';
import { transform } from 'esbuild';
import * as z from 'zod';
import { notAuthorized, type FieldFailure } from './appsync-errors.ts';
import type { SubscriptionFilter } from './appsync-filter.ts';
import { createRuntimeModule, EarlyReturn } from './appsync-utils-module.ts';

/** What a resolver sees as `ctx`, without what the evaluation adds (stash, prev, result). */
export interface ResolverInput {
  readonly args: Readonly<Record<string, unknown>>;
  readonly identity: unknown;
  readonly source: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly info: {
    readonly fieldName: string;
    readonly parentTypeName: string;
    readonly variables: Readonly<Record<string, unknown>>;
    readonly selectionSetList: readonly string[];
    readonly selectionSetGraphQL: string;
  };
}

/** What running a resolver came to. `appended` holds the errors of util.appendError. */
export interface ResolverOutcome {
  readonly value: unknown;
  readonly appended: readonly FieldFailure[];
  readonly filter: SubscriptionFilter | undefined;
}

/** A field's resolver. Throws FieldFailure when the code fails with util.error or util.unauthorized. */
export type RunResolver = (input: ResolverInput) => ResolverOutcome;

/** One piece of APPSYNC_JS code, ready to be evaluated any number of times. */
export interface ResolverCode {
  readonly label: string;
  /** Evaluates the module afresh, as AppSync keeps nothing between two calls. */
  readonly instantiate: (utilities: Record<string, unknown>) => {
    readonly request: ((ctx: unknown) => unknown) | undefined;
    readonly response: ((ctx: unknown) => unknown) | undefined;
  };
}

const Wrapper = z.custom<(module: object, exports: object, require: (name: string) => unknown) => void>(
  (value) => typeof value === 'function',
);
const Handler = z.custom<(ctx: unknown) => unknown>((value) => typeof value === 'function');
const Handlers = z.looseObject({ request: Handler.optional(), response: Handler.optional() });

/** Makes APPSYNC_JS code runnable in a context that has ECMAScript's own globals and nothing else. */
export async function loadResolverCode(label: string, code: string): Promise<ResolverCode> {
  const { code: commonJs } = await transform(code, { format: 'cjs', loader: 'js', target: 'es2022' });
  const silent = { log: () => undefined, error: () => undefined };
  const context = createContext(
    { console: silent },
    { name: label, codeGeneration: { strings: false, wasm: false } },
  );
  const script = new Script(`(function (module, exports, require) {${commonJs}\n})`, {
    filename: `${label}.js`,
  });
  const wrapper = Wrapper.parse(script.runInContext(context));
  return {
    label,
    instantiate: (utilities) => {
      const module: { exports: unknown } = { exports: {} };
      wrapper(module, {}, (name) => {
        if (name === '@aws-appsync/utils') return utilities;
        throw new Error(`${label} imports ${name}; only @aws-appsync/utils exists in APPSYNC_JS`);
      });
      const { request, response } = Handlers.parse(module.exports);
      return { request, response };
    },
  };
}

function plain(value: unknown): unknown {
  return value === undefined ? null : JSON.parse(JSON.stringify(value));
}

const NoneRequest = z.looseObject({ payload: z.unknown().optional() }).nullable();

/** One evaluation: the context the handlers share, and what they did beside returning. */
function createEvaluation(input: ResolverInput) {
  const appended: FieldFailure[] = [];
  let filter: SubscriptionFilter | undefined;
  const utilities = createRuntimeModule({
    refusal: () => notAuthorized(input.info.parentTypeName, input.info.fieldName),
    append: (failure) => void appended.push(failure),
    setFilter: (given) => (filter = given),
  });
  const stash = {};
  const args = plain(input.args);
  const shared = {
    args,
    arguments: args,
    identity: plain(input.identity),
    source: plain(input.source),
    info: plain(input.info),
    request: { headers: plain(input.headers), domainName: null },
    env: {},
    stash,
  };
  const outcome = (value: unknown): ResolverOutcome => ({ value, appended, filter });
  return { utilities, shared, outcome };
}

type Step = { readonly value: unknown; readonly left: 'no' | 'next' | 'end' };

/** Calls a handler; a call of runtime.earlyReturn ends it with the value given there. */
function call(handler: (ctx: unknown) => unknown, ctx: unknown): Step {
  try {
    return { value: plain(handler(ctx)), left: 'no' };
  } catch (error) {
    if (error instanceof EarlyReturn) return { value: plain(error.value), left: error.skipTo };
    throw error;
  }
}

/** Runs one unit (request, NONE data source, response) on the given context. */
function runUnit(code: ResolverCode, utilities: Record<string, unknown>, ctx: Record<string, unknown>): Step {
  const { request, response } = code.instantiate(utilities);
  if (request === undefined || response === undefined) {
    throw new Error(`${code.label} has to export both request and response`);
  }
  const requested = call(request, ctx);
  if (requested.left !== 'no') return requested;
  const result = NoneRequest.parse(requested.value)?.payload ?? null;
  return call(response, { ...ctx, result });
}

/** A unit resolver on a NONE data source. */
export function unitResolver(code: ResolverCode): RunResolver {
  return (input) => {
    const { utilities, shared, outcome } = createEvaluation(input);
    return outcome(runUnit(code, utilities, shared).value);
  };
}

/** A pipeline resolver: its own request, the functions (NONE data sources) in order, its own response. */
export function pipelineResolver(
  code: ResolverCode | undefined,
  functions: readonly ResolverCode[],
): RunResolver {
  return (input) => {
    const { utilities, shared, outcome } = createEvaluation(input);
    const own = code?.instantiate(utilities);
    let previous: unknown = null;
    let ended = false;
    if (own?.request !== undefined) {
      const before = call(own.request, shared);
      previous = before.value;
      ended = before.left !== 'no';
    }
    for (const one of functions) {
      if (ended) break;
      const step = runUnit(one, utilities, { ...shared, prev: { result: previous } });
      previous = step.value;
      ended = step.left === 'end';
    }
    if (own?.response === undefined) return outcome(previous);
    return outcome(call(own.response, { ...shared, prev: { result: previous }, result: previous }).value);
  };
}
