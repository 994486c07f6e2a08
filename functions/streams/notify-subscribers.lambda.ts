import { randomUUID } from 'node:crypto';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createPublisher } from '../../shared/runtime/publisher.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { createLagMeter } from '../../shared/store/lag-meter.ts';
import { environment, notifySubscribers, uses } from './notify-subscribers.ts';

const settings = readEnvironment(environment, process.env);
const documents = createDocuments();
const tables = tableNames(settings, uses);
const logger = createLog('notify-subscribers');

export const handler = notifySubscribers({
  documents,
  tables,
  publisher: createPublisher({
    url: settings.GRAPHQL_URL,
    region: documents.config.region,
    credentials: documents.config.credentials,
    logger,
  }),
  logger,
  clock: systemClock,
  lag: createLagMeter(documents, tables, {
    container: `notify-subscribers#${randomUUID()}`,
    clock: systemClock,
    onFailure: (error) => logger.warn('lag_not_kept', {}, error),
  }),
});
