import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, projectProgress, uses } from './project-progress.ts';

export const handler = projectProgress({
  documents: createDocuments(),
  tables: tableNames(readEnvironment(environment, process.env), uses),
  logger: createLog('project-progress'),
  clock: systemClock,
});
