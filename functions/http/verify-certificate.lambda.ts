import { operations } from '../../shared/contracts/api.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createPublicHandler } from '../../shared/runtime/http-edge.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, usedTables, verifyCertificate } from './verify-certificate.ts';

export const handler = createPublicHandler(
  operations['verify-certificate'],
  verifyCertificate({
    documents: createDocuments(),
    tables: tableNames(readEnvironment(environment, process.env), usedTables),
  }),
  { logger: createLog('verify-certificate'), clock: systemClock },
);
