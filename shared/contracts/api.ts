import { adminOperations } from './admin-operations.ts';
import { explanationOperations } from './explanation-operations.ts';
import { failureOperations } from './failure-operations.ts';
import { jobOperations } from './job-operations.ts';
import { healthOperations } from './health-operations.ts';
import type { Operation } from './operation.ts';
import { publicOperations } from './public-operations.ts';
import { adminQbankOperations, studentQbankOperations } from './qbank-operations.ts';
import { studentOperations } from './student-operations.ts';

/** Every operation of the HTTP API. The routes, handlers, checks, the client and the OpenAPI document come from it. */
export const operations = {
  ...publicOperations,
  ...studentOperations,
  ...studentQbankOperations,
  ...adminOperations,
  ...adminQbankOperations,
  ...jobOperations,
  ...failureOperations,
  ...explanationOperations,
  ...healthOperations,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
