import { Button, Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { BusyButton } from '../busy-button.tsx';
import * as format from '../format.ts';
import { DropFailures } from '../operate/drop-failures.tsx';
import { FailureContent } from '../operate/failure-content.tsx';
import { FailureList } from '../operate/failure-list.tsx';
import { Answered, Confirm, More, Nothing, Panel } from '../operate/page-parts.tsx';
import { redrivePages } from '../operate/redrive-pages.ts';
import { type Outcome, settleEach } from '../operate/settle-each.ts';
import { Outcomes, whyNot } from '../operate/settle-failures.tsx';
import { useNews, useNowAndThen } from '../operate/use-news.ts';
import { useList } from '../operate/use-reply.ts';
import type { School } from '../school.ts';
import '../operate/operate.css';

const PAGE = 50;
/** What is set aside is not pushed; the health, which counts it, is. */
const LOOK_EVERY_MS = 15_000;

/** The records that no consumer could process: why, what they say, and what becomes of them. */
export function FailuresPage({ school: { admin, actions } }: { readonly school: School }) {
  const [consumer, setConsumer] = useState('');
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<string>();
  const [dropping, setDropping] = useState<readonly string[]>();
  const [sweeping, setSweeping] = useState(false);
  const [busy, setBusy] = useState(false);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([]);
  const filter = consumer.trim();
  const query = { ...(filter !== '' && { consumer: filter }) };
  const asked = useList(`failures of ${filter}`, async (cursor, signal) => {
    const { body } = await admin.api.call('get-failures', {
      query: { ...query, limit: PAGE, cursor },
      signal,
    });
    return { rows: body.failures, cursor: body.cursor };
  });
  useNews(actions, ({ table }) => table === 'health', asked.again);
  useNowAndThen(LOOK_EVERY_MS, asked.again);

  const failures = asked.data ?? [];
  const shownAndChosen = failures.filter(({ failureId }) => chosen.has(failureId));
  const ids = shownAndChosen.map(({ failureId }) => failureId);

  function settled(news: readonly Outcome[]): void {
    setOutcomes(news);
    setChosen(new Set());
    asked.again();
  }

  async function redrive(failureIds: readonly string[]): Promise<void> {
    setBusy(true);
    settled(
      await settleEach(
        failureIds,
        'redriven',
        (failureId) => admin.api.call('redrive-failure', { params: { failureId } }),
        whyNot,
      ),
    );
    setBusy(false);
  }

  async function redriveAll(): Promise<void> {
    await redrivePages(async (cursor) => {
      const asking = { ...query, limit: PAGE, cursor };
      return (await admin.api.call('redrive-failures', { query: asking })).body;
    }, settled);
  }

  return (
    <div className="panels">
      <Panel
        id="failures-list"
        title="Set aside, the newest first"
        aside={
          <Group gap="xs">
            <BusyButton
              size="xs"
              variant="default"
              disabled={ids.length === 0}
              busy={busy}
              onClick={() => void redrive(ids)}
            >
              Redrive {several(ids.length)}
            </BusyButton>
            <Button size="xs" variant="default" disabled={ids.length === 0} onClick={() => setDropping(ids)}>
              Drop {several(ids.length)}
            </Button>
            <Button size="xs" disabled={failures.length === 0} onClick={() => setSweeping(true)}>
              Redrive all
            </Button>
          </Group>
        }
      >
        <TextInput
          size="xs"
          label="Only of the consumer"
          placeholder="such as project-progress"
          maxLength={64}
          w={240}
          mb="xs"
          value={consumer}
          onChange={(event) => setConsumer(event.currentTarget.value)}
        />
        <Outcomes outcomes={outcomes} />
        <Answered asked={asked} what="The list of failures">
          {(rows) =>
            rows.length === 0 && asked.more === undefined ? (
              <Nothing title="Nothing is set aside">
                A record comes here when a consumer cannot process it, such as a row that is malformed: the
                others behind it go on.{' '}
                {filter !== '' && 'Leave the field above empty to see those of all consumers.'}
              </Nothing>
            ) : (
              <FailureList
                failures={rows}
                chosen={chosen}
                onChosen={setChosen}
                opened={opened}
                onOpened={setOpened}
                content={(failureId) => <FailureContent admin={admin} failureId={failureId} />}
              />
            )
          }
        </Answered>
        <More list={asked} />
      </Panel>
      {dropping !== undefined && (
        <DropFailures
          count={dropping.length}
          onClose={() => setDropping(undefined)}
          onDrop={async (reason) => {
            settled(
              await settleEach(
                dropping,
                'dropped',
                (failureId) => admin.api.call('drop-failure', { params: { failureId }, body: { reason } }),
                whyNot,
              ),
            );
          }}
        />
      )}
      {sweeping && (
        <Confirm
          title={filter === '' ? 'Redrive all that is set aside?' : `Redrive all of ${filter}?`}
          verb="Redrive all"
          onClose={() => setSweeping(false)}
          onConfirm={redriveAll}
        >
          <Text size="sm">
            The consumers see each row once more, as the row is now. What they cannot process still comes back
            here.
          </Text>
        </Confirm>
      )}
    </div>
  );
}

function several(number: number): string {
  return number === 0 ? 'chosen' : format.count(number);
}
