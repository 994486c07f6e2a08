import type { JobKind } from './jobs.ts';
import type { Named } from './keys.ts';
import type { Meter } from './metered.ts';
import { migrateJob } from './migrate-job.ts';
import { type MIGRATE_JOB_TABLES, MIGRATE_STAGES } from './migrate-stages.ts';
import {
  inStages,
  type RECONCILE_TABLES,
  type ReconcileJobOptions,
  reconcileStages,
} from './reconcile-job.ts';

type Tables = Named<(typeof MIGRATE_JOB_TABLES)[number] | (typeof RECONCILE_TABLES)[number]>;

/** The work of each of the stages that `migrateSchoolStages` names. */
export function migrateSchoolJob(meter: Meter, tables: Tables, options: ReconcileJobOptions): JobKind {
  const migrate = migrateJob(meter.documents, tables, options);
  return inStages([...MIGRATE_STAGES.map(() => migrate), ...reconcileStages(meter, tables, options)]);
}
