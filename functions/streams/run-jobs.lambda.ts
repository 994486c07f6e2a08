import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { MIGRATE, migrateJob } from '../../shared/store/migrate-job.ts';
import { PREVIEW_COURSE, previewCourseJob } from '../../shared/store/preview-job.ts';
import { RECALCULATE_COURSE, recalculateCourseJob } from '../../shared/store/recalculate-job.ts';
import { VOID_QUESTION, voidQuestionJob } from '../../shared/store/void-job.ts';
import { environment, runJobs, uses } from './run-jobs.ts';

const documents = createDocuments();
const tables = tableNames(readEnvironment(environment, process.env), uses);

export const handler = runJobs({
  documents,
  tables,
  kinds: {
    [VOID_QUESTION]: voidQuestionJob(documents, tables, { now: systemClock }),
    [RECALCULATE_COURSE]: recalculateCourseJob(documents, tables, { now: systemClock }),
    [PREVIEW_COURSE]: previewCourseJob(documents, tables),
    [MIGRATE]: migrateJob(documents, tables, { now: systemClock }),
  },
  logger: createLog('run-jobs'),
  clock: systemClock,
});
