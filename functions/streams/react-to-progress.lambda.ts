import { randomBytes, randomUUID } from 'node:crypto';
import { CODE_BYTES } from '../../shared/domain/certificate.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { createLagMeter } from '../../shared/store/lag-meter.ts';
import { environment, reactToProgress, uses } from './react-to-progress.ts';

const documents = createDocuments();
const tables = tableNames(readEnvironment(environment, process.env), uses);
const logger = createLog('react-to-progress');

export const handler = reactToProgress({
  documents,
  tables,
  random: () => randomBytes(CODE_BYTES),
  logger,
  clock: systemClock,
  lag: createLagMeter(documents, tables, {
    container: `react-to-progress#${randomUUID()}`,
    clock: systemClock,
    onFailure: (error) => logger.warn('lag_not_kept', {}, error),
  }),
});
