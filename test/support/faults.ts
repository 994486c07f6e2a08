import type { Documents } from '../../shared/store/documents.ts';

/**
 * What goes wrong with a request. `conflict` and `stale` are of a transaction, by the position of the write;
 * `lost` and `500 after` come after the database has done it.
 */
export type Fault =
  | { readonly kind: 'conflict' | 'stale' | 'throttled write'; readonly write: number }
  | { readonly kind: 'throttled' | 'lost' | '500 before' | '500 after' | 'denied' };

export interface Request {
  /** As on the wire, for example `TransactWriteItems`. */
  readonly name: string;
  readonly input: Record<string, unknown>;
  /** Counts requests of this name from 1. */
  readonly count: number;
}

type Plan = (request: Request) => Fault | undefined | Promise<Fault | undefined>;

export interface Faults {
  /** Says, for every request from now on, what goes wrong with it; may do something first, which it then meets. */
  plan(planned: Plan): void;
  /** Requests sent since the last `clear`. */
  readonly requests: readonly Request[];
  /** Write units consumed since the last `clear`. */
  readonly writeUnits: () => number;
  /** Read units, likewise. */
  readonly readUnits: () => number;
  clear(): void;
}

export function createFaults(documents: Documents): Faults {
  let planned: Plan = () => undefined;
  let requests: Request[] = [];
  let writeUnits = 0;
  let readUnits = 0;
  documents.middlewareStack.add(
    (next, context) => async (args) => {
      const name = (context.commandName ?? '').replace(/Command$/, '');
      const input = args.input as Record<string, unknown>;
      const count = requests.filter((each) => each.name === name).length + 1;
      const request = { name, input, count };
      requests.push(request);
      const fault = await planned(request);
      if (fault !== undefined && !['lost', '500 after'].includes(fault.kind)) throw errorOf(fault, input);
      const reply = await next({ ...args, input: { ...input, ReturnConsumedCapacity: 'TOTAL' } as never });
      const units = unitsOf((reply.output as { ConsumedCapacity?: unknown }).ConsumedCapacity);
      if (['TransactWrite', 'Put', 'Update', 'Delete', 'BatchWrite'].some((kind) => name.startsWith(kind))) {
        writeUnits += units;
      } else readUnits += units;
      if (fault !== undefined) throw errorOf(fault, input);
      return reply;
    },
    { step: 'initialize', name: 'faults' },
  );
  return {
    plan: (next) => {
      planned = next;
    },
    get requests() {
      return requests;
    },
    writeUnits: () => writeUnits,
    readUnits: () => readUnits,
    clear: () => {
      planned = () => undefined;
      requests = [];
      writeUnits = 0;
      readUnits = 0;
    },
  };
}

function unitsOf(consumed: unknown): number {
  const entries = (Array.isArray(consumed) ? consumed : [consumed]) as (
    { CapacityUnits?: number } | undefined
  )[];
  return entries.reduce((sum, entry) => sum + (entry?.CapacityUnits ?? 0), 0);
}

function errorOf(fault: Fault, input: Record<string, unknown>): Error {
  switch (fault.kind) {
    case 'conflict':
      return cancelled(input, fault.write, 'TransactionConflict');
    case 'stale':
      return cancelled(input, fault.write, 'ConditionalCheckFailed');
    case 'throttled write':
      return cancelled(input, fault.write, 'ThrottlingError');
    case 'throttled':
      return named('ProvisionedThroughputExceededException', 400);
    case 'denied':
      return named('AccessDeniedException', 400);
    case 'lost':
      return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
    case '500 before':
    case '500 after':
      return named('InternalServerError', 500);
  }
}

function cancelled(input: Record<string, unknown>, write: number, code: string): Error {
  const items = input.TransactItems;
  if (!Array.isArray(items)) {
    return named(
      code === 'ConditionalCheckFailed' ? 'ConditionalCheckFailedException' : `${code}Exception`,
      400,
    );
  }
  return Object.assign(named('TransactionCanceledException', 400), {
    CancellationReasons: items.map((_, index) => ({ Code: index === write ? code : 'None' })),
  });
}

function named(name: string, httpStatusCode: number): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode, attempts: 1 } });
}
