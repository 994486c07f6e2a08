import { operations } from '../../shared/contracts/api.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createHttpHandler } from '../../shared/runtime/http-edge.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { createOutlines } from '../../shared/store/outlines.ts';
import { environment, usedTables, waiveItem } from './waive-item.ts';

const documents = createDocuments();
const tables = tableNames(readEnvironment(environment, process.env), usedTables);

export const handler = createHttpHandler(
  operations['waive-item'],
  waiveItem({ documents, tables, outlines: createOutlines(documents, tables) }),
  { logger: createLog('waive-item'), clock: systemClock },
);
