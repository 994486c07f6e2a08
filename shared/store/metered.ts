import * as z from 'zod';
import type { Documents } from './documents.ts';

const Consumed = z.object({ CapacityUnits: z.number().optional() });
const Reply = z.object({ ConsumedCapacity: z.union([Consumed, z.array(Consumed)]).optional() });

/** A client, and what everything sent by it has cost since that was last asked: read and write units together. */
export interface Meter {
  readonly documents: Documents;
  readonly takeUnits: () => number;
}

/** Makes a client, which must be nobody else's, count. */
export function createMeter(documents: Documents): Meter {
  let units = 0;
  documents.middlewareStack.add(
    (next) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const { ConsumedCapacity: consumed = [] } = Reply.safeParse(result.output).data ?? {};
      for (const { CapacityUnits = 0 } of [consumed].flat()) units += CapacityUnits;
      return result;
    },
    { step: 'initialize', name: 'countUnits', override: true },
  );
  return {
    documents,
    takeUnits: () => {
      const taken = units;
      units = 0;
      return taken;
    },
  };
}
