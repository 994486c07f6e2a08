import { Group, SegmentedControl, Select } from '@mantine/core';
import { useState } from 'react';
import type { SyncHealth } from '../../../shared/contracts/sync-health.ts';
import { LagOverTime, ScoreOverTime } from './health-plots.tsx';
import { busiestFlow } from './minutes.ts';
import { Panel } from './page-parts.tsx';

const WINDOWS = [
  { value: '15', label: '15 min' },
  { value: '60', label: '1 h' },
  { value: '180', label: '3 h' },
];

interface HealthOverTimeProps {
  readonly health: SyncHealth;
  /** Minutes that the history is of. */
  readonly shown: number;
  /** Those that are asked for. */
  readonly minutes: string;
  readonly onMinutes: (minutes: string) => void;
}

const STAGES = [
  { value: 'published', label: 'Until told' },
  { value: 'derived', label: 'Until derived' },
];

/** How long changes took and how the scores were, minute by minute. */
export function HealthOverTime({ health, shown, minutes, onMinutes }: HealthOverTimeProps) {
  const [chosen, setChosen] = useState<string>();
  const [stage, setStage] = useState<'derived' | 'published'>('published');
  const history = health.history ?? [];
  const flow = chosen ?? busiestFlow(history, stage);
  return (
    <Panel
      id="health-time"
      title="Over time"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Time shown"
          data={WINDOWS}
          value={minutes}
          onChange={onMinutes}
        />
      }
    >
      <Group gap="xs" align="flex-end" mb="sm">
        <Select
          size="xs"
          label="Flow"
          allowDeselect={false}
          data={health.flows.map(({ name }) => name)}
          value={flow}
          onChange={(name) => name !== null && setChosen(name)}
        />
        <SegmentedControl
          size="xs"
          aria-label="Latency"
          data={STAGES}
          value={stage}
          onChange={(value) => setStage(value === 'derived' ? 'derived' : 'published')}
        />
      </Group>
      <div className="side-by-side">
        <LagOverTime history={history} minutes={shown} flow={flow} stage={stage} />
        <ScoreOverTime history={history} minutes={shown} />
      </div>
    </Panel>
  );
}
