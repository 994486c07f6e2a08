import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, registerStudent, usedTables } from './register-student.ts';

export const handler = registerStudent({
  documents: createDocuments(),
  tables: tableNames(readEnvironment(environment, process.env), usedTables),
  clock: systemClock,
  logger: createLog('register-student'),
});
