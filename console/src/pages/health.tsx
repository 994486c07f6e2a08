import { Anchor, Group, SegmentedControl, Table, Text } from '@mantine/core';
import { useState } from 'react';
import type { SyncHealth } from '../../../shared/contracts/sync-health.ts';
import * as format from '../format.ts';
import { HealthOverTime } from '../operate/health-over-time.tsx';
import { Answered, Nothing, Panel } from '../operate/page-parts.tsx';
import { useNews, useNowAndThen } from '../operate/use-news.ts';
import { useReply } from '../operate/use-reply.ts';
import { Bar, Figure, Live } from '../parts.tsx';
import type { School } from '../school.ts';
import { hashOf } from '../address.ts';
import { useRoute } from '../route.ts';
import '../operate/operate.css';

/** The figures are measured every minute; what is told is rounded, so that not every measuring is news. */
const MEASURED_EVERY_MS = 30_000;

/** How well the school is kept in step: now, and how that came. */
export function HealthPage({ school: { admin, actions } }: { readonly school: School }) {
  const [minutes, setMinutes] = useState('60');
  const asked = useReply('health', async (signal) => {
    const query = { minutes: Number(minutes) };
    const { body } = await admin.api.call('get-sync-health', { query, signal });
    return { health: body, minutes: query.minutes };
  });
  useNews(actions, ({ table }) => table === 'health', asked.again);
  useNowAndThen(MEASURED_EVERY_MS, asked.again);
  return (
    <Answered asked={asked} what="The health">
      {({ health, minutes: shown }) => (
        <div className="panels">
          <Scores health={health} />
          <Flows health={health} />
          <HealthOverTime
            health={health}
            shown={shown}
            minutes={minutes}
            // What is shown stays until the answer, and so does what was chosen beside it.
            onMinutes={(chosen) => {
              setMinutes(chosen);
              asked.again();
            }}
          />
        </div>
      )}
    </Answered>
  );
}

function Scores({ health }: { readonly health: SyncHealth }) {
  const { measuredAt, score, scores, setAside } = health;
  const waiting = `${format.count(setAside.waiting)}${setAside.more ? ' and more' : ''}`;
  return (
    <Panel
      id="health-scores"
      title="Scores"
      aside={
        <Text size="xs" c="dimmed">
          {measuredAt === null ? 'not measured yet' : `measured ${format.timeOfDay(new Date(measuredAt))}`}
        </Text>
      }
    >
      {measuredAt === null && (
        <Nothing title="Nothing is measured yet">
          The health is measured every minute. Act as a student on the School page and wait for the next one.
        </Nothing>
      )}
      <dl className="figures-row">
        <Figure name="All together" value={format.percent(score)} />
        <Figure name="Set aside" value={waiting} />
      </dl>
      <ul className="scores">
        {scores.map((each) => (
          <li key={each.name}>
            <Group justify="space-between" gap="xs" wrap="nowrap">
              <span>{each.name}</span>
              <span className="number">
                <Live value={format.percent(each.score)} />
              </span>
            </Group>
            <Bar value={each.score} of={each.name} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const SPANS = [
  { value: 'minutes', label: 'Last 15 minutes' },
  { value: 'day', label: 'Last day' },
];

function Flows({ health }: { readonly health: SyncHealth }) {
  const [span, setSpan] = useState<'minutes' | 'day'>('minutes');
  const route = useRoute();
  return (
    <Panel
      id="health-flows"
      title="Flows"
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Latencies of"
          data={SPANS}
          value={span}
          onChange={(value) => setSpan(value === 'day' ? 'day' : 'minutes')}
        />
      }
    >
      <Table.ScrollContainer
        minWidth={900}
        scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-labelledby': 'health-flows' } }}
      >
        <Table className="table" aria-labelledby="health-flows" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col" rowSpan={2}>
                Flow
              </Table.Th>
              <Table.Th scope="col" rowSpan={2} className="right">
                Score
              </Table.Th>
              <Table.Th scope="colgroup" colSpan={3}>
                Until derived
              </Table.Th>
              <Table.Th scope="colgroup" colSpan={3}>
                Until told
              </Table.Th>
              <Table.Th scope="colgroup" colSpan={2}>
                Waiting
              </Table.Th>
              <Table.Th scope="col" rowSpan={2} className="right">
                Set aside
              </Table.Th>
              <Table.Th scope="col" rowSpan={2}>
                Drift, when last compared
              </Table.Th>
            </Table.Tr>
            <Table.Tr>
              {['p50', 'p99', 'changes', 'p50', 'p99', 'changes', 'again', 'oldest'].map((name, index) => (
                <Table.Th key={index} scope="col" className="right">
                  {name}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {health.flows.map(({ name, score, derived, published, waiting, setAside, drift }) => (
              <Table.Tr key={name}>
                <Table.Th scope="row">{name}</Table.Th>
                <Amount value={format.percent(score)} />
                <Lag lag={derived[span]} />
                <Lag lag={published[span]} />
                <Amount value={format.count(waiting.retrying)} />
                <Amount value={format.milliseconds(waiting.oldest)} />
                <Table.Td className="right">
                  {setAside === 0 ? (
                    '0'
                  ) : (
                    <Anchor inherit underline="always" href={hashOf({ ...route, page: 'failures' })}>
                      {format.count(setAside)}
                    </Anchor>
                  )}
                </Table.Td>
                <Table.Td>
                  <Drift drift={drift} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {health.flows.every(({ drift }) => drift === null) && (
        <Text size="xs" c="dimmed" mt={4}>
          Drift is known once all was compared: start it on the{' '}
          <Anchor inherit underline="always" href={hashOf({ ...route, page: 'jobs' })}>
            Jobs
          </Anchor>{' '}
          page.
        </Text>
      )}
    </Panel>
  );
}

type FlowHealth = SyncHealth['flows'][number];

function Lag({ lag }: { readonly lag: FlowHealth['derived']['minutes'] }) {
  return (
    <>
      <Amount value={format.milliseconds(lag.p50)} />
      <Amount value={format.milliseconds(lag.p99)} />
      <Amount value={format.count(lag.events)} />
    </>
  );
}

function Amount({ value }: { readonly value: string }) {
  return (
    <Table.Td className="right">
      <Live value={value} />
    </Table.Td>
  );
}

function Drift({ drift }: { readonly drift: FlowHealth['drift'] }) {
  if (drift === null) return <>never compared</>;
  const { checked, missing, wrong, orphaned, repaired } = drift;
  const off = missing + wrong + orphaned;
  return (
    <>
      {off === 0
        ? `none of ${format.count(checked)}`
        : `${format.count(missing)} missing, ${format.count(wrong)} wrong, ${format.count(orphaned)} orphaned of ${format.count(checked)}; ${format.count(repaired)} repaired`}
    </>
  );
}
