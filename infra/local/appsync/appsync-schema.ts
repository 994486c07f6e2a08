import {
  assertValidSchema,
  buildSchema,
  getDirectiveValues,
  isObjectType,
  Kind,
  print,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { createFieldAccess } from './appsync-access.ts';
import type { ApiAuth, Caller } from './appsync-auth.ts';
import { FieldFailure, notAuthorized } from './appsync-errors.ts';
import type { SubscriptionFilter } from './appsync-filter.ts';
import type { ResolverInput, ResolverOutcome, RunResolver } from './appsync-js.ts';
import { appsyncPrelude, equipScalars } from './appsync-scalars.ts';

/** What travels through one execution of an operation. */
export interface Operation {
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string>>;
  /** `deliver` only shapes what a mutation has returned; no resolver runs. */
  readonly phase: 'run' | 'deliver';
  /** The top-level fields that ran, by response key. */
  readonly ran: Map<string, { readonly fieldName: string; readonly args: Readonly<Record<string, unknown>> }>;
  /** Top-level fields the caller's role did not allow. */
  denied: number;
  filter: SubscriptionFilter | undefined;
  readonly appended: { readonly failure: FieldFailure; readonly info: GraphQLResolveInfo }[];
}

/** A fresh `Operation` for one execution. */
export function newOperation(
  caller: Caller,
  headers: Readonly<Record<string, string>>,
  phase: Operation['phase'],
): Operation {
  return { caller, headers, phase, ran: new Map(), denied: 0, filter: undefined, appended: [] };
}

function selectionList(
  info: GraphQLResolveInfo,
  set: SelectionSetNode | undefined,
  prefix: string,
): string[] {
  return (set?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      return selectionList(info, info.fragments[selection.name.value]?.selectionSet, prefix);
    }
    if (selection.kind === Kind.INLINE_FRAGMENT) return selectionList(info, selection.selectionSet, prefix);
    const path = `${prefix}${selection.name.value}`;
    return [path, ...selectionList(info, selection.selectionSet, `${path}/`)];
  });
}

function property(source: unknown, name: string): unknown {
  return typeof source === 'object' && source !== null ? Reflect.get(source, name) : undefined;
}

/** Code that breaks (rather than calls util.error) fails its field as AppSync's `Code` errors do. */
function runSafely(run: RunResolver, input: ResolverInput): ResolverOutcome {
  try {
    return run(input);
  } catch (error) {
    if (error instanceof FieldFailure) throw error;
    // An error made inside the sandbox is of another realm, so instanceof Error would not know it.
    throw new FieldFailure(`Runtime Error: ${String(error)}`, 'Code');
  }
}

function resolveWith(
  run: RunResolver,
  operation: Operation,
  source: unknown,
  args: Readonly<Record<string, unknown>>,
  info: GraphQLResolveInfo,
): unknown {
  const set = info.fieldNodes[0]?.selectionSet;
  const outcome = runSafely(run, {
    args,
    identity: operation.caller.identity,
    source: source ?? null,
    headers: operation.headers,
    info: {
      fieldName: info.fieldName,
      parentTypeName: info.parentType.name,
      variables: info.variableValues,
      selectionSetList: selectionList(info, set, ''),
      selectionSetGraphQL: set === undefined ? '' : print(set),
    },
  });
  operation.appended.push(...outcome.appended.map((failure) => ({ failure, info })));
  operation.filter ??= outcome.filter;
  return outcome.value;
}

/** By the name of a mutation: the subscriptions that hear of it. */
export type SubscribersOf = ReadonlyMap<string, readonly string[]>;

function readSubscriptions(schema: GraphQLSchema): SubscribersOf {
  const heard = new Map<string, string[]>();
  const directive = schema.getDirective('aws_subscribe');
  const mutations = schema.getMutationType()?.getFields() ?? {};
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const values = directive && field.astNode ? getDirectiveValues(directive, field.astNode) : undefined;
    const names: unknown = values?.['mutations'];
    for (const name of Array.isArray(names) ? names.map(String) : []) {
      const mutation = mutations[name];
      if (mutation === undefined)
        throw new Error(`${field.name} subscribes to ${name}, which is no mutation`);
      if (String(mutation.type).replace(/!$/, '') !== String(field.type).replace(/!$/, '')) {
        throw new Error(`${field.name} and the mutation ${name} have to return the same type`);
      }
      heard.set(name, [...(heard.get(name) ?? []), field.name]);
    }
  }
  return heard;
}

/**
 * Makes a schema that executes: AppSync's scalars and directives, access checked at every field, resolvers
 * attached. `resolvers` is keyed `Type.field`. Throws when the definition does not hold together.
 */
export function executableSchema(
  definition: string,
  auth: ApiAuth,
  resolvers: ReadonlyMap<string, RunResolver>,
): { schema: GraphQLSchema; subscribersOf: SubscribersOf } {
  const schema = buildSchema(`${appsyncPrelude}\n${definition}`);
  assertValidSchema(schema);
  equipScalars(schema);
  const maySee = createFieldAccess(schema, auth);
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const used = new Set<string>();

  const equip = (type: GraphQLObjectType): void => {
    const isRoot = roots.includes(type);
    for (const field of Object.values(type.getFields())) {
      const run = resolvers.get(`${type.name}.${field.name}`);
      used.add(`${type.name}.${field.name}`);
      field.resolve = (
        source: unknown,
        args: Readonly<Record<string, unknown>>,
        operation: Operation,
        info: GraphQLResolveInfo,
      ): unknown => {
        if (!maySee(operation.caller, type.name, field.name)) throw notAuthorized(type.name, field.name);
        if (operation.phase === 'deliver') return property(source, field.name);
        if (isRoot) {
          const { caller } = operation;
          if (caller.mode === 'AWS_IAM' && !caller.mayCall(type.name, field.name)) {
            operation.denied += 1;
            throw notAuthorized(type.name, field.name);
          }
          operation.ran.set(String(info.path.key), { fieldName: field.name, args });
        }
        if (run !== undefined) return resolveWith(run, operation, source, args, info);
        return isRoot ? null : property(source, field.name);
      };
    }
  };

  for (const type of Object.values(schema.getTypeMap())) {
    if (isObjectType(type) && !type.name.startsWith('__')) equip(type);
  }
  for (const name of resolvers.keys()) {
    if (!used.has(name)) throw new Error(`there is a resolver for ${name}, which the schema does not have`);
  }
  return { schema, subscribersOf: readSubscriptions(schema) };
}
