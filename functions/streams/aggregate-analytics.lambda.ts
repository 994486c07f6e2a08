import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { aggregateAnalytics, environment, uses } from './aggregate-analytics.ts';

const settings = readEnvironment(environment, process.env);

export const handler = aggregateAnalytics({
  documents: createDocuments(),
  tables: tableNames(settings, uses),
  shards: settings.ANALYTICS_SHARDS,
  logger: createLog('aggregate-analytics'),
  clock: systemClock,
});
