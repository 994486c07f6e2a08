import { Button, Group, NumberInput, SegmentedControl, Text } from '@mantine/core';
import { useState } from 'react';
import type { StartJob as StartJobBody } from '../../../shared/contracts/jobs.ts';
import * as format from '../format.ts';
import type { Session } from '../session.ts';
import { Confirm, Panel } from './page-parts.tsx';

type Kind = StartJobBody['kind'];

const KINDS = [
  { value: 'reconcile', label: 'Reconcile' },
  { value: 'migrate', label: 'Migrate' },
];
const WAYS = [
  { value: 'look', label: 'Dry run' },
  { value: 'repair', label: 'Repair' },
];

const ABOUT: Readonly<Record<Kind, string>> = {
  reconcile: 'Compares every derived row with what its sources amount to.',
  migrate: 'Brings rows of an old school into their form of today, then reconciles.',
};

interface StartJobProps {
  readonly admin: Session;
  readonly onStarted: (jobId: string) => void;
}

/** Starts a job over the whole school, once that is confirmed. */
export function StartJob({ admin, onStarted }: StartJobProps) {
  const [kind, setKind] = useState<Kind>('reconcile');
  const [repair, setRepair] = useState(false);
  const [quietSeconds, setQuietSeconds] = useState<number | string>(60);
  // Chosen when it is asked for, so that a second try after a lost reply is the same job.
  const [asking, setAsking] = useState<string>();
  const quiet = Number(quietSeconds);
  const valid = Number.isInteger(quiet) && quiet >= 1 && quiet <= 3600;
  return (
    <Panel id="start-job" title="Look after the whole school">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (valid) setAsking(`${kind}~${new Date().toISOString()}`);
        }}
      >
        <Group gap="xs" align="flex-end">
          <SegmentedControl
            aria-label="What to do"
            data={KINDS}
            value={kind}
            onChange={(value) => setKind(value === 'migrate' ? 'migrate' : 'reconcile')}
          />
          <SegmentedControl
            aria-label="How"
            data={WAYS}
            value={repair ? 'repair' : 'look'}
            onChange={(value) => setRepair(value === 'repair')}
          />
          <NumberInput
            label="Skip the last"
            suffix=" s"
            min={1}
            max={3600}
            w={110}
            value={quietSeconds}
            onChange={setQuietSeconds}
            error={valid ? undefined : 'From 1 to 3600'}
          />
          <Button type="submit">Start</Button>
        </Group>
      </form>
      <Text size="sm" c="dimmed" mt="xs">
        {ABOUT[kind]}{' '}
        {repair ? 'What is out of step is set right.' : 'It tells what is out of step and changes nothing.'}{' '}
        What was written in the last {valid ? format.several(quiet, 'second') : 'seconds'} is left to the
        streams.
      </Text>
      {asking !== undefined && (
        <Confirm
          title={`${kind === 'reconcile' ? 'Reconcile' : 'Migrate'} the school?`}
          verb={repair ? 'Repair' : 'Start the dry run'}
          onClose={() => setAsking(undefined)}
          onConfirm={async () => {
            await admin.api.call('start-job', {
              params: { jobId: asking },
              body: { kind, repair, quietSeconds: quiet },
            });
            onStarted(asking);
          }}
        >
          <Text size="sm">
            {ABOUT[kind]} It reads all of the school&rsquo;s rows, while the school goes on.{' '}
            {repair
              ? 'Derived rows that differ are written anew from their sources.'
              : 'Nothing is written but the job itself and what it finds.'}
          </Text>
        </Confirm>
      )}
    </Panel>
  );
}
