import { operations } from '../../shared/contracts/api.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createHttpHandler } from '../../shared/runtime/http-edge.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, getStudentQbank, usedTables } from './get-student-qbank.ts';

const documents = createDocuments();
const variables = readEnvironment(environment, process.env);
const tables = tableNames(variables, usedTables);

export const handler = createHttpHandler(
  operations['get-student-qbank'],
  getStudentQbank({ documents, tables, shards: variables.ANALYTICS_SHARDS }),
  { logger: createLog('get-student-qbank'), clock: systemClock },
);
