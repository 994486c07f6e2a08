import { type AggregateJobTables, type AggregateStageOptions, alone, keptUntil } from './aggregate-stage.ts';
import { compareStage } from './compare-aggregates.ts';
import { closeCut, takeCut } from './cut.ts';
import type { Documents } from './documents.ts';
import type { JobKind } from './jobs.ts';
import { settle } from './settle.ts';
import { tallyStage } from './tally-aggregates.ts';

export interface AggregateStages {
  /** One segment. */
  readonly cut: JobKind;
  /** TALLY_SEGMENTS, which begin CUT_SETTLES_SECONDS after the cut. */
  readonly tally: JobKind;
  /** COMPARE_SEGMENTS. */
  readonly compare: JobKind;
  /** One segment. Until then traffic keeps what is changed as it was at the cut. */
  readonly close: JobKind;
}

/**
 * The stages of a job that compares every aggregate with the sum of its ledger rows while traffic goes on, and repairs
 * what differs once. Both are added up as they were at a cut (cut.ts): what has not changed since by itself, what has
 * by what was kept of it. So a difference is one, and not a transaction that was seen in one of them only, and what is
 * added to an aggregate sets it right whatever was added to it meanwhile.
 *
 * A job that meets a newer cut than its own ends without another word, and counts that as `superseded`.
 */
export function aggregateStages(
  documents: Documents,
  tables: AggregateJobTables,
  options: AggregateStageOptions,
): AggregateStages {
  const { now, settling } = options;
  const stage = { documents, tables, options };

  /** Requests: BatchGet of the cut and of what the job took, and TransactWrite of both. */
  const cut: JobKind = async ({ jobId, cause }) => ({
    items: [
      alone('cut', () =>
        settle(async () => {
          const at = now().toISOString();
          const taken = await takeCut(documents, tables, {
            jobId,
            now: at,
            cause,
            expiresAt: keptUntil(now()),
          });
          return { cuts: taken ? 1 : 0 };
        }, settling),
      ),
    ],
  });

  /** Requests: BatchGet of the cut and of what the job took, and TransactWrite of the cut. */
  const close: JobKind = async ({ jobId, cause }) => ({
    items: [
      alone('close', () =>
        settle(async () => {
          await closeCut(documents, tables, { jobId, now: now().toISOString(), cause });
          return {};
        }, settling),
      ),
    ],
  });

  return { cut, tally: tallyStage(stage), compare: compareStage(stage), close };
}
