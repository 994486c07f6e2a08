import * as z from 'zod';
import { project } from '../../shared/domain/project.ts';
import { factsOf } from '../../shared/domain/progress.ts';
import { newestCause } from '../../shared/domain/stamp.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
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
import { type LearnerSnapshot, readLearners } from '../../shared/store/learner-snapshots.ts';
import { createOutlines } from '../../shared/store/outlines.ts';
import { MalformedRow } from '../../shared/store/reads.ts';
import { settle, type SettleOptions } from '../../shared/store/settle.ts';
import { asReadToBecome } from '../../shared/store/status-condition.ts';
import { asRead, commit, type Write } from '../../shared/store/transact.ts';
import { Unsettled } from '../../shared/store/unsettled.ts';

export const uses = [...FACT_TABLES, 'courses', 'enrollments', 'studentProgress', 'failures'] as const;

export const environment = z.object(tableVariables(uses));

export interface ProjectProgressDeps {
  readonly documents: Documents;
  readonly tables: Named<(typeof uses)[number]>;
  readonly logger: Log;
  readonly clock: Clock;
  readonly settling?: SettleOptions;
}

/** Learners written at once. */
const LANES = 8;

/** Rows that seem to be read apart so often in a row are out of step indeed; writing mends them. */
const MOST_REREADS = 3;

/**
 * Follows the tables of facts and keeps studentProgress and enrollments.progress equal to what the facts amount
 * to by the outline in force. The facts of a batch are merged by learner and course before anything is read;
 * then each learner takes one transaction, or one put where only studentProgress changes, or nothing.
 */
export function projectProgress(deps: ProjectProgressDeps) {
  const { documents, tables, logger, clock } = deps;
  const outlines = createOutlines(documents, tables);
  const read = (groups: readonly LearnerFacts[]) =>
    settle(() => readLearners(documents, tables, outlines, groups), deps.settling);

  /** Why the facts cannot be projected, or undefined when they are. */
  const projectLearner = (group: LearnerFacts, known: LearnerSnapshot | undefined) =>
    settle(async (attempt) => {
      const [snapshot] = attempt === 1 && known !== undefined ? [known] : await read([group]);
      if (snapshot?.course === undefined) return 'the course of the fact does not exist';
      if (snapshot.enrollment === undefined) return 'the learner of the fact was never enrolled';
      if (attempt <= MOST_REREADS && readApart(snapshot)) throw new Unsettled('stale');
      await commit(documents, writesOf(tables, group, snapshot, clock()));
      return undefined;
    }, deps.settling);

  return createStreamHandler<Fact | undefined>({
    parse: (record) => factIn(record, tables),
    apply: async (batch) => {
      const groups = groupFacts(batch);
      const snapshots = await readTogether(groups, read);
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
    logger,
  });
}

/** One malformed row must not stop the others: then none is known beforehand and each learner is read alone. */
async function readTogether(
  groups: readonly LearnerFacts[],
  read: (groups: readonly LearnerFacts[]) => Promise<readonly LearnerSnapshot[]>,
): Promise<readonly LearnerSnapshot[]> {
  try {
    return await read(groups);
  } catch (error) {
    if (error instanceof MalformedRow) return [];
    throw error;
  }
}

/**
 * Whether the rows show that they were read on both sides of a write: a course older than the progress, or two
 * percentages. Projected on such rows, one of them could be written alone and part from the other. Where they
 * agree, the pins suffice: whatever moves the percentage writes both.
 */
function readApart({ course, enrollment, progress }: LearnerSnapshot): boolean {
  if (enrollment === undefined || progress === undefined) return false;
  return (
    progress.totalProgress !== enrollment.progress || progress.outlineVersion > (course?.outlineVersion ?? 0)
  );
}

function writesOf(
  tables: ProjectProgressDeps['tables'],
  group: LearnerFacts,
  { enrollment, progress, course, outline }: LearnerSnapshot,
  now: Date,
): Write[] {
  const cause = newestCause(group.rows);
  if (cause === undefined) return [];
  const projection = project({
    enrollment,
    progress,
    outline,
    outlineVersion: course?.outlineVersion ?? 0,
    facts: factsOf(group, outline),
    now: now.toISOString(),
    cause,
  });
  const writes: Write[] = [];
  if (projection.progress !== undefined) {
    const when = asRead(progress, 'userId');
    writes.push({ kind: 'put', table: tables.studentProgress, item: projection.progress, when });
  }
  if (projection.enrollment !== undefined) {
    const when = asReadToBecome('enrollments', enrollment, projection.enrollment, 'userId');
    writes.push({ kind: 'put', table: tables.enrollments, item: projection.enrollment, when });
  }
  return writes;
}

function asideWith(records: readonly StreamRecord[], reason: string): BatchOutcome {
  return { aside: records.map((record) => ({ record, reason })) };
}
