import type { JobStage } from '../domain/job.ts';
import type { JobKind } from './jobs.ts';
import type { Named } from './keys.ts';
import type { Meter } from './metered.ts';
import { MIGRATE_JOB_TABLES, MIGRATE_STAGES, migrateJob } from './migrate-job.ts';
import {
  inStages,
  RECONCILE_STAGES,
  RECONCILE_TABLES,
  type ReconcileJobOptions,
  reconcileStages,
} from './reconcile-job.ts';

type Tables = Named<(typeof MIGRATE_JOB_TABLES)[number] | (typeof RECONCILE_TABLES)[number]>;

/**
 * The stages of bringing an old school to full health: its rows into their form of today, and then everything that is
 * derived of them. A dry run ends with the first: what is derived cannot be compared with rows of the old form.
 */
export function migrateSchoolStages(repair: boolean): readonly [JobStage, ...JobStage[]] {
  return repair ? [...MIGRATE_STAGES, ...RECONCILE_STAGES] : MIGRATE_STAGES;
}

/** The work of each of those stages. */
export function migrateSchoolJob(meter: Meter, tables: Tables, options: ReconcileJobOptions): JobKind {
  const migrate = migrateJob(meter.documents, tables, options);
  return inStages([...MIGRATE_STAGES.map(() => migrate), ...reconcileStages(meter, tables, options)]);
}
