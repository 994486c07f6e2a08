import * as z from 'zod';
import { factsOf } from '../../shared/domain/progress.ts';
import { newestCause } from '../../shared/domain/stamp.ts';
import { flowOf } from '../../shared/domain/sync-health.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { flowsByTable, keepDerivedLag } from '../../shared/runtime/derived-lag.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import {
  FACT_TABLES,
  factIn,
  type Fact,
  groupFacts,
  type LearnerFacts,
} from '../../shared/runtime/learner-facts.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import {
  type BatchOutcome,
  createStreamHandler,
  type StreamRecord,
} from '../../shared/runtime/stream-loop.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { keepFailure } from '../../shared/store/failures.ts';
import type { Named } from '../../shared/store/keys.ts';
import type { LagMeter } from '../../shared/store/lag-meter.ts';
import { createLearnerProjection } from '../../shared/store/learner-projection.ts';
import type { LearnerSnapshot } from '../../shared/store/learner-snapshots.ts';
import { createOutlines } from '../../shared/store/outlines.ts';
import { MalformedRow } from '../../shared/store/reads.ts';
import type { SettleOptions } from '../../shared/store/settle.ts';

export const uses = [
  ...FACT_TABLES,
  'courses',
  'enrollments',
  'studentProgress',
  'failures',
  'measurements',
] as const;

export const environment = z.object(tableVariables(uses));

export interface ProjectProgressDeps {
  readonly documents: Documents;
  readonly tables: Named<(typeof uses)[number]>;
  readonly logger: Log;
  readonly clock: Clock;
  readonly settling?: SettleOptions;
  /** Keeps how long changes took; without it nobody measures. */
  readonly lag?: LagMeter;
}

/** Learners written at once. */
const LANES = 8;

const REASONS = {
  course: 'the course of the fact does not exist',
  enrollment: 'the learner of the fact was never enrolled',
} as const;

/**
 * Follows the tables of facts and keeps studentProgress and enrollments.progress equal to what the facts amount
 * to by the outline in force. The facts of a batch are merged by learner and course before anything is read;
 * then each learner takes one transaction, or one put where only studentProgress changes, or nothing.
 */
export function projectProgress(deps: ProjectProgressDeps) {
  const { documents, tables, logger, clock, lag } = deps;
  const projection = createLearnerProjection(
    documents,
    tables,
    createOutlines(documents, tables),
    deps.settling,
  );

  /** Why the facts cannot be projected, or undefined when they are. */
  const projectLearner = async (group: LearnerFacts, known: LearnerSnapshot | undefined) => {
    const { userId, courseId } = group;
    const cause = newestCause(group.rows);
    if (cause === undefined) return undefined;
    const { missing } = await projection.bring(
      { userId, courseId, known },
      { facts: ({ outline }) => factsOf(group, outline), cause: () => cause, now: clock },
    );
    return missing === undefined ? undefined : REASONS[missing];
  };

  return createStreamHandler<Fact | undefined>({
    parse: (record) => factIn(record, tables),
    apply: async (batch) => {
      const groups = groupFacts(batch);
      const snapshots = await projection.readTogether(groups);
      const outcomes = await inParallel([...groups.entries()], LANES, async ([index, group]) => {
        try {
          const reason = await projectLearner(group, snapshots[index]);
          return reason === undefined ? {} : asideWith(group.records, reason);
        } catch (error) {
          if (error instanceof MalformedRow) return asideWith(group.records, error.message);
          return { failed: group.records.map((record) => ({ record, error })) };
        }
      });
      return {
        failed: outcomes.flatMap((outcome) => outcome.failed ?? []),
        aside: outcomes.flatMap((outcome) => outcome.aside ?? []),
      };
    },
    setAside: (record, reason) =>
      keepFailure(documents, tables, { consumer: 'project-progress', record, reason }, clock()),
    ...(lag !== undefined && {
      ended: keepDerivedLag(
        lag,
        clock,
        flowsByTable(tables, (table) => flowOf('project-progress', table)),
      ),
    }),
    logger,
  });
}

function asideWith(records: readonly StreamRecord[], reason: string): BatchOutcome {
  return { aside: records.map((record) => ({ record, reason })) };
}
