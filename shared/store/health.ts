import * as z from 'zod';
import { HealthRow } from '../contracts/health-rows.ts';
import { JobId, type JobRow } from '../contracts/job-rows.ts';
import { type Comparison, healthOf, type Measured } from '../domain/sync-health.ts';
import { nextStamp } from '../domain/stamp.ts';
import type { Documents } from './documents.ts';
import { waitingFailures } from './failures.ts';
import { ALL_JOBS, jobRow } from './jobs.ts';
import { HEALTH_KEY, INDEXES, type Named } from './keys.ts';
import { queryRows } from './pages.ts';
import { MIGRATE } from './migrate-stages.ts';
import { RECONCILE } from './reconcile-stages.ts';
import { readRow, readRows } from './reads.ts';
import { settle } from './settle.ts';
import { asRead, commit } from './transact.ts';

/** The kinds of the jobs that compare every derived row with its sources: a migration ends in a reconciliation. */
const COMPARING: readonly string[] = [RECONCILE, MIGRATE];

/** Of the newest jobs so many are looked at, and so many that compare; what is older, an earlier run has seen. */
const JOBS_LISTED = 100;
const COMPARISONS_READ = 5;

/** More than so many failures are told as more. */
const MOST_COUNTED = 1000;

export function healthRow(tables: Named<'health'>) {
  return { table: tables.health, key: HEALTH_KEY, schema: HealthRow } as const;
}

const Listed = z.looseObject({ jobId: JobId });

/**
 * What the newest reconciliation that came to its end has found; one that was stopped or given up has compared but a
 * part.
 *
 * Requests: Query jobs/byStart, and BatchGet where there was one of late.
 */
async function newestComparison(
  documents: Documents,
  tables: Named<'jobs'>,
): Promise<Comparison | undefined> {
  const { rows } = await queryRows(documents, {
    table: tables.jobs,
    index: INDEXES.jobsByStart,
    schema: Listed,
    partition: ['listing', ALL_JOBS],
    limit: JOBS_LISTED,
    descending: true,
  });
  const newest = rows.filter(({ jobId }) => COMPARING.includes(kindIn(jobId))).slice(0, COMPARISONS_READ);
  const jobs = await readRows(
    documents,
    newest.map(({ jobId }) => jobRow(tables, jobId)),
  );
  const ended = jobs.find((job) => job !== undefined && hasCompared(job));
  if (ended?.endedAt === undefined) return undefined;
  return { at: ended.endedAt, counts: ended.counts, aside: ended.aside };
}

/** What the id of a job that somebody starts begins with. */
function kindIn(jobId: string): string {
  return jobId.split('~')[0] ?? '';
}

/** The dry run of a migration ends before anything is compared; one that was overtaken by another has not compared everything. */
function hasCompared({ kind, parameters, status, counts }: JobRow): boolean {
  const compares = kind === RECONCILE || parameters.repair !== false;
  return compares && status === 'done' && (counts.superseded ?? 0) === 0;
}

/**
 * Makes the figures of the school anew and keeps them in their one row.
 *
 * Requests: Query of failures, those of `newestComparison`, Get and Put of the row.
 *
 * @throws MalformedRow, DomainError busy
 */
export async function keepHealth(
  documents: Documents,
  tables: Named<'health' | 'jobs' | 'failures'>,
  measured: Pick<Measured, 'minutes' | 'day' | 'now'>,
  now: Date,
): Promise<HealthRow> {
  const at = now.toISOString();
  const [waiting, found] = await Promise.all([
    waitingFailures(documents, tables, { limit: MOST_COUNTED }),
    newestComparison(documents, tables),
  ]);
  const aside = { failureIds: waiting.failureIds, more: waiting.cursor !== undefined };
  return settle(async () => {
    const before = await readRow(documents, healthRow(tables));
    const comparison = newer(found, before?.comparison);
    const { flows, scores, ...rest } = healthOf({ ...measured, aside, comparison });
    const row: HealthRow = {
      ...HEALTH_KEY,
      measuredAt: at,
      flows: [...flows],
      scores: [...scores],
      ...rest,
      ...(comparison !== undefined && { comparison: { ...comparison, counts: { ...comparison.counts } } }),
      ...nextStamp(before, at, { causedBy: 'measure-health', causedAt: at }),
    };
    const when = asRead(before, 'healthId');
    await commit(documents, [{ kind: 'put', table: tables.health, item: row, when }]);
    return row;
  });
}

function newer(one: Comparison | undefined, other: Comparison | undefined): Comparison | undefined {
  return one === undefined || (other !== undefined && other.at > one.at) ? other : one;
}
