import * as z from 'zod';

/** True when the record is to be delivered. */
export type EventFilter = (record: unknown) => boolean;

type Json = Record<string, unknown>;
type Test = (values: readonly unknown[]) => boolean;

const scalarSchema = z.union([z.string(), z.number(), z.null(), z.boolean()]);
const textsSchema = z.union([z.string(), z.array(z.string())]).transform((texts) => [texts].flat());
const matcherSchema = z.union([
  scalarSchema,
  z.strictObject({ prefix: z.string() }),
  z.strictObject({ suffix: z.string() }),
  z.strictObject({ exists: z.boolean() }),
  z.strictObject({ 'equals-ignore-case': z.string() }),
  z.strictObject({ numeric: z.array(z.union([z.string(), z.number()])) }),
  z.strictObject({
    'anything-but': z.union([
      scalarSchema,
      z.array(scalarSchema),
      z.strictObject({ prefix: textsSchema }),
      z.strictObject({ suffix: textsSchema }),
    ]),
  }),
]);
type Matcher = z.infer<typeof matcherSchema>;

const COMPARISONS: Readonly<Record<string, (left: number, right: number) => boolean>> = {
  '=': (left, right) => left === right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
};

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Compiles one of Lambda's filter patterns (JSON text): exact values, prefix, suffix, anything-but, exists,
 * numeric, equals-ignore-case and `$or`. Throws for anything else.
 */
export function compileFilter(pattern: string): EventFilter {
  const parsed: unknown = JSON.parse(pattern);
  if (!isObject(parsed)) throw new Error(`A filter pattern must be a JSON object: ${pattern}`);
  return compileObject(parsed);
}

function compileObject(pattern: Json): EventFilter {
  const filters = Object.entries(pattern).map(([key, wanted]): EventFilter => {
    if (key === '$or') return compileOr(wanted);
    if (isObject(wanted)) {
      const inner = compileObject(wanted);
      // An absent object is matched as an empty one, so that `exists: false` holds below it.
      return (value) => {
        const found = isObject(value) ? value[key] : undefined;
        return Array.isArray(found) ? found.some((element) => inner(element)) : inner(found);
      };
    }
    if (!Array.isArray(wanted)) throw new Error(`The filter for ${key} must be a list of values`);
    const tests = wanted.map((matcher) => compileMatcher(matcherSchema.parse(matcher)));
    return (value) => {
      const leaves = leavesOf(isObject(value) ? value[key] : undefined);
      return tests.some((test) => test(leaves));
    };
  });
  return (value) => filters.every((filter) => filter(value));
}

function compileOr(alternatives: unknown): EventFilter {
  if (!Array.isArray(alternatives) || !alternatives.every(isObject)) {
    throw new Error('$or must be a list of patterns');
  }
  const filters = alternatives.map((alternative) => compileObject(alternative));
  return (value) => filters.some((filter) => filter(value));
}

/** Only scalars count, as in EventBridge: an object under the name is not a value of it. */
function leavesOf(value: unknown): readonly unknown[] {
  return [value].flat().filter((leaf) => leaf !== undefined && !isObject(leaf));
}

function compileMatcher(matcher: Matcher): Test {
  if (!isObject(matcher)) return (values) => values.includes(matcher);
  if ('prefix' in matcher) return someText((text) => text.startsWith(matcher.prefix));
  if ('suffix' in matcher) return someText((text) => text.endsWith(matcher.suffix));
  if ('exists' in matcher) return (values) => values.length > 0 === matcher.exists;
  if ('equals-ignore-case' in matcher) {
    const wanted = matcher['equals-ignore-case'].toLowerCase();
    return someText((text) => text.toLowerCase() === wanted);
  }
  if ('numeric' in matcher) return compileNumeric(matcher.numeric);
  return compileAnythingBut(matcher['anything-but']);
}

function compileAnythingBut(refused: Extract<Matcher, { 'anything-but': unknown }>['anything-but']): Test {
  if (isObject(refused)) {
    const affixes = 'prefix' in refused ? refused.prefix : refused.suffix;
    const has = (text: string, affix: string) =>
      'prefix' in refused ? text.startsWith(affix) : text.endsWith(affix);
    return someText((text) => !affixes.some((affix) => has(text, affix)));
  }
  const list: readonly unknown[] = [refused].flat();
  return (values) => values.some((value) => !list.includes(value));
}

/** Matches JSON numbers only. DynamoDB's `N` is text in a stream record, so it never matches. */
function compileNumeric(parts: readonly (string | number)[]): Test {
  const tests: ((value: number) => boolean)[] = [];
  for (let index = 0; index < parts.length; index += 2) {
    const compare = COMPARISONS[String(parts[index])];
    const limit = parts[index + 1];
    if (compare === undefined || typeof limit !== 'number')
      throw new Error('numeric needs pairs like ">", 5');
    tests.push((value) => compare(value, limit));
  }
  return (values) => values.some((value) => typeof value === 'number' && tests.every((test) => test(value)));
}

function someText(test: (text: string) => boolean): Test {
  return (values) => values.some((value) => typeof value === 'string' && test(value));
}
