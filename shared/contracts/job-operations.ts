import * as z from 'zod';
import { JobId } from './job-rows.ts';
import { JobDetail, Jobs, JobView, StartJob } from './jobs.ts';
import { none, page, type Operation } from './operation.ts';

const job = z.strictObject({ jobId: JobId });

/** What admins see of long work, and do about it. */
export const jobOperations = {
  'get-jobs': {
    method: 'GET',
    path: '/admin/jobs',
    audience: 'admin',
    summary: 'Long work, such as going over what was answered at a voided question: the newest first',
    params: none,
    query: page,
    reply: Jobs,
    errors: [],
  },
  'get-job': {
    method: 'GET',
    path: '/admin/jobs/{jobId}',
    audience: 'admin',
    summary: 'A job with how far each of its segments has come that has begun',
    params: job,
    query: none,
    reply: JobDetail,
    errors: ['job_unknown'],
  },
  'start-job': {
    method: 'PUT',
    path: '/admin/jobs/{jobId}',
    audience: 'admin',
    summary:
      'Compare all that is derived with its sources, and set right what is out of step. The id is yours to choose, ' +
      'such as `reconcile~2026-11-22`: sent again, it is the same job',
    params: job,
    query: none,
    body: StartJob,
    reply: JobView,
    errors: ['job_running'],
  },
  'stop-job': {
    method: 'PUT',
    path: '/admin/jobs/{jobId}/stop',
    audience: 'admin',
    summary: 'Stop a job: the steps that are on their way are its last. One that has ended stays as it is',
    params: job,
    query: none,
    reply: JobView,
    errors: ['job_unknown'],
  },
} as const satisfies Record<string, Operation>;
