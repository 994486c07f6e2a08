import * as z from 'zod';
import { DropReason, FailureDetail, FailureId, Failures, FailureView, Redriven } from './failures.ts';
import { none, page, type Operation } from './operation.ts';

const failure = z.strictObject({ failureId: FailureId });
const waiting = page.extend({ consumer: z.string().min(1).max(64).optional() });

/** What admins see of records that could not be processed, and do about them. */
export const failureOperations = {
  'get-failures': {
    method: 'GET',
    path: '/admin/failures',
    audience: 'admin',
    summary: 'The records that a consumer could not process and that wait, the newest first',
    params: none,
    query: waiting,
    reply: Failures,
    errors: [],
  },
  'get-failure': {
    method: 'GET',
    path: '/admin/failures/{failureId}',
    audience: 'admin',
    summary: 'A record that could not be processed, with its content',
    params: failure,
    query: none,
    reply: FailureDetail,
    errors: ['failure_unknown'],
  },
  'redrive-failure': {
    method: 'PUT',
    path: '/admin/failures/{failureId}/redrive',
    audience: 'admin',
    summary: 'Let the consumers see the row of a record once more, as the row is now',
    params: failure,
    query: none,
    reply: FailureView,
    errors: ['failure_unknown', 'failure_settled', 'failure_not_redrivable', 'row_gone', 'row_malformed'],
  },
  'redrive-failures': {
    method: 'PUT',
    path: '/admin/failures/redrive',
    audience: 'admin',
    summary: 'Redrive a page of what waits, of all consumers or of one: what stays is told with why',
    params: none,
    query: waiting,
    reply: Redriven,
    errors: [],
  },
  'drop-failure': {
    method: 'PUT',
    path: '/admin/failures/{failureId}/drop',
    audience: 'admin',
    summary: 'Let a record be, and say why',
    params: failure,
    query: none,
    body: DropReason,
    reply: FailureView,
    errors: ['failure_unknown', 'failure_settled'],
  },
} as const satisfies Record<string, Operation>;
