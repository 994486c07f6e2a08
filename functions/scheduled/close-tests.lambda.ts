import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { closeTests, environment, usedTables } from './close-tests.ts';

export const handler = closeTests({
  documents: createDocuments(),
  tables: tableNames(readEnvironment(environment, process.env), usedTables),
  clock: systemClock,
  logger: createLog('close-tests'),
});
