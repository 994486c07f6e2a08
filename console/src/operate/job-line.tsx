import { Button, Progress } from '@mantine/core';
import type { JobView } from '../../../shared/contracts/jobs.ts';
import * as format from '../format.ts';
import { Status } from '../parts.tsx';

/** How far a job has come, by the segments that have ended; a bar for eyes and words for all. */
export function JobProgress({ job }: { readonly job: JobView }) {
  const { segments, segmentsDone, segmentsFailed, stage, stages, status } = job;
  const words = `${format.count(segmentsDone)} of ${format.several(segments, 'segment')} ended, stage ${stage} of ${stages}`;
  const failed = (100 * segmentsFailed) / segments;
  return (
    <>
      <Progress.Root size="md" mt={4}>
        <Progress.Section
          value={(100 * segmentsDone) / segments - failed}
          animated={status === 'running'}
          striped={status === 'running'}
          aria-label={`Progress of ${job.jobId}`}
          aria-valuetext={words}
        />
        {failed > 0 && <Progress.Section value={failed} color="red" aria-label="Segments that gave up" />}
      </Progress.Root>
      <span className="small quiet">
        {words}
        {segmentsFailed > 0 && `, ${format.count(segmentsFailed)} gave up`}
      </span>
    </>
  );
}

/** What a job was asked to do, in words. */
export function askedFor({ kind, parameters }: JobView): string {
  return [kind, ...Object.entries(parameters).map(([name, value]) => inWords(name, value))].join(', ');
}

function inWords(name: string, value: string | number | boolean): string {
  if (name === 'repair') return value === true ? 'repair' : 'dry run';
  return name === 'quietSeconds' ? `skips the last ${String(value)} s` : `${name} ${String(value)}`;
}

interface JobLineProps {
  readonly job: JobView;
  readonly opened: boolean;
  readonly onOpen: () => void;
}

/** A job in the list. */
export function JobLine({ job, opened, onOpen }: JobLineProps) {
  const { jobId, status, startedAt, endedAt, requestedBy, done, aside } = job;
  return (
    <li className="line" data-job={jobId} data-status={status}>
      <div className="wraps">
        <strong>{askedFor(job)}</strong>
        <div className="small quiet">
          {jobId}, by {requestedBy}, {format.moment(startedAt)}, {endedAt === undefined ? 'for' : 'took'}{' '}
          {format.duration(startedAt, endedAt)}, {format.several(done, 'item')} done
          {aside > 0 && `, ${format.count(aside)} set aside`}
        </div>
      </div>
      <div className="job-state">
        <Status of={status} />
        <Button
          size="compact-xs"
          variant={opened ? 'light' : 'default'}
          onClick={onOpen}
          aria-label={`Open ${jobId}`}
          aria-pressed={opened}
        >
          Open
        </Button>
      </div>
      <div className="line-rest">
        <JobProgress job={job} />
      </div>
    </li>
  );
}
