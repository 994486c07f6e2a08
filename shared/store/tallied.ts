import { type JobCounts } from '../domain/job.ts';
import { type AggregateStage, keptUntil } from './aggregate-stage.ts';
import { cutOfJob } from './cut.ts';
import type { JobTask } from './jobs.ts';
import { settle } from './settle.ts';
import { putTally, type StepOfJob, type talliesOf } from './tallies.ts';
import type { Row } from './tally-page.ts';

/** The rows that a step adds up, as they were at the cut of that number. */
export interface Tallied {
  readonly task: JobTask;
  readonly step: StepOfJob;
  readonly number: string;
  readonly rows: readonly Row[];
}

const WRITES_AT_ONCE = 16;

/** There is a row of a newer cut. @throws Error where nobody has taken one: what is not added up would be missed */
export async function overtaken(
  { documents, tables, options: { settling } }: AggregateStage,
  jobId: string,
): Promise<JobCounts> {
  const number = await settle(() => cutOfJob(documents, tables, jobId), settling);
  if (number !== undefined) throw new Error('A row is of a cut that was never taken');
  return { superseded: 1 };
}

/** Keeps what a step has added up, a row for each bucket. */
export async function keepTallies(
  { documents, tables, options: { now, settling } }: AggregateStage,
  step: StepOfJob,
  rows: ReturnType<typeof talliesOf>,
): Promise<void> {
  const expiresAt = keptUntil(now());
  const all = [...rows];
  for (let start = 0; start < all.length; start += WRITES_AT_ONCE) {
    await Promise.all(
      all
        .slice(start, start + WRITES_AT_ONCE)
        .map(([bucket, row]) =>
          settle(() => putTally(documents, tables, step, bucket, { row, expiresAt }), settling),
        ),
    );
  }
}
