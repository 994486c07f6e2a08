import { matchesPattern } from './iam-pattern.ts';

/** Condition keys that may be absent from a request; any other key must be in the request's context. */
const KNOWN_KEYS = new Set(
  [
    'dynamodb:Attributes',
    'dynamodb:EnclosingOperation',
    'dynamodb:LeadingKeys',
    'dynamodb:ReturnConsumedCapacity',
    'dynamodb:ReturnValues',
    'dynamodb:Select',
  ].map((key) => key.toLowerCase()),
);

interface Operator {
  readonly matches: (expected: string, actual: string) => boolean;
  /** A negated operator holds when no expected value matches, and when the key is absent. */
  readonly negated: boolean;
}

const equal = (expected: string, actual: string) => expected === actual;
const equalIgnoringCase = (expected: string, actual: string) =>
  expected.toLowerCase() === actual.toLowerCase();

const OPERATORS = new Map<string, Operator>([
  ['StringEquals', { matches: equal, negated: false }],
  ['StringNotEquals', { matches: equal, negated: true }],
  ['StringEqualsIgnoreCase', { matches: equalIgnoringCase, negated: false }],
  ['StringNotEqualsIgnoreCase', { matches: equalIgnoringCase, negated: true }],
  ['StringLike', { matches: matchesPattern, negated: false }],
  ['StringNotLike', { matches: matchesPattern, negated: true }],
  ['ArnEquals', { matches: matchesPattern, negated: false }],
  ['ArnLike', { matches: matchesPattern, negated: false }],
  ['ArnNotEquals', { matches: matchesPattern, negated: true }],
  ['ArnNotLike', { matches: matchesPattern, negated: true }],
  ['Bool', { matches: equalIgnoringCase, negated: false }],
]);

type Context = Readonly<Record<string, readonly string[]>>;
type Expected = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

export interface ConditionResult {
  /** `unknown` when no known part is false and some part is not supported. */
  readonly result: boolean | 'unknown';
  readonly unsupported: readonly string[];
}

/** Evaluates a statement's Condition: every operator and every key must hold. */
export function evaluateCondition(condition: Expected, context: Context): ConditionResult {
  const unsupported: string[] = [];
  for (const [name, keys] of Object.entries(condition)) {
    const operator = parseOperator(name);
    for (const [key, expected] of Object.entries(keys)) {
      const actual = lookUp(context, key);
      if (operator === undefined) unsupported.push(`condition operator ${name}`);
      else if (actual === undefined) unsupported.push(`condition key ${key}`);
      else if (expected.some((value) => value.includes('${'))) unsupported.push(`policy variable in ${key}`);
      else if (!operator(expected, actual)) return { result: false, unsupported: [] };
    }
  }
  return { result: unsupported.length === 0 ? true : 'unknown', unsupported };
}

/** Values of a key; an empty list for a key that is known but absent; undefined for one nobody knows. */
function lookUp(context: Context, key: string): readonly string[] | undefined {
  const wanted = key.toLowerCase();
  for (const [name, values] of Object.entries(context)) {
    if (name.toLowerCase() === wanted) return values;
  }
  return KNOWN_KEYS.has(wanted) ? [] : undefined;
}

type Test = (expected: readonly string[], actual: readonly string[]) => boolean;

function parseOperator(name: string): Test | undefined {
  const parts = /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(name);
  const [, quantifier, base = '', ifExists] = parts ?? [];
  if (base === 'Null') return quantifier === undefined && ifExists === undefined ? isNull : undefined;
  const operator = OPERATORS.get(base);
  if (operator === undefined) return undefined;
  return (expected, actual) => {
    const holds = (value: string) => expected.some((it) => operator.matches(it, value)) !== operator.negated;
    if (actual.length === 0) {
      if (quantifier === 'ForAllValues' || ifExists !== undefined) return true;
      return quantifier === undefined && operator.negated;
    }
    if (quantifier === 'ForAllValues') return actual.every(holds);
    if (quantifier === 'ForAnyValue') return actual.some(holds);
    return operator.negated ? actual.every(holds) : actual.some(holds);
  };
}

const isNull: Test = (expected, actual) =>
  expected.some((value) => (value === 'true') === (actual.length === 0));
