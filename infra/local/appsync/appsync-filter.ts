import * as z from 'zod';

const equality = ['eq', 'ne'] as const;
const ordering = ['le', 'lt', 'ge', 'gt', 'between'] as const;
const membership = ['contains', 'notContains', 'beginsWith', 'in', 'notIn'] as const;
const Operator = z.enum([...equality, ...ordering, ...membership]);

const Filter = z.object({ fieldName: z.string(), operator: Operator, value: z.unknown() });
type Filter = z.infer<typeof Filter>;

/** What `extensions.setSubscriptionFilter` takes: groups are alternatives, a group's filters must all hold. */
export const SubscriptionFilter = z.object({
  filterGroup: z.array(z.object({ filters: z.array(Filter).min(1).max(5) })).max(10),
});
export type SubscriptionFilter = z.infer<typeof SubscriptionFilter>;

const Condition = z.record(z.string(), z.unknown());

function conjunction(left: readonly Filter[][], right: readonly Filter[][]): Filter[][] {
  return left.flatMap((one) => right.map((other) => [...one, ...other]));
}

function alternatives(condition: unknown, ignored: readonly string[]): Filter[][] {
  let groups: Filter[][] = [[]];
  for (const [key, value] of Object.entries(Condition.parse(condition))) {
    if (ignored.includes(key)) continue;
    if (key === 'or') {
      groups = conjunction(
        groups,
        z
          .array(z.unknown())
          .parse(value)
          .flatMap((one) => alternatives(one, ignored)),
      );
    } else if (key === 'and') {
      for (const one of z.array(z.unknown()).parse(value)) {
        groups = conjunction(groups, alternatives(one, ignored));
      }
    } else {
      const filters = Object.entries(Condition.parse(value)).map(([operator, operand]) => ({
        fieldName: key,
        operator: Operator.parse(operator),
        value: operand,
      }));
      groups = conjunction(groups, [filters]);
    }
  }
  return groups;
}

/** `util.transform.toSubscriptionFilter`: a condition with `and` and `or` as groups of filters. */
export function toSubscriptionFilter(
  condition: unknown,
  ignoredFields: readonly string[] = [],
  rules: unknown = {},
): SubscriptionFilter {
  const groups = conjunction(alternatives(condition ?? {}, ignoredFields), alternatives(rules ?? {}, []));
  return { filterGroup: groups.filter((filters) => filters.length > 0).map((filters) => ({ filters })) };
}

function valueAt(payload: unknown, path: string): unknown {
  let value = payload;
  for (const step of path.split('.')) {
    const parsed = Condition.safeParse(value);
    value = parsed.success ? parsed.data[step] : undefined;
  }
  return value;
}

function compare(actual: unknown, operand: unknown): number | undefined {
  if (typeof actual === 'number' && typeof operand === 'number') return actual - operand;
  if (typeof actual === 'string' && typeof operand === 'string') {
    return actual < operand ? -1 : actual > operand ? 1 : 0;
  }
  return undefined;
}

function contains(actual: unknown, operand: unknown): boolean {
  if (Array.isArray(actual)) return actual.includes(operand);
  return typeof actual === 'string' && typeof operand === 'string' && actual.includes(operand);
}

function list(operand: unknown): readonly unknown[] {
  return Array.isArray(operand) ? operand : [];
}

function holds(filter: Filter, payload: unknown): boolean {
  const actual = valueAt(payload, filter.fieldName);
  const { operator, value: operand } = filter;
  const order = compare(actual, operand);
  switch (operator) {
    case 'eq':
      return actual === operand;
    case 'ne':
      return actual !== operand;
    case 'le':
      return order !== undefined && order <= 0;
    case 'lt':
      return order !== undefined && order < 0;
    case 'ge':
      return order !== undefined && order >= 0;
    case 'gt':
      return order !== undefined && order > 0;
    case 'contains':
      return contains(actual, operand);
    case 'notContains':
      return !contains(actual, operand);
    case 'beginsWith':
      return typeof actual === 'string' && typeof operand === 'string' && actual.startsWith(operand);
    case 'in':
      return list(operand).includes(actual);
    case 'notIn':
      return !list(operand).includes(actual);
    case 'between': {
      const low = compare(actual, list(operand)[0]);
      const high = compare(actual, list(operand)[1]);
      return low !== undefined && high !== undefined && low >= 0 && high <= 0;
    }
  }
}

/** Whether a mutation's result passes an enhanced filter. No groups let everything pass. */
export function passesFilter(filter: SubscriptionFilter, payload: unknown): boolean {
  const { filterGroup } = filter;
  return (
    filterGroup.length === 0 || filterGroup.some(({ filters }) => filters.every((one) => holds(one, payload)))
  );
}

/**
 * Whether a mutation's result passes the arguments of a subscription: an argument that was left out lets
 * everything pass, null matches only null.
 */
export function passesArguments(args: Readonly<Record<string, unknown>>, payload: unknown): boolean {
  return Object.entries(args).every(
    ([name, value]) => JSON.stringify(valueAt(payload, name) ?? null) === JSON.stringify(value ?? null),
  );
}
