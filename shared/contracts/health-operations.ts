import * as z from 'zod';
import { none, type Operation } from './operation.ts';
import { MOST_MINUTES, SyncHealth } from './sync-health.ts';

/** What admins see of how well the school is kept in step. */
export const healthOperations = {
  'get-sync-health': {
    method: 'GET',
    path: '/admin/sync-health',
    audience: 'admin',
    summary:
      'How well every flow is kept in step: how long changes take, what waits, what was set aside, what drifted, the ' +
      'scores; and how each of the last `minutes` was',
    params: none,
    query: z.strictObject({ minutes: z.coerce.number().int().min(1).max(MOST_MINUTES).optional() }),
    reply: SyncHealth,
    errors: [],
  },
} as const satisfies Record<string, Operation>;
