import type { Access } from '../../infra/local/dynamodb/dynamodb-request.ts';
import type { Gate } from '../../infra/local/dynamodb/gate.ts';
import { tables } from '../../infra/table-specs.ts';

/** About how long DynamoDB takes for a transaction, in which it refuses others that touch the same items. */
const TRANSACTION_MS = 15;

/** The conflicts of transactions, as AWS has them; the engines of this machine do one transaction after the other. */
export interface Conflicts {
  readonly count: number;
  /** Which of its items, by position, a transaction meets another at; where none, a writing one is now in the way. */
  meet(items: readonly string[], writes: boolean): number | undefined;
}

/** Transactions that only read are in nobody's way. */
export function createConflicts(): Conflicts {
  const busyUntil = new Map<string, number>();
  let count = 0;
  return {
    get count() {
      return count;
    },
    meet(items, writes) {
      const now = performance.now();
      const met = items.findIndex((item) => (busyUntil.get(item) ?? 0) > now);
      if (met >= 0) {
        count += 1;
        return met;
      }
      if (writes) for (const item of items) busyUntil.set(item, now + TRANSACTION_MS);
      return undefined;
    },
  };
}

/** Makes transactions of functions that touch the same item at the same time conflict. */
export function conflictsAtGate(gate: Gate): Pick<Conflicts, 'count'> & { stop(): void } {
  const conflicts = createConflicts();
  const stop = gate.onRequest((functionName, { operation, accesses, units }) => {
    if (!operation.startsWith('Transact')) return;
    const item = conflicts.meet(accesses.map(itemOf), units === 'write');
    if (item === undefined) return;
    // Of all requests it is this one that is looked at next.
    gate.faults.inject({ match: { function: functionName, operation }, fault: { kind: 'conflict', item } });
  });
  return {
    get count() {
      return conflicts.count;
    },
    stop,
  };
}

interface Key {
  readonly partition: string;
  readonly sort?: string;
}

function itemOf({ table, item = {} }: Pick<Access, 'table' | 'item'>): string {
  const spec = Object.entries(tables).find(([name]) => name === table)?.[1];
  const key: Key | undefined = spec?.key;
  return JSON.stringify([table, key && [item[key.partition], key.sort && item[key.sort]]]);
}
