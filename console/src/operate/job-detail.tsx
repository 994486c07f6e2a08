import { Button, Group, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { JobDetail } from '../../../shared/contracts/jobs.ts';
import * as format from '../format.ts';
import { Live, Status } from '../parts.tsx';
import type { School } from '../school.ts';
import { askedFor, JobProgress } from './job-line.tsx';
import { Disclosure } from './disclosure.tsx';
import { Answered, Confirm, Panel } from './page-parts.tsx';
import { useNews, useNowAndThen } from './use-news.ts';
import { useReply } from './use-reply.ts';

const LOOK_EVERY_MS = 5000;

interface JobDetailPanelProps {
  readonly jobId: string;
  readonly school: School;
  readonly onClose: () => void;
}

/** A job with how far each of its segments has come, as it goes on. */
export function JobDetailPanel({ jobId, school, onClose }: JobDetailPanelProps) {
  const { admin, actions } = school;
  const [stopping, setStopping] = useState(false);
  const asked = useReply(
    jobId,
    async (signal) => (await admin.api.call('get-job', { params: { jobId }, signal })).body,
  );
  const status = asked.data?.status;
  useNews(actions, ({ table, key }) => table === 'jobs' && key.startsWith(`${jobId}#`), asked.again);
  useNowAndThen(LOOK_EVERY_MS, () => {
    if (status === undefined || status === 'running') asked.again();
  });
  return (
    <Panel
      id="job-detail"
      title={<span className="wraps">{jobId}</span>}
      aside={
        <Group gap="xs">
          {status === 'running' && (
            <Button size="xs" variant="default" onClick={() => setStopping(true)}>
              Stop the job
            </Button>
          )}
          <Button size="xs" variant="subtle" onClick={onClose}>
            Close
          </Button>
        </Group>
      }
    >
      <Answered asked={asked} what="The job">
        {(job) => (
          <>
            <Group gap="md" align="baseline">
              <Status of={job.status} />
              <Text size="sm">
                {askedFor(job)}, by {job.requestedBy}, {format.moment(job.startedAt)},{' '}
                {job.endedAt === undefined ? 'for' : 'took'} {format.duration(job.startedAt, job.endedAt)}
              </Text>
            </Group>
            <JobProgress job={job} />
            <Text size="sm" mt="xs">
              <Live value={job.done}>{format.several(job.done, 'item')} done</Live>
              {job.aside > 0 && `, ${format.count(job.aside)} set aside`}
            </Text>
            <Found job={job} />
            <Segments job={job} />
          </>
        )}
      </Answered>
      {stopping && (
        <Confirm
          title="Stop the job?"
          verb="Stop it"
          destructive
          onClose={() => setStopping(false)}
          onConfirm={async () => {
            await admin.api.call('stop-job', { params: { jobId } });
            asked.again();
          }}
        >
          <Text size="sm">
            The steps that are on their way are its last. What it has repaired stays repaired; what it has not
            looked at is not known. A new job begins from the start.
          </Text>
        </Confirm>
      )}
    </Panel>
  );
}

function Found({ job: { flows, examples, counts, status } }: { readonly job: JobDetail }) {
  if (flows === undefined) return <Counts counts={counts} />;
  return (
    <>
      <Table.ScrollContainer
        minWidth={480}
        mt="sm"
        scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': 'What was found, by flow' } }}
      >
        <Table className="table" aria-label="What was found, by flow" verticalSpacing={3}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Flow</Table.Th>
              {['Checked', 'Missing', 'Wrong', 'Orphaned', 'Repaired'].map((column) => (
                <Table.Th key={column} scope="col" className="right">
                  {column}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {flows.map(({ name, checked, missing, wrong, orphaned, repaired }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row">{name}</Table.Th>
                {[checked, missing, wrong, orphaned, repaired].map((value, index) => (
                  <Table.Td key={index} className="right">
                    <Live value={value}>{format.count(value)}</Live>
                  </Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {examples === undefined ? (
        <Text size="sm" c="dimmed" mt="xs">
          {status === 'running' ? 'Nothing is out of step so far.' : 'Nothing was out of step.'}
        </Text>
      ) : (
        <>
          <h3 className="part-title">A few of what was out of step</h3>
          <ul className="lines">
            {examples.map(({ flow, drift, reason, subject }) => (
              <li className="line" key={`${flow} ${drift} ${subject}`}>
                <span className="wraps">
                  <code>{subject}</code>
                </span>
                <span className="small quiet">
                  {flow}: {drift}, {REASONS[reason]}
                </span>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

const REASONS = {
  not_applied: 'news of its source never arrived',
  altered: 'something else changed it',
  unsourced: 'nothing tells of it',
} as const;

function Counts({ counts }: { readonly counts: JobDetail['counts'] }) {
  const all = Object.entries(counts);
  if (all.length === 0) return null;
  return (
    <dl className="figures" style={{ marginTop: 8 }}>
      {all.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd className="number">
            <Live value={value}>{format.count(value)}</Live>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** How far each segment has come. Those that need somebody are shown at once, the others to whoever asks. */
function Segments({ job: { progress } }: { readonly job: JobDetail }) {
  const failing = progress.filter(({ status, failures }) => status === 'failed' || failures > 0);
  return (
    <>
      {failing.length > 0 && (
        <>
          <h3 className="part-title">Segments that failed</h3>
          <SegmentLines segments={failing} />
        </>
      )}
      <Disclosure
        show={`Show the ${format.several(progress.length, 'segment')} that have begun`}
        hide="Hide the segments"
      >
        <SegmentLines segments={progress} />
      </Disclosure>
    </>
  );
}

function SegmentLines({ segments }: { readonly segments: JobDetail['progress'] }) {
  return (
    <ul className="lines small segments">
      {segments.map(({ segment, status, done, aside, failures, lastFailure, notBefore, updatedAt }) => (
        <li className="line" key={segment}>
          <span>
            Segment {segment + 1}: {format.several(done, 'item')} done
            {aside > 0 && `, ${format.count(aside)} set aside`}, {format.timeOfDay(new Date(updatedAt))}
          </span>
          <Status of={status} />
          {failures > 0 && (
            <span className="line-rest wraps">
              Failed {format.several(failures, 'time')} in a row: {lastFailure ?? 'no reason is known'}
            </span>
          )}
          {status === 'running' && notBefore !== undefined && (
            <span className="line-rest quiet">waits until {format.moment(notBefore)}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
