import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { ApiClient, Reply } from '../../shared/client/api.ts';
import { segmentsOf } from '../../shared/store/jobs.ts';
import type { TestSchool } from './school.ts';

/**
 * A job at its end, in a school where nothing else goes on: what its segments wait for, so that nobody is on the way
 * any more, is so then already, and they are told that the time is over.
 */
export async function ended(school: TestSchool, admin: ApiClient, jobId: string): Promise<Reply<'get-job'>> {
  for (;;) {
    await school.quiet();
    const { body: job } = await admin.call('get-job', { params: { jobId } });
    if (job.status !== 'running') return job;
    for (const segment of await segmentsOf(school.documents, { jobs: 'jobs' }, jobId)) {
      const { notBefore, version, ...rest } = segment;
      if (segment.status !== 'running' || notBefore === undefined) continue;
      const Item = { ...rest, version: version + 1, waking: 'segment' };
      const asRead = {
        ConditionExpression: 'version = :version',
        ExpressionAttributeValues: { ':version': version },
      };
      await school.documents
        .send(new PutCommand({ TableName: 'jobs', Item, ...asRead }))
        // The schedule has woken it already: what came of that is looked at again.
        .catch((error: unknown) => {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
        });
    }
  }
}

/** All jobs at their ends, as of `ended`: nothing that was set off before goes on behind what comes now. */
export async function allEnded(school: TestSchool, admin: ApiClient): Promise<void> {
  const { body } = await admin.call('get-jobs');
  for (const { jobId } of body.jobs) await ended(school, admin, jobId);
}
