import { randomBytes } from 'node:crypto';
import { CODE_BYTES } from '../../shared/domain/certificate.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { createMeter } from '../../shared/store/metered.ts';
import type { JobKind } from '../../shared/store/jobs.ts';
import { MIGRATE } from '../../shared/store/migrate-stages.ts';
import { PREVIEW_COURSE, previewCourseJob } from '../../shared/store/preview-job.ts';
import { RECALCULATE_COURSE, recalculateCourseJob } from '../../shared/store/recalculate-job.ts';
import { reconcileJob } from '../../shared/store/reconcile-job.ts';
import { RECONCILE } from '../../shared/store/reconcile-stages.ts';
import { VOID_QUESTION, voidQuestionJob } from '../../shared/store/void-job.ts';
import { environment, runJobs, uses } from './run-jobs.ts';

const variables = readEnvironment(environment, process.env);
const documents = createDocuments();
const tables = tableNames(variables, uses);

// A client of its own, whose cost is counted.
const meter = createMeter(createDocuments());
const wholeSchool = {
  shards: variables.ANALYTICS_SHARDS,
  now: systemClock,
  codeBytes: () => randomBytes(CODE_BYTES),
};

/** A school is migrated a few times in its life: what does that is a file of its own, loaded when it is needed. */
const migrateOnce: JobKind = async (task) => {
  const { migrateSchoolJob } = await import('../../shared/store/migrate-school.ts');
  return migrateSchoolJob(meter, tables, wholeSchool)(task);
};

export const handler = runJobs({
  documents,
  tables,
  kinds: {
    [VOID_QUESTION]: voidQuestionJob(documents, tables, { now: systemClock }),
    [RECALCULATE_COURSE]: recalculateCourseJob(documents, tables, { now: systemClock }),
    [PREVIEW_COURSE]: previewCourseJob(documents, tables),
    [RECONCILE]: reconcileJob(meter, tables, wholeSchool),
    [MIGRATE]: migrateOnce,
  },
  logger: createLog('run-jobs'),
  clock: systemClock,
});
