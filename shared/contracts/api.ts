import * as z from 'zod';
import { adminOperations } from './admin-operations.ts';
import { none, type Operation } from './operation.ts';
import { studentOperations } from './student-operations.ts';

/** Every operation of the HTTP API. The routes, handlers, checks, the client and the OpenAPI document come from it. */
export const operations = {
  'describe-api': {
    method: 'GET',
    path: '/openapi.json',
    audience: 'public',
    summary: 'The API, described as OpenAPI 3.1',
    params: none,
    query: none,
    reply: z.looseObject({ openapi: z.string() }),
    errors: [],
  },
  ...studentOperations,
  ...adminOperations,
} as const satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
