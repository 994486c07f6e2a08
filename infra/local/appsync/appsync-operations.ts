import {
  executeSync,
  getOperationAST,
  getVariableValues,
  GraphQLError,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLSchema,
  type OperationTypeNode,
} from 'graphql';
import type { Caller } from './appsync-auth.ts';
import { executionError, validationError, type AppSyncErrorEntry } from './appsync-errors.ts';
import type { SubscriptionFilter } from './appsync-filter.ts';
import { newOperation, type Operation } from './appsync-schema.ts';

/** What a client sends to have an operation run. */
export interface OperationRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly operationName?: string | null | undefined;
}

/** An operation that fits the schema, or the errors to answer with. */
export type Prepared =
  | {
      readonly ok: true;
      readonly document: DocumentNode;
      readonly kind: OperationTypeNode;
      readonly variables: Readonly<Record<string, unknown>>;
      readonly operationName: string | undefined;
    }
  | { readonly ok: false; readonly syntax: boolean; readonly errors: readonly AppSyncErrorEntry[] };

/** Parses and validates an operation and its variables. */
export function prepare(schema: GraphQLSchema, request: OperationRequest, introspection: boolean): Prepared {
  let document: DocumentNode;
  try {
    document = parse(request.query);
  } catch {
    const errors = [
      { errorType: 'MalformedHttpRequestException', message: 'Unable to parse GraphQL query.' },
    ];
    return { ok: false, syntax: true, errors };
  }
  const rules = introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const errors = validate(schema, document, rules);
  if (errors.length > 0) return { ok: false, syntax: false, errors: errors.map(validationError) };
  const operation = getOperationAST(document, request.operationName);
  if (operation == null) {
    const error = new GraphQLError('Unknown operation named ' + (request.operationName ?? '(none given)'));
    return { ok: false, syntax: false, errors: [validationError(error)] };
  }
  const variables = request.variables ?? {};
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
  if (coerced.errors !== undefined) {
    return { ok: false, syntax: false, errors: coerced.errors.map(validationError) };
  }
  const operationName = request.operationName ?? undefined;
  return { ok: true, document, kind: operation.operation, variables, operationName };
}

/** What came of executing an operation. */
export interface Executed {
  readonly data: Readonly<Record<string, unknown>> | null;
  readonly errors: readonly AppSyncErrorEntry[];
  readonly ran: Operation['ran'];
  readonly filter: SubscriptionFilter | undefined;
  /** The caller's role allowed not one of the fields. */
  readonly refused: boolean;
}

/** Executes a prepared operation. `root` is given to deliver what a mutation has returned. */
export function run(
  schema: GraphQLSchema,
  prepared: Extract<Prepared, { ok: true }>,
  caller: Caller,
  headers: Readonly<Record<string, string>>,
  root?: Readonly<Record<string, unknown>>,
): Executed {
  const operation = newOperation(caller, headers, root === undefined ? 'run' : 'deliver');
  const { data, errors = [] } = executeSync({
    schema,
    document: prepared.document,
    variableValues: prepared.variables,
    operationName: prepared.operationName,
    contextValue: operation,
    rootValue: root,
  });
  const appended = operation.appended.map(
    ({ failure, info }) =>
      new GraphQLError(failure.message, {
        nodes: info.fieldNodes,
        path: pathOf(info.path),
        originalError: failure,
      }),
  );
  return {
    data: data ?? null,
    errors: [...errors, ...appended].map((error) => executionError(schema, error)),
    ran: operation.ran,
    filter: operation.filter,
    refused: operation.denied > 0 && operation.ran.size === 0,
  };
}

interface PathStep {
  readonly prev: PathStep | undefined;
  readonly key: string | number;
}

function pathOf(step: PathStep | undefined): (string | number)[] {
  return step === undefined ? [] : [...pathOf(step.prev), step.key];
}
