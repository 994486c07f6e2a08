import { createBucket } from '../../shared/runtime/bucket.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { collectFailures, environment, usedTables } from './collect-failures.ts';

const settings = readEnvironment(environment, process.env);
const documents = createDocuments();

export const handler = collectFailures({
  documents,
  tables: tableNames(settings, usedTables),
  bucket: createBucket({
    name: settings.FAILED_RECORDS_BUCKET,
    endpoint: process.env.AWS_ENDPOINT_URL_S3,
    region: documents.config.region,
    credentials: documents.config.credentials,
  }),
  clock: systemClock,
  logger: createLog('collect-failures'),
});
