import type { JobCounts } from '../domain/job.ts';
import { type AggregateStage, type Note, SUPERSEDED } from './aggregate-stage.ts';
import { cutOfJob } from './cut.ts';
import type { JobKind } from './jobs.ts';
import { MalformedRow } from './reads.ts';
import { LEDGER_LANES } from './reconcile-stages.ts';
import { settle } from './settle.ts';
import { tallyLedger } from './tally-ledger.ts';
import { pageOf } from './tally-page.ts';
import { tallyShards } from './tally-shards.ts';

/**
 * Adds up, as they were at the cut, the ledger in lanes and each table of aggregates: TALLY_SEGMENTS.
 *
 * Requests a step: BatchGet of the cut, Get and Put of where the step ends, Scans; then those of `tallyLedger` or
 * `tallyShards`.
 */
export function tallyStage(stage: AggregateStage): JobKind {
  const {
    documents,
    tables,
    options: { settling },
  } = stage;
  return async (task) => {
    const number = await settle(() => cutOfJob(documents, tables, task.jobId), settling);
    if (number === undefined) return SUPERSEDED;
    const step = { jobId: task.jobId, segment: task.segment, step: Number(task.cursor?.step ?? 0) };
    const { rows, end } = await settle(() => pageOf(stage, task, step), settling);
    const behind = { step: step.step + 1, ...end };
    const tally = task.segment < LEDGER_LANES ? tallyLedger : tallyShards;
    const item = {
      name: `${task.segment}#${step.step}`,
      cursor: behind,
      work: (note: Note) => whole(tally(stage, { task, step, number, rows }, note)),
    };
    return { items: [item], ...(end !== null && { next: behind }) };
  };
}

/** A step is one thing: what cannot be read fails all of it, and is not passed over with the rest of its page. */
async function whole(work: Promise<JobCounts>): Promise<JobCounts> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof MalformedRow) throw new Error(error.message, { cause: error });
    throw error;
  }
}
