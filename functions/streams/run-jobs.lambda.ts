import { randomBytes } from 'node:crypto';
import { CODE_BYTES } from '../../shared/domain/certificate.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { createMeter } from '../../shared/store/metered.ts';
import { PREVIEW_COURSE, previewCourseJob } from '../../shared/store/preview-job.ts';
import { RECALCULATE_COURSE, recalculateCourseJob } from '../../shared/store/recalculate-job.ts';
import { RECONCILE, reconcileJob } from '../../shared/store/reconcile-job.ts';
import { VOID_QUESTION, voidQuestionJob } from '../../shared/store/void-job.ts';
import { environment, runJobs, uses } from './run-jobs.ts';

const variables = readEnvironment(environment, process.env);
const documents = createDocuments();
const tables = tableNames(variables, uses);

export const handler = runJobs({
  documents,
  tables,
  kinds: {
    [VOID_QUESTION]: voidQuestionJob(documents, tables, { now: systemClock }),
    [RECALCULATE_COURSE]: recalculateCourseJob(documents, tables, { now: systemClock }),
    [PREVIEW_COURSE]: previewCourseJob(documents, tables),
    // With a client of its own, whose cost is counted.
    [RECONCILE]: reconcileJob(createMeter(createDocuments()), tables, {
      shards: variables.ANALYTICS_SHARDS,
      now: systemClock,
      codeBytes: () => randomBytes(CODE_BYTES),
    }),
  },
  logger: createLog('run-jobs'),
  clock: systemClock,
});
