import type { Cause } from '../domain/stamp.ts';
import { factsOf, mergeFacts, type Facts } from '../domain/progress.ts';
import { project, projectAnew, type Projection } from '../domain/project.ts';
import type { Documents } from './documents.ts';
import type { Named } from './keys.ts';
import { type LearnerTables, readLearnerRows } from './learner-rows.ts';
import { type Learner, type LearnerSnapshot, readLearners } from './learner-snapshots.ts';
import type { Outlines } from './outlines.ts';
import { MalformedRow } from './reads.ts';
import { settle, type SettleOptions } from './settle.ts';
import { asReadToBecome } from './status-condition.ts';
import { asRead, commit, type Write } from './transact.ts';
import { Unsettled } from './unsettled.ts';

/** Rows that seem to be read apart so often in a row are out of step indeed; writing mends them. */
const MOST_REREADS = 3;

/** What a projection came to, by the rows that it was decided on; `missing` says why there is none. */
export type Projected =
  | { readonly missing: 'course' | 'enrollment' }
  | { readonly missing?: undefined; readonly before: LearnerSnapshot; readonly projection: Projection };

export interface LearnerProjection {
  /** The learners' rows at their positions; none where one of them is malformed, so that each is read alone. */
  readTogether(learners: readonly Learner[]): Promise<readonly LearnerSnapshot[]>;
  /**
   * Brings studentProgress and enrollments.progress of a learner to what the facts amount to by the outline in force.
   * One transaction, or one put where only one of them changes, or nothing. Where the progress row was lost, it is made
   * anew from everything that the learner did: of a few facts alone it would be too low.
   *
   * @param learner.known the rows, where they were read before; they are read again if they have changed since
   * @throws MalformedRow, DomainError busy
   */
  bring(
    learner: Learner & { readonly known: LearnerSnapshot | undefined },
    given: {
      /** What there is beside the facts that the progress row holds. */
      readonly facts: (snapshot: LearnerSnapshot) => Facts | Promise<Facts>;
      readonly cause: (snapshot: LearnerSnapshot) => Cause;
      readonly now: () => Date;
    },
  ): Promise<Projected>;
}

/** The one way in which progress is computed and written once somebody is enrolled. */
export function createLearnerProjection(
  documents: Documents,
  tables: Named<'courses' | 'enrollments' | 'studentProgress'> & LearnerTables,
  outlines: Outlines,
  settling?: SettleOptions,
): LearnerProjection {
  const read = (learners: readonly Learner[]) => readLearners(documents, tables, outlines, learners);
  return {
    async readTogether(learners) {
      try {
        return await settle(() => read(learners), settling);
      } catch (error) {
        if (error instanceof MalformedRow) return [];
        throw error;
      }
    },
    bring: ({ known, ...learner }, { facts, cause, now }) =>
      settle(async (attempt) => {
        const [snapshot] = attempt === 1 && known !== undefined ? [known] : await read([learner]);
        if (snapshot?.course === undefined) return { missing: 'course' };
        if (snapshot.enrollment === undefined) return { missing: 'enrollment' };
        if (attempt <= MOST_REREADS && readApart(snapshot)) throw new Unsettled('stale');
        const { enrollment, progress, course, outline } = snapshot;
        const at = {
          outlineVersion: course.outlineVersion,
          now: now().toISOString(),
          cause: cause(snapshot),
        };
        const on = { enrollment, progress, outline, ...at };
        const told = await facts(snapshot);
        let projection: Projection;
        if (progress === undefined) {
          const all = factsOf(await readLearnerRows(documents, tables, learner), outline);
          const { completedAt: earnedAt } = enrollment;
          projection = projectAnew({ ...on, facts: mergeFacts(all, told), earnedAt });
        } else {
          projection = project({ ...on, facts: told });
        }
        await commit(documents, writesOf(tables, snapshot, projection));
        return { before: snapshot, projection };
      }, settling),
  };
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
  tables: Named<'enrollments' | 'studentProgress'>,
  { enrollment, progress }: LearnerSnapshot,
  projection: Projection,
): Write[] {
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
