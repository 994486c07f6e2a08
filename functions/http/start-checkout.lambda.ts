import { studentOperations } from '../../shared/contracts/student-operations.ts';
import { createStripeProvider, StripeSecret } from '../../shared/payments/stripe-provider.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createHttpHandler } from '../../shared/runtime/http-edge.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createSecret } from '../../shared/runtime/secret.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, startCheckout, usedTables } from './start-checkout.ts';

const settings = readEnvironment(environment, process.env);
const documents = createDocuments();
const secret = createSecret({
  arn: settings.PAYMENT_SECRET_ARN,
  schema: StripeSecret,
  endpoint: process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER,
  region: documents.config.region,
  credentials: documents.config.credentials,
  clock: systemClock,
});

export const handler = createHttpHandler(
  studentOperations['start-checkout'],
  startCheckout({
    documents,
    tables: tableNames(settings, usedTables),
    provider: createStripeProvider({ secret, apiUrl: settings.STRIPE_API_URL }),
  }),
  { logger: createLog('start-checkout'), clock: systemClock },
);
