import { operations } from '../../shared/contracts/api.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment } from '../../shared/runtime/environment.ts';
import { createPublicHandler } from '../../shared/runtime/http-edge.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { STATUS_OF } from '../../shared/runtime/problem.ts';
import { describeApi, environment } from './describe-api.ts';

const { ISSUER_URL } = readEnvironment(environment, process.env);

export const handler = createPublicHandler(
  operations['describe-api'],
  describeApi({ statusOf: (code) => STATUS_OF[code], issuer: ISSUER_URL }),
  { logger: createLog('describe-api'), clock: systemClock },
);
