import { operations } from '../../shared/contracts/api.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createHttpHandler } from '../../shared/runtime/http-edge.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, startJob, usedTables } from './start-job.ts';

const documents = createDocuments();
const tables = tableNames(readEnvironment(environment, process.env), usedTables);

export const handler = createHttpHandler(operations['start-job'], startJob({ documents, tables }), {
  logger: createLog('start-job'),
  clock: systemClock,
});
