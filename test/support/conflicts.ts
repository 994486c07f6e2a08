import type { Access } from '../../infra/local/dynamodb/dynamodb-request.ts';
import type { Gate } from '../../infra/local/dynamodb/gate.ts';
import { tables } from '../../infra/table-specs.ts';

interface Key {
  readonly partition: string;
  readonly sort?: string;
}

/** About how long DynamoDB takes for a transaction, in which it refuses others that touch the same items. */
const TRANSACTION_MS = 15;

/** What `asOnAws` did. */
export interface Conflicts {
  readonly count: number;
  stop(): void;
}

/**
 * Makes the transactions of functions that touch the same item at the same time conflict, as on AWS: the engines of
 * this machine do one after the other. Transactions that only read are in nobody's way.
 */
export function conflictsAsOnAws(gate: Gate): Conflicts {
  const busyUntil = new Map<string, number>();
  let count = 0;
  const stop = gate.onRequest((functionName, request) => {
    if (!request.operation.startsWith('Transact')) return;
    const now = performance.now();
    const items = request.accesses.map(itemOf);
    const hit = items.findIndex((item) => (busyUntil.get(item) ?? 0) > now);
    if (hit >= 0) {
      count += 1;
      // Of all requests it is this one that is looked at next.
      gate.faults.inject({
        match: { function: functionName, operation: request.operation },
        fault: { kind: 'conflict', item: hit },
      });
    } else if (request.units === 'write') {
      for (const item of items) busyUntil.set(item, now + TRANSACTION_MS);
    }
  });
  return {
    get count() {
      return count;
    },
    stop,
  };
}

function itemOf({ table, item = {} }: Access): string {
  const spec = Object.entries(tables).find(([name]) => name === table)?.[1];
  const key: Key | undefined = spec?.key;
  return JSON.stringify([table, key && [item[key.partition], key.sort && item[key.sort]]]);
}
