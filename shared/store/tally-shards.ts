import { aggregateOfShard, amountsOf, isSound, Sums } from '../domain/aggregate-sums.ts';
import { cutNumber } from '../domain/cut.ts';
import type { JobCounts } from '../domain/job.ts';
import type { AggregateStage } from './aggregate-stage.ts';
import { RawShard } from './aggregates.ts';
import { readRows } from './reads.ts';
import { settle } from './settle.ts';
import { keepTallies, overtaken, type Tallied } from './tallied.ts';
import { talliesOf } from './tallies.ts';

/**
 * Adds up a page of shards.
 *
 * Requests: BatchGet of what was kept of those that have changed since the cut, and a Put for each bucket.
 */
export async function tallyShards(
  stage: AggregateStage,
  { step, number, rows }: Tallied,
): Promise<JobCounts> {
  const {
    documents,
    tables,
    options: { settling },
  } = stage;
  const shards = rows.flatMap((row) => {
    const raw = RawShard.safeParse(row).data;
    const aggregate = raw && aggregateOfShard(raw);
    return raw === undefined || aggregate === undefined ? [] : [{ aggregate, raw, cut: cutNumber(raw.cut) }];
  });
  if (shards.some(({ raw }) => isByHand(raw)))
    throw new Error('There are figures of an old school: migrate it first');
  const touched = shards.filter(({ cut: of }) => of >= number);
  const kept = await settle(
    () =>
      readRows(
        documents,
        touched.map(({ raw: { scope, part } }) => ({
          table: tables.aggregateSnapshots,
          key: { scope, part },
          schema: RawShard,
        })),
      ),
    settling,
  );
  const newer = [...touched.map(({ cut: of }) => of), ...kept.map((row) => cutNumber(row?.cut))];
  if (newer.some((of) => of > number)) return overtaken(stage, step.jobId);
  const before = new Map(touched.map(({ raw }, index) => [raw, kept[index]]));
  const sums = new Sums();
  const malformed = new Set<string>();
  for (const { aggregate, raw, cut: of } of shards) {
    const snapshot = before.get(raw);
    // A shard that was made since had nothing at the cut; what is kept of an older cut is not of this shard.
    const atCut = of < number ? raw : cutNumber(snapshot?.cut) === number ? snapshot : undefined;
    if (atCut !== undefined) sums.add(aggregate, amountsOf(atCut));
    if (isSound(raw)) continue;
    sums.add(aggregate, []);
    malformed.add(aggregate);
  }
  await keepTallies(stage, step, talliesOf('shards', sums, malformed));
  return {};
}

/** Nothing of what every row carries since there are versions. */
function isByHand(row: RawShard): boolean {
  return ['version', 'updatedAt', 'causedBy', 'causedAt'].every((name) => row[name] === undefined);
}
