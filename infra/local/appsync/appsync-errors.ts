import { GraphQLError, getNamedType, isObjectType, type GraphQLSchema } from 'graphql';

/** One entry of `errors` in a reply or a frame, as AppSync writes it. */
export interface AppSyncErrorEntry {
  readonly path?: readonly (string | number)[] | null;
  readonly data?: unknown;
  readonly errorType?: string | null;
  readonly errorInfo?: unknown;
  readonly errorCode?: number;
  readonly locations?: readonly { line: number; column: number; sourceName: null }[] | null;
  readonly message: string;
}

/** A field failed in a way that AppSync names: util.error, util.unauthorized, a directive, a policy. */
export class FieldFailure extends Error {
  readonly errorType: string | null;
  readonly data: unknown;
  readonly errorInfo: unknown;

  constructor(message: string, errorType: string | null, data: unknown = null, errorInfo: unknown = null) {
    super(message);
    this.errorType = errorType;
    this.data = data;
    this.errorInfo = errorInfo;
  }
}

/** What AppSync says when a directive, a policy or a resolver refuses a field. */
export function notAuthorized(typeName: string, fieldName: string): FieldFailure {
  return new FieldFailure(`Not Authorized to access ${fieldName} on type ${typeName}`, 'Unauthorized');
}

const nullForNonNull = /^Cannot return null for non-nullable field (\w+)\.(\w+)\.$/;

/** AppSync's wording for a missing value, graphql-js's for everything else. */
function wording(schema: GraphQLSchema, error: GraphQLError): string {
  const [, typeName, fieldName] = nullForNonNull.exec(error.message) ?? [];
  if (typeName === undefined || fieldName === undefined) return error.message;
  const parent = schema.getType(typeName);
  const field = isObjectType(parent) ? parent.getFields()[fieldName] : undefined;
  if (field === undefined) return error.message;
  const type = getNamedType(field.type).name;
  const path = (error.path ?? [])
    .map((step) => (typeof step === 'number' ? `[${step}]` : `/${step}`))
    .join('');
  return `Cannot return null for non-nullable type: '${type}' within parent '${typeName}' (${path})`;
}

/** An error of the execution of an operation, in AppSync's shape. */
export function executionError(schema: GraphQLSchema, error: GraphQLError): AppSyncErrorEntry {
  const failure = error.originalError instanceof FieldFailure ? error.originalError : undefined;
  const locations = (error.locations ?? []).map(({ line, column }) => ({ line, column, sourceName: null }));
  const path = error.path ?? null;
  if (failure !== undefined) {
    const { data, errorType, errorInfo } = failure;
    return { path, data, errorType, errorInfo, locations, message: failure.message };
  }
  return { path, locations, message: wording(schema, error) };
}

/** An error found before the execution: the document does not fit the schema, or the variables do not. */
export function validationError(error: GraphQLError): AppSyncErrorEntry {
  const locations = (error.locations ?? []).map(({ line, column }) => ({ line, column, sourceName: null }));
  return { path: null, locations, message: `Validation error: ${error.message}` };
}
