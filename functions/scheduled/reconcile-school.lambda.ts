import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, usedTables, reconcileSchool } from './reconcile-school.ts';

export const handler = reconcileSchool({
  documents: createDocuments(),
  tables: tableNames(readEnvironment(environment, process.env), usedTables),
  clock: systemClock,
  logger: createLog('reconcile-school'),
});
