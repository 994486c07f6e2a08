import { scalar } from './access-context.ts';
import { tablesOf } from './dynamodb-request.ts';
import type { Access, DynamoDbRequest } from './dynamodb-request.ts';
import type { LocalTable } from './tables.ts';
import { internalError, REASONS, SINGLE_ITEM_ERRORS, throttled, transactionCancelled } from './wire-error.ts';
import type { WireError } from './wire-error.ts';

/** Which items of a transaction a fault hits: one by index, all, or (when left out) those that match. */
type FaultyItem = { readonly item?: number | 'all' };

/**
 * What goes wrong:
 * - `throttle`: the whole request is refused, nothing is written.
 * - `conflict`, `item-throttle`, `condition-failed`: the transaction is cancelled with that reason at the items
 *   hit; a write of a single item gets the exception of its own that DynamoDB has for it.
 * - `lost-reply`: the engine commits, then the connection breaks.
 * - `500-before`, `500-after`: a 500 without and with the effect.
 * - `delay`: the request reaches the engine later.
 */
export type Fault =
  | {
      readonly kind: 'throttle';
      /** Default ProvisionedThroughputExceededException. */
      readonly exception?: 'ProvisionedThroughputExceededException' | 'ThrottlingException';
    }
  | ({ readonly kind: 'conflict' | 'item-throttle' | 'condition-failed' } & FaultyItem)
  | { readonly kind: 'lost-reply' | '500-before' | '500-after' }
  | { readonly kind: 'delay'; readonly milliseconds: number };

/** All that is given must hold; an empty match is every request a function makes. */
export interface FaultMatch {
  /** The function's name; operators are only hit when named here with `OPERATOR`. */
  readonly function?: string;
  /** For example `TransactWriteItems`. */
  readonly operation?: string;
  /** A table the request touches. */
  readonly table?: string;
  /** A text that a primary key value of a touched item contains. */
  readonly keyIncludes?: string;
  /** Starts with the nth matching request, the first being 1. */
  readonly nth?: number;
}

export interface Injection {
  readonly match: FaultMatch;
  readonly fault: Fault;
  /** How many requests it hits before it is used up; default 1, Infinity for all. */
  readonly times?: number;
}

export interface Injected {
  /** How many requests it has hit. */
  readonly count: number;
  remove(): void;
}

/** What the gate does with a request that a fault hit. */
export type FaultPlan =
  | { readonly kind: 'refuse'; readonly error: WireError }
  | { readonly kind: 'forward-then-refuse'; readonly error: WireError }
  | { readonly kind: 'forward-then-break' }
  | { readonly kind: 'delay'; readonly milliseconds: number };

export interface Faults {
  /** The first injection that matches a request hits it. */
  inject(injection: Injection): Injected;
  /** Removes all. */
  clear(): void;
  /** For the gate: what to do with this request, counting it. */
  next(caller: string, request: DynamoDbRequest): FaultPlan | undefined;
}

/** The function name under which the operator's requests are matched and metered. */
export const OPERATOR = 'operator';

interface Active extends Injection {
  seen: number;
  hits: number;
}

export function createFaults(tables: ReadonlyMap<string, LocalTable>): Faults {
  const active = new Set<Active>();
  return {
    inject: (injection) => {
      const entry: Active = { ...injection, seen: 0, hits: 0 };
      active.add(entry);
      return {
        get count() {
          return entry.hits;
        },
        remove: () => void active.delete(entry),
      };
    },
    clear: () => active.clear(),
    next: (caller, request) => {
      for (const entry of active) {
        const plan = hit(entry, caller, request, tables);
        if (plan === undefined) continue;
        entry.hits++;
        if (entry.hits >= (entry.times ?? 1)) active.delete(entry);
        return plan;
      }
      return undefined;
    },
  };
}

function hit(
  entry: Active,
  caller: string,
  request: DynamoDbRequest,
  tables: ReadonlyMap<string, LocalTable>,
): FaultPlan | undefined {
  const { match, fault } = entry;
  if (match.function === undefined ? caller === OPERATOR : match.function !== caller) return undefined;
  if (match.operation !== undefined && match.operation !== request.operation) return undefined;
  const matching = request.accesses.map((access) => matchesAccess(match, access, tables));
  if (!matching.includes(true)) return undefined;
  const plan = planFor(fault, request, matching);
  if (plan === undefined) return undefined;
  entry.seen++;
  return entry.seen < (match.nth ?? 1) ? undefined : plan;
}

function matchesAccess(match: FaultMatch, access: Access, tables: ReadonlyMap<string, LocalTable>): boolean {
  if (match.table !== undefined && !tablesOf([access]).includes(match.table)) return false;
  const { keyIncludes } = match;
  return keyIncludes === undefined || keyValues(access, tables).some((value) => value.includes(keyIncludes));
}

function keyValues(access: Access, tables: ReadonlyMap<string, LocalTable>): string[] {
  const table = access.table === undefined ? undefined : tables.get(access.table);
  const names = table === undefined ? Object.keys(access.item ?? {}) : [table.partitionKey, table.sortKey];
  const values = names.map((name) => (name === undefined ? undefined : access.item?.[name]));
  // A query names its key among the values of its expression.
  const inQuery =
    access.item === undefined ? Object.values(access.part?.ExpressionAttributeValues ?? {}) : [];
  return [...values, ...inQuery].flatMap((value) => scalar(value) ?? []);
}

const SINGLE_WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);
const TRANSACTIONS = new Set(['TransactWriteItems', 'TransactGetItems']);

/** Undefined when DynamoDB could not answer this operation so. */
function planFor(
  fault: Fault,
  request: DynamoDbRequest,
  matching: readonly boolean[],
): FaultPlan | undefined {
  switch (fault.kind) {
    case 'throttle':
      return {
        kind: 'refuse',
        error: throttled(fault.exception ?? 'ProvisionedThroughputExceededException'),
      };
    case 'lost-reply':
      return { kind: 'forward-then-break' };
    case '500-before':
      return { kind: 'refuse', error: internalError() };
    case '500-after':
      return { kind: 'forward-then-refuse', error: internalError() };
    case 'delay':
      return fault;
    case 'conflict':
    case 'item-throttle':
    case 'condition-failed': {
      const { kind, item } = fault;
      if (TRANSACTIONS.has(request.operation)) {
        if (kind === 'condition-failed' && request.operation === 'TransactGetItems') return undefined;
        if (typeof item === 'number' && item >= matching.length) return undefined;
        const isHit = (index: number) =>
          item === undefined ? matching[index] === true : item === 'all' || item === index;
        const error = transactionCancelled(matching.length, (index) =>
          isHit(index) ? REASONS[kind] : undefined,
        );
        return { kind: 'refuse', error };
      }
      return SINGLE_WRITES.has(request.operation)
        ? { kind: 'refuse', error: SINGLE_ITEM_ERRORS[kind] }
        : undefined;
    }
  }
}
