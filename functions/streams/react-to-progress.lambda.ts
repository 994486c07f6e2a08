import { randomBytes } from 'node:crypto';
import { CODE_BYTES } from '../../shared/domain/certificate.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, reactToProgress, uses } from './react-to-progress.ts';

export const handler = reactToProgress({
  documents: createDocuments(),
  tables: tableNames(readEnvironment(environment, process.env), uses),
  random: () => randomBytes(CODE_BYTES),
  logger: createLog('react-to-progress'),
  clock: systemClock,
});
