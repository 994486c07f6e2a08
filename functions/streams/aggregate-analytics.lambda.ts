import { randomUUID } from 'node:crypto';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { createLagMeter } from '../../shared/store/lag-meter.ts';
import { aggregateAnalytics, environment, uses } from './aggregate-analytics.ts';

const settings = readEnvironment(environment, process.env);
const documents = createDocuments();
const tables = tableNames(settings, uses);
const logger = createLog('aggregate-analytics');

export const handler = aggregateAnalytics({
  documents,
  tables,
  shards: settings.ANALYTICS_SHARDS,
  logger,
  clock: systemClock,
  lag: createLagMeter(documents, tables, {
    container: `aggregate-analytics#${randomUUID()}`,
    clock: systemClock,
    onFailure: (error) => logger.warn('lag_not_kept', {}, error),
  }),
});
