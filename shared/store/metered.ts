import * as z from 'zod';
import type { Documents } from './documents.ts';

const Consumed = z.object({ CapacityUnits: z.number().optional() });
const Reply = z.object({ ConsumedCapacity: z.union([Consumed, z.array(Consumed)]).optional() });

/**
 * Counts the capacity that everything sent by a client costs: read and write units together.
 *
 * @returns takes what has come together since it was last taken
 */
export function meterUnits(documents: Documents): () => number {
  let units = 0;
  documents.middlewareStack.add(
    (next) => async (args) => {
      const result = await next({ ...args, input: { ...args.input, ReturnConsumedCapacity: 'TOTAL' } });
      const { ConsumedCapacity: consumed = [] } = Reply.safeParse(result.output).data ?? {};
      for (const { CapacityUnits = 0 } of [consumed].flat()) units += CapacityUnits;
      return result;
    },
    { step: 'initialize', name: 'meterUnits', override: true },
  );
  return () => {
    const taken = units;
    units = 0;
    return taken;
  };
}
