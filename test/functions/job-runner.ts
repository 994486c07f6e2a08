import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { runJobs } from '../../functions/streams/run-jobs.ts';
import { wakeJobs } from '../../functions/scheduled/wake-jobs.ts';
import { JobRow, JobSegmentRow } from '../../shared/contracts/job-rows.ts';
import { JOB_PART, type startJob } from '../../shared/domain/job.ts';
import { silentLog } from '../../shared/runtime/logger.ts';
import type { StreamHandler } from '../../shared/runtime/stream-loop.ts';
import { type JobKind, startJobWrites } from '../../shared/store/jobs.ts';
import { transact } from '../../shared/store/transact.ts';
import type { Database } from '../support/database.ts';
import { deliver, type RecordInput, streamRecords } from '../support/streams.ts';

/** Jobs of a test's database, with the stream and the clock in the hands of the test. */
export interface JobRunner {
  now: Date;
  pass(seconds: number): void;
  readonly run: StreamHandler;
  readonly wake: () => Promise<{ readonly woken: number }>;
  start(over?: Partial<Parameters<typeof startJob>[0]>): Promise<void>;
  /** What the stream tells that `untold` has not given yet: of each row the newest image, in the order of parts. */
  untold(): Promise<RecordInput[]>;
  /** Delivers what the stream tells until it tells no more; gives how many records that took. */
  flow(): Promise<number>;
  job(jobId?: string): Promise<JobRow>;
  segments(jobId?: string): Promise<JobSegmentRow[]>;
}

export const START = '2026-11-22T10:00:00.000Z';
export const cause = { causedBy: 'request-1', causedAt: START };

export function jobRunner(db: Database, kinds: Readonly<Record<string, JobKind>>): JobRunner {
  const { documents, tables } = db;
  const told = new Map<string, number>();
  const given = {
    documents,
    tables,
    logger: silentLog,
    clock: () => runner.now,
    settling: { sleep: async () => {} },
  };
  const rows = async () =>
    (await db.rows('jobs')).sort((a, b) =>
      `${String(a.jobId)}${String(a.part)}` < `${String(b.jobId)}${String(b.part)}` ? -1 : 1,
    );
  const runner: JobRunner = {
    now: new Date(START),
    pass: (seconds) => {
      runner.now = new Date(runner.now.getTime() + seconds * 1000);
    },
    run: runJobs({ ...given, kinds }),
    wake: wakeJobs(given),
    start: async (over = {}) => {
      const now = runner.now.toISOString();
      const basics = {
        jobId: 'toy~1',
        kind: 'toy',
        parameters: {},
        segments: [{}],
        requestedBy: 'the-admin',
      };
      await transact(db.plain, startJobWrites(tables, { ...basics, now, cause, ...over }));
    },
    untold: async () => {
      const changed = (await rows()).filter(
        (row) => told.get(`${String(row.jobId)}#${String(row.part)}`) !== row.version,
      );
      for (const row of changed) told.set(`${String(row.jobId)}#${String(row.part)}`, Number(row.version));
      return changed.map((after) => ({ table: tables.jobs, after }));
    },
    flow: async () => {
      let count = 0;
      for (let rounds = 0; rounds < 200; rounds += 1) {
        const records = await runner.untold();
        if (records.length === 0) return count;
        await deliver(runner.run, streamRecords(records));
        count += records.length;
      }
      throw new Error('The job wakes itself for ever');
    },
    job: async (jobId = 'toy~1') => {
      const { Item } = await db.plain.send(
        new GetCommand({ TableName: tables.jobs, Key: { jobId, part: JOB_PART }, ConsistentRead: true }),
      );
      return JobRow.parse(Item);
    },
    segments: async (jobId = 'toy~1') =>
      (await rows())
        .filter((row) => row.jobId === jobId && row.part !== JOB_PART)
        .map((row) => JobSegmentRow.parse(row)),
  };
  return runner;
}
