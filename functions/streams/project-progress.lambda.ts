import { randomUUID } from 'node:crypto';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { createLagMeter } from '../../shared/store/lag-meter.ts';
import { environment, projectProgress, uses } from './project-progress.ts';

const documents = createDocuments();
const tables = tableNames(readEnvironment(environment, process.env), uses);
const logger = createLog('project-progress');

export const handler = projectProgress({
  documents,
  tables,
  logger,
  clock: systemClock,
  lag: createLagMeter(documents, tables, {
    container: `project-progress#${randomUUID()}`,
    clock: systemClock,
    onFailure: (error) => logger.warn('lag_not_kept', {}, error),
  }),
});
