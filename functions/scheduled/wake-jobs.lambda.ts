import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, usedTables, wakeJobs } from './wake-jobs.ts';

export const handler = wakeJobs({
  documents: createDocuments(),
  tables: tableNames(readEnvironment(environment, process.env), usedTables),
  clock: systemClock,
  logger: createLog('wake-jobs'),
});
