import { isIP } from 'node:net';
import { GraphQLError, isScalarType, valueFromASTUntyped, type GraphQLSchema } from 'graphql';

/** What AppSync adds to every schema: its scalars and its directives. */
export const appsyncPrelude = `
scalar AWSDate
scalar AWSTime
scalar AWSDateTime
scalar AWSTimestamp
scalar AWSEmail
scalar AWSJSON
scalar AWSURL
scalar AWSPhone
scalar AWSIPAddress
directive @aws_subscribe(mutations: [String!]) on FIELD_DEFINITION
directive @aws_publish(subscriptions: [String]) on FIELD_DEFINITION
directive @aws_iam on OBJECT | FIELD_DEFINITION
directive @aws_oidc on OBJECT | FIELD_DEFINITION
directive @aws_lambda on OBJECT | FIELD_DEFINITION
directive @aws_api_key on OBJECT | FIELD_DEFINITION
directive @aws_cognito_user_pools(cognito_groups: [String]) on OBJECT | FIELD_DEFINITION
directive @aws_auth(cognito_groups: [String]) on FIELD_DEFINITION
`;

const date = /^-?\d{4}-\d{2}-\d{2}(Z|[+-]\d{2}:\d{2}(:\d{2})?)?$/;
const time = /^\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}(:\d{2})?)?$/;
const dateTime = /^-?\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2}(:\d{2})?)$/;

const formats: Record<string, (text: string) => boolean> = {
  AWSDate: (text) => date.test(text) && isCalendarDay(text),
  AWSTime: (text) => time.test(text) && !Number.isNaN(Date.parse(`2000-01-01T${text.slice(0, 5)}Z`)),
  AWSDateTime: (text) => dateTime.test(text) && isCalendarDay(text),
  AWSEmail: (text) => /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text),
  AWSURL: (text) => URL.canParse(text),
  AWSPhone: (text) => /^\+?[\d\s()./-]{3,}$/.test(text),
  AWSIPAddress: (text) => {
    const [address = '', prefix, ...rest] = text.split('/');
    const bits = prefix === undefined ? 0 : Number(prefix);
    return isIP(address) !== 0 && rest.length === 0 && bits >= 0 && bits <= (isIP(address) === 4 ? 32 : 128);
  },
};

function isCalendarDay(text: string): boolean {
  const day = text.slice(0, 10);
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
}

function checked(scalar: string, value: unknown): string {
  const fits = formats[scalar];
  if (typeof value === 'string' && (fits === undefined || fits(value))) return value;
  throw new GraphQLError(`Unable to parse \`${String(value)}\` as a valid ${scalar}`);
}

function timestamp(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new GraphQLError(`Unable to parse \`${String(value)}\` as a valid AWSTimestamp`);
}

/** AWSJSON comes in as text and reaches the resolver parsed. */
function jsonIn(value: unknown): unknown {
  if (typeof value !== 'string') throw new GraphQLError('AWSJSON wants a string that holds JSON');
  try {
    return JSON.parse(value);
  } catch {
    throw new GraphQLError(`Unable to parse \`${value}\` as valid JSON`);
  }
}

/** AWSJSON leaves as text: text that is JSON already as it is, everything else serialised. */
function jsonOut(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

/** Gives the AWS scalars of a schema their behaviour. */
export function equipScalars(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || !type.name.startsWith('AWS')) continue;
    const { name } = type;
    const parse =
      name === 'AWSJSON'
        ? jsonIn
        : name === 'AWSTimestamp'
          ? timestamp
          : (value: unknown) => checked(name, value);
    type.parseValue = parse;
    type.parseLiteral = (node, variables) => parse(valueFromASTUntyped(node, variables));
    type.serialize = name === 'AWSJSON' ? jsonOut : parse;
  }
}
