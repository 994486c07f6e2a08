import { Text } from '@mantine/core';
import { useState } from 'react';
import { DraftPreview } from '../operate/draft-preview.tsx';
import { JobDetailPanel } from '../operate/job-detail.tsx';
import { JobLine } from '../operate/job-line.tsx';
import { Answered, More, Nothing, Panel } from '../operate/page-parts.tsx';
import { StartJob } from '../operate/start-job.tsx';
import { useNews, useNowAndThen } from '../operate/use-news.ts';
import { useList } from '../operate/use-reply.ts';
import type { School } from '../school.ts';
import '../operate/operate.css';

const PAGE = 20;
const LOOK_EVERY_MS = 20_000;

/** Long work: what runs and ran, and what can be started. */
export function JobsPage({ school }: { readonly school: School }) {
  const { admin, actions } = school;
  const [opened, setOpened] = useState<string>();
  const asked = useList('jobs', async (cursor, signal) => {
    const { body } = await admin.api.call('get-jobs', { query: { limit: PAGE, cursor }, signal });
    return { rows: body.jobs, cursor: body.cursor };
  });
  useNews(actions, ({ table }) => table === 'jobs', asked.again);
  useNowAndThen(LOOK_EVERY_MS, asked.again);
  return (
    <div className="panels">
      <div className="side-by-side">
        <StartJob
          admin={admin}
          onStarted={(jobId) => {
            setOpened(jobId);
            asked.again();
          }}
        />
        <DraftPreview school={school} />
      </div>
      {opened !== undefined && (
        <JobDetailPanel key={opened} jobId={opened} school={school} onClose={() => setOpened(undefined)} />
      )}
      <Panel id="jobs-list" title="Jobs, the newest first">
        <Answered asked={asked} what="The list of jobs">
          {(jobs) =>
            jobs.length === 0 ? (
              <Nothing title="No job has run yet">
                Start one above. Voiding a question and publishing a course with many learners start jobs too.
              </Nothing>
            ) : (
              <ul className="lines" aria-labelledby="jobs-list">
                {jobs.map((job) => (
                  <JobLine
                    key={job.jobId}
                    job={job}
                    opened={job.jobId === opened}
                    onOpen={() => setOpened(job.jobId)}
                  />
                ))}
              </ul>
            )
          }
        </Answered>
        <More list={asked} />
        {asked.data !== undefined && asked.data.length > 0 && (
          <Text size="xs" c="dimmed" mt="xs">
            The list shows what the segments have done that have ended; a job that is opened, also those on
            their way.
          </Text>
        )}
      </Panel>
    </div>
  );
}
