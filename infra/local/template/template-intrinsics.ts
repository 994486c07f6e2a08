/** A property of the resource in question, resolved; undefined when it has none of that name. */
export type Lookup = (property: string) => unknown;

/** What resolving needs to know of the template. `place` names where the function stands, for errors. */
export interface Intrinsics {
  readonly conditions: Readonly<Record<string, unknown>>;
  ref(name: string, place: string): unknown;
  getAtt(logicalId: string, attribute: string, place: string): unknown;
}

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';

/** Stands for AWS::NoValue until the property that holds it is left out. */
const NOTHING = Symbol('AWS::NoValue');

const PSEUDO_PARAMETERS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['AWS::Partition', 'aws'],
  ['AWS::Region', REGION],
  ['AWS::AccountId', ACCOUNT],
  ['AWS::URLSuffix', 'amazonaws.com'],
  ['AWS::StackName', 'Lockstep'],
  ['AWS::NoValue', NOTHING],
]);

/**
 * A value with every intrinsic function in it replaced by what it is here. Properties that are AWS::NoValue
 * are left out.
 *
 * @throws Error naming the place on a function that is not known
 */
export function resolveValue(value: unknown, intrinsics: Intrinsics, place: string): unknown {
  if (Array.isArray(value)) {
    return value
      .map((item: unknown, index) => resolveValue(item, intrinsics, `${place}[${index}]`))
      .filter((item) => item !== NOTHING);
  }
  if (!isRecord(value)) return value;
  const [only, ...others] = Object.entries(value);
  if (only !== undefined && others.length === 0 && isIntrinsic(only[0])) {
    return resolveIntrinsic(only[0], only[1], intrinsics, place);
  }
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, inner]) => [name, resolveValue(inner, intrinsics, `${place}.${name}`)] as const)
      .filter(([, inner]) => inner !== NOTHING),
  );
}

/** Whether a condition of the template holds. Throws when there is none of that name. */
export function truthOf(condition: string, intrinsics: Intrinsics): boolean {
  if (!Object.hasOwn(intrinsics.conditions, condition)) {
    throw new Error(`The template has no condition ${condition}`);
  }
  return boolean(intrinsics.conditions[condition], intrinsics, `condition ${condition}`);
}

function isIntrinsic(name: string): boolean {
  // A policy's Condition is an object; only a condition's name is a reference to one.
  return name === 'Ref' || name.startsWith('Fn::');
}

function resolveIntrinsic(name: string, input: unknown, intrinsics: Intrinsics, place: string): unknown {
  const resolve = (value: unknown) => resolveValue(value, intrinsics, place);
  const wrong = () => new Error(`${place}: ${name} is not written as CloudFormation wants it`);
  switch (name) {
    case 'Ref': {
      if (typeof input !== 'string') throw wrong();
      return reference(input, intrinsics, place);
    }
    case 'Fn::GetAtt': {
      const [logicalId, ...attribute] = typeof input === 'string' ? input.split('.') : strings(input, wrong);
      if (logicalId === undefined || attribute.length === 0) throw wrong();
      return intrinsics.getAtt(logicalId, attribute.join('.'), place);
    }
    case 'Fn::Join': {
      const [separator, parts] = list(input, wrong);
      if (typeof separator !== 'string') throw wrong();
      return strings(resolve(parts), wrong).join(separator);
    }
    case 'Fn::Split': {
      const [separator, text] = list(input, wrong);
      const whole = resolve(text);
      if (typeof separator !== 'string' || typeof whole !== 'string') throw wrong();
      return whole.split(separator);
    }
    case 'Fn::Select': {
      const [index, from] = list(input, wrong);
      const items = list(resolve(from), wrong);
      const at = Number(resolve(index));
      if (!(at in items)) throw new Error(`${place}: Fn::Select of ${at} out of ${items.length}`);
      return items[at];
    }
    case 'Fn::Sub':
      return substitute(input, intrinsics, place, wrong);
    case 'Fn::If': {
      const [condition, whenTrue, whenFalse] = list(input, wrong);
      if (typeof condition !== 'string') throw wrong();
      return resolve(truthOf(condition, intrinsics) ? whenTrue : whenFalse);
    }
    case 'Fn::Equals':
    case 'Fn::And':
    case 'Fn::Or':
    case 'Fn::Not':
      return boolean({ [name]: input }, intrinsics, place);
    default:
      throw new Error(`${place}: the local runtime does not know ${name}`);
  }
}

function reference(name: string, intrinsics: Intrinsics, place: string): unknown {
  return PSEUDO_PARAMETERS.has(name) ? PSEUDO_PARAMETERS.get(name) : intrinsics.ref(name, place);
}

function substitute(input: unknown, intrinsics: Intrinsics, place: string, wrong: () => Error): string {
  const [text, variables = {}] = typeof input === 'string' ? [input] : list(input, wrong);
  if (typeof text !== 'string' || !isRecord(variables)) throw wrong();
  return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    if (name.startsWith('!')) return `\${${name.slice(1)}}`;
    if (Object.hasOwn(variables, name))
      return scalar(resolveValue(variables[name], intrinsics, place), wrong);
    const [logicalId = '', ...attribute] = name.split('.');
    const value =
      attribute.length === 0
        ? reference(name, intrinsics, place)
        : intrinsics.getAtt(logicalId, attribute.join('.'), place);
    return scalar(value, wrong);
  });
}

function boolean(input: unknown, intrinsics: Intrinsics, place: string): boolean {
  const wrong = () => new Error(`${place}: is not a condition`);
  if (!isRecord(input)) throw wrong();
  const [entry] = Object.entries(input);
  const [name, inner] = entry ?? [];
  if (name === 'Condition' && typeof inner === 'string') return truthOf(inner, intrinsics);
  const items = list(inner, wrong);
  const holds = (item: unknown) => boolean(item, intrinsics, place);
  switch (name) {
    case 'Fn::Equals': {
      const [left, right] = items.map((item) => resolveValue(item, intrinsics, place));
      return scalar(left, wrong) === scalar(right, wrong);
    }
    case 'Fn::And':
      return items.every(holds);
    case 'Fn::Or':
      return items.some(holds);
    case 'Fn::Not':
      return !holds(items[0]);
    default:
      throw wrong();
  }
}

function list(value: unknown, wrong: () => Error): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong();
  return value;
}

function strings(value: unknown, wrong: () => Error): string[] {
  return list(value, wrong).map((item) => scalar(item, wrong));
}

function scalar(value: unknown, wrong: () => Error): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw wrong();
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
