import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createPublisher } from '../../shared/runtime/publisher.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, notifySubscribers, uses } from './notify-subscribers.ts';

const settings = readEnvironment(environment, process.env);
const documents = createDocuments();
const logger = createLog('notify-subscribers');

export const handler = notifySubscribers({
  documents,
  tables: tableNames(settings, uses),
  publisher: createPublisher({
    url: settings.GRAPHQL_URL,
    region: documents.config.region,
    credentials: documents.config.credentials,
    logger,
  }),
  logger,
  clock: systemClock,
});
