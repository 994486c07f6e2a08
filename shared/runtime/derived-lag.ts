import { ageOf } from '../domain/lag.ts';
import type { FlowName } from '../domain/sync-flow.ts';
import type { TimedBatch } from '../domain/sync-health.ts';
import type { Clock } from './clock.ts';
import type { EndedBatch, StreamRecord } from './stream-loop.ts';

/**
 * Measures how long the changes of a batch took until what follows from them was written, from when their own rows
 * were: for `ended` of a stream's handler. A removed row does not say when it was removed, and is passed over.
 *
 * @param flowsOf the flows in which something followed from the record
 */
export function keepDerivedLag(
  lag: { readonly keep: (batch: TimedBatch) => Promise<void> },
  clock: Clock,
  flowsOf: (record: StreamRecord) => readonly FlowName[],
): (batch: EndedBatch) => Promise<void> {
  return ({ done, again }) => {
    const now = clock();
    const timed = (records: readonly StreamRecord[]) =>
      records.flatMap((record) => {
        const milliseconds = record.newImage && ageOf(record.newImage, now);
        return milliseconds === undefined ? [] : flowsOf(record).map((flow) => ({ flow, milliseconds }));
      });
    return lag.keep({ stage: 'derived', arrived: timed(done), again: timed(again) });
  };
}

/** The flow of each of a consumer's tables, by the name that the table has in the database. */
export function flowsByTable(
  names: Readonly<Record<string, string>>,
  flowOfTable: (table: string) => FlowName | undefined,
): (record: StreamRecord) => readonly FlowName[] {
  const flows = new Map(Object.entries(names).map(([table, name]) => [name, flowOfTable(table)]));
  return ({ table }) => {
    const flow = flows.get(table);
    return flow === undefined ? [] : [flow];
  };
}
