import { publicOperations } from '../../shared/contracts/public-operations.ts';
import { createStripeProvider, StripeSecret } from '../../shared/payments/stripe-provider.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { createDeliveryHandler } from '../../shared/runtime/delivery-edge.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createSecret } from '../../shared/runtime/secret.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { createOutlines } from '../../shared/store/outlines.ts';
import { environment, receivePaymentEvent, usedTables } from './receive-payment-event.ts';

const settings = readEnvironment(environment, process.env);
const documents = createDocuments();
const tables = tableNames(settings, usedTables);
const secret = createSecret({
  arn: settings.PAYMENT_SECRET_ARN,
  schema: StripeSecret,
  endpoint: process.env.AWS_ENDPOINT_URL_SECRETS_MANAGER,
  region: documents.config.region,
  credentials: documents.config.credentials,
  clock: systemClock,
});

export const handler = createDeliveryHandler(
  publicOperations['receive-payment-event'],
  receivePaymentEvent({
    documents,
    tables,
    outlines: createOutlines(documents, tables),
    provider: createStripeProvider({ secret, apiUrl: settings.STRIPE_API_URL }),
  }),
  { logger: createLog('receive-payment-event'), clock: systemClock },
);
