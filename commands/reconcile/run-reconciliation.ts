import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient, Reply } from '../../shared/client/api.ts';
import type { Finding, Flow } from '../../shared/domain/sync-flow.ts';

/** What one reconciliation came to, as `--json` writes it of each run. */
export interface Run {
  readonly flows: readonly Flow[];
  readonly seconds: number;
  /** Of capacity, read and written. */
  readonly units: number;
}

export interface Told {
  readonly run: Run;
  /** A few of the values that were out of step. */
  readonly examples: readonly Finding[];
  /** Students who could not be looked at; what their rows say is set aside with the reasons. */
  readonly aside: number;
}

const POLL_MS = 500;
/** How often the schedule is woken where it is at hand, instead of each minute. */
const WAKE_MS = 5_000;

/**
 * Starts a reconciliation by the API and waits for its end.
 *
 * @param given.onProgress is given the job as it is, now and then
 * @throws where the job fails or is stopped, or another one is on its way
 */
export async function runReconciliation(
  admin: ApiClient,
  given: {
    readonly jobId: string;
    readonly repair: boolean;
    readonly quietSeconds: number;
    readonly onProgress?: (job: Reply<'get-job'>) => void;
    /** Wakes what waits for its time: of a school of this process, whose clock need not be waited for. */
    readonly wake?: () => Promise<unknown>;
  },
): Promise<Told> {
  const { jobId, repair, quietSeconds, onProgress, wake } = given;
  let woken = Date.now();
  const params = { jobId };
  await admin.call('start-job', { params, body: { kind: 'reconcile', repair, quietSeconds } });
  for (;;) {
    const { body: job } = await admin.call('get-job', { params });
    onProgress?.(job);
    if (job.status === 'running') {
      await sleep(POLL_MS);
      if (wake !== undefined && Date.now() - woken > WAKE_MS) {
        woken = Date.now();
        await wake();
      }
      continue;
    }
    if (job.status !== 'done') {
      const why = job.progress.flatMap(({ lastFailure }) => lastFailure ?? [])[0];
      throw new Error(`The job ${jobId} is ${job.status}${why === undefined ? '' : `: ${why}`}`);
    }
    const ended = Date.parse(job.endedAt ?? job.startedAt);
    return {
      run: {
        flows: job.flows ?? [],
        seconds: (ended - Date.parse(job.startedAt)) / 1000,
        units: job.counts.units ?? 0,
      },
      examples: job.examples ?? [],
      aside: job.aside,
    };
  }
}

/** How many values of all flows were out of step. */
export function foundIn({ flows }: Run): number {
  return flows.reduce((sum, { missing, wrong, orphaned }) => sum + missing + wrong + orphaned, 0);
}

export function repairedIn({ flows }: Run): number {
  return flows.reduce((sum, { repaired }) => sum + repaired, 0);
}
