import {
  type AggregateFinding,
  aggregateOfShard,
  findingOf,
  flowOfAggregate,
  isSound,
  mendedShard,
  Sums,
} from '../domain/aggregate-sums.ts';
import { cutNumber } from '../domain/cut.ts';
import { type JobCounts, sumOfCounts } from '../domain/job.ts';
import type { Cause } from '../domain/stamp.ts';
import { countOf } from '../domain/sync-flow.ts';
import { AggregateParameters, type AggregateStage, ROWS_OF_STEP, SUPERSEDED } from './aggregate-stage.ts';
import { RawShard } from './aggregates.ts';
import { cutOfJob } from './cut.ts';
import type { JobItem, JobKind, JobTask } from './jobs.ts';
import { aggregateTable, analyticsKey } from './keys.ts';
import { asSeen } from './ledger.ts';
import { queryAllRows } from './pages.ts';
import { readRow } from './reads.ts';
import { COMPARE_SEGMENTS } from './reconcile-stages.ts';
import { settle } from './settle.ts';
import { BUCKETS, talliesIn } from './tallies.ts';
import { transact } from './transact.ts';

/** Before the names of all aggregates, and behind the beginning. */
const FIRST = '!';

/** Compares what was added up, and sets right what differs: COMPARE_SEGMENTS. */
export function compareStage({ documents, tables, options }: AggregateStage): JobKind {
  const { now, settling, rowsOfStep = ROWS_OF_STEP } = options;

  /**
   * Requests a step: BatchGet of the cut, Queries of the tallies of buckets; for each aggregate that is out of step a
   * Get of its first shard and a TransactWrite, and where it is malformed a Query of its shards, and one of each.
   */
  const compare: JobKind = async (task) => {
    const { jobId, segment, cursor, limit } = task;
    const number = await settle(() => cutOfJob(documents, tables, jobId), settling);
    if (number === undefined) return SUPERSEDED;
    const items: JobItem[] = [];
    let bucket = Number(cursor?.bucket ?? segment);
    let after = String(cursor?.after ?? '');
    for (let looked = 0; bucket < BUCKETS; bucket += COMPARE_SEGMENTS, after = '') {
      if (items.length >= limit || looked >= rowsOfStep) return { items, next: { bucket, after } };
      const { counts, findings, aggregates } = await settle(() => findingsIn(jobId, bucket), settling);
      looked += aggregates;
      const place = bucket;
      if (after === '' && aggregates > 0) {
        items.push({
          name: `bucket#${place}`,
          cursor: { bucket, after: FIRST },
          work: () => Promise.resolve(counts),
        });
      }
      for (const finding of findings.filter(({ aggregate }) => aggregate > after)) {
        if (items.length >= limit) return { items, next: items.at(-1)?.cursor ?? { bucket, after } };
        items.push({
          name: finding.aggregate,
          recurs: true,
          cursor: { bucket: place, after: finding.aggregate },
          work: (note) => {
            const { flow, drift, reason, subject } = finding;
            note({ flow, drift, reason, subject });
            return repaired(task, number, finding);
          },
        });
      }
    }
    return { items };
  };

  /** The aggregates of a bucket, those that are out of step in the order of their names. */
  async function findingsIn(jobId: string, bucket: number) {
    const [ledger, shards, malformed] = [new Sums(), new Sums(), new Set<string>()];
    for await (const rows of talliesIn(documents, tables, jobId, bucket)) {
      for (const row of rows) {
        const sums = row.of === 'ledger' ? ledger : shards;
        for (const [aggregate, amounts] of Object.entries(row.sums))
          sums.add(aggregate, Object.entries(amounts));
        for (const aggregate of row.malformed) malformed.add(aggregate);
      }
    }
    const aggregates = [...new Set([...ledger.byAggregate.keys(), ...shards.byAggregate.keys()])].sort();
    const findings = aggregates.flatMap(
      (aggregate) =>
        findingOf({
          aggregate,
          ledger: ledger.byAggregate.get(aggregate),
          shards: shards.byAggregate.get(aggregate),
          malformed: malformed.has(aggregate),
        }) ?? [],
    );
    const counts = sumOfCounts(
      aggregates.map((aggregate) => ({ [countOf(flowOfAggregate(aggregate), 'checked')]: 1 })),
    );
    return { aggregates: aggregates.length, findings, counts };
  }

  async function repaired(
    { parameters, cause }: JobTask,
    number: string,
    finding: AggregateFinding,
  ): Promise<JobCounts> {
    const { repair } = AggregateParameters.parse(parameters);
    if (repair) {
      if (finding.malformed) await mend(finding.aggregate, cause);
      if (finding.lacks.size > 0 && !(await settle(() => correct(number, finding, cause), settling))) {
        return { superseded: 1 };
      }
    }
    const { flow, drift } = finding;
    return { [countOf(flow, drift)]: 1, ...(repair && { [countOf(flow, 'repaired')]: 1 }) };
  }

  /** Mends the shards of an aggregate that are not sound. */
  async function mend(aggregate: string, cause: Cause): Promise<void> {
    const table = tables[aggregateTable(aggregate)];
    const { scope, part } = analyticsKey(aggregate, 0);
    await settle(async () => {
      const shards = await queryAllRows(documents, {
        table,
        schema: RawShard,
        partition: ['scope', scope],
        sort: { attribute: 'part', beginsWith: part.slice(0, -1) },
      });
      for (const row of shards) {
        if (aggregateOfShard(row) !== aggregate || isSound(row)) continue;
        const item = mendedShard(row, now().toISOString(), cause);
        await transact(documents, [{ kind: 'put', table, item, when: asSeen(row) }]);
      }
    }, settling);
  }

  /**
   * Adds what an aggregate lacks to its first shard, which says of which cut that was: so it is done once, whatever
   * comes again. Before any newer cut, or not at all.
   *
   * @returns false where there is a newer cut
   */
  async function correct(
    number: string,
    { aggregate, lacks }: AggregateFinding,
    cause: Cause,
  ): Promise<boolean> {
    const table = tables[aggregateTable(aggregate)];
    const key = analyticsKey(aggregate, 0);
    const row = await readRow(documents, { table, key, schema: RawShard });
    if (row !== undefined && !isSound(row)) await mend(aggregate, cause);
    if (cutNumber(row?.corrected) === number) return true;
    if (cutNumber(row?.cut) > number || cutNumber(row?.corrected) > number) return false;
    await transact(documents, [
      {
        kind: 'add',
        table,
        key,
        add: { ...Object.fromEntries(lacks), version: 1 },
        set: { updatedAt: now().toISOString(), ...cause, corrected: number },
        when: {
          expression:
            '(attribute_not_exists(#corrected) OR #corrected < :cut) AND (attribute_not_exists(#cut) OR #cut <= :cut)',
          names: { '#corrected': 'corrected', '#cut': 'cut' },
          values: { ':cut': number },
        },
        once: true,
      },
    ]);
    return true;
  }

  return compare;
}
