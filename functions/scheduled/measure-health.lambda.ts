import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, measureHealth, usedTables } from './measure-health.ts';

const settings = readEnvironment(environment, process.env);

export const handler = measureHealth({
  documents: createDocuments(),
  tables: tableNames(settings, usedTables),
  namespace: settings.METRICS_NAMESPACE,
  clock: systemClock,
  logger: createLog('measure-health'),
});
