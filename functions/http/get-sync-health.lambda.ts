import { operations } from '../../shared/contracts/api.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createHttpHandler } from '../../shared/runtime/http-edge.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, getSyncHealth, usedTables } from './get-sync-health.ts';

const documents = createDocuments();
const tables = tableNames(readEnvironment(environment, process.env), usedTables);

export const handler = createHttpHandler(
  operations['get-sync-health'],
  getSyncHealth({ documents, tables }),
  {
    logger: createLog('get-sync-health'),
    clock: systemClock,
  },
);
