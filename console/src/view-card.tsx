import { Skeleton, Title } from '@mantine/core';
import { type ComponentType, useId, useMemo, useState, useSyncExternalStore } from 'react';
import { ApiError } from '../../shared/client/api.ts';
import type { ViewUpdate } from '../../shared/client/view-watch.ts';
import type { ViewData, ViewName } from '../../shared/client/watched-views.ts';
import type { Actions } from './actions.ts';
import * as format from './format.ts';
import { useChanges } from './parts.tsx';
import { problemOf } from './problems.ts';
import { Problem } from './problem.tsx';
import { useLiveView } from './school.ts';
import type { Session } from './session.ts';

interface ViewCardProps<View extends ViewName> {
  readonly view: View;
  readonly title: string;
  readonly actions: Actions;
  /** Of whose view it is; nobody may be chosen. */
  readonly session: Session | undefined;
  readonly body: ComponentType<{ readonly data: ViewData<View> }>;
}

/** One of the nine views, with how fresh it is. `data-*` say the same to tests. */
export function ViewCard<View extends ViewName>(props: ViewCardProps<View>) {
  const { view, title, actions, session, body: Body } = props;
  const update = useLiveView(view);
  const heading = useId();
  const data = update?.data;
  const changes = useChanges(data);
  // An update may say no more than how fresh the view is.
  const body = useMemo(() => data !== undefined && <Body data={data} />, [Body, data]);
  return (
    <section
      className="card"
      aria-labelledby={heading}
      aria-busy={update === undefined && session !== undefined}
      data-view={view}
      data-etag={update?.etag}
      data-live={update?.live}
      data-confirmed={update?.confirmed}
      data-cause={update?.cause}
      data-at={update?.at.getTime()}
      data-changes={changes}
    >
      {changes > 0 && <span key={changes} className="pulse" aria-hidden="true" />}
      <header className="card-head">
        <div className="card-title">
          <Title order={3} id={heading}>
            {title}
          </Title>
          {session !== undefined && <Latency view={view} actions={actions} session={session} />}
        </div>
        <div className="freshness">
          {update === undefined ? (
            <span>{session === undefined ? 'no student is chosen' : 'loading'}</span>
          ) : (
            <Freshness update={update} />
          )}
        </div>
      </header>
      {/* A list that scrolls has to be reached by the keyboard too. */}
      <div className="card-body" tabIndex={0} role="group" aria-labelledby={heading}>
        {update?.live !== true && session !== undefined && <WhyNot view={view} session={session} />}
        {body}
        {update === undefined && session !== undefined && <Waiting />}
      </div>
    </section>
  );
}

/** Whether it is told of changes, and what it was told last. */
function Freshness<View extends ViewName>({ update }: { readonly update: ViewUpdate<View> }) {
  const [told, setTold] = useState<ViewUpdate<View>>();
  // What is read again right after an event says nothing new about the event.
  if (update.event !== undefined && update.event !== told?.event) setTold(update);
  const tables = new Set(told?.event?.rows.map(({ table }) => table));
  return (
    <>
      <span className="status">
        <span className="dot" data-tone={update.live ? 'good' : 'wait'} aria-hidden="true" />
        {update.live ? 'live' : 'polling'}
      </span>
      {told === undefined ? (
        <span className="truncated">read {format.timeOfDay(update.at)}</span>
      ) : (
        <span className="truncated" title={`Read again at ${format.timeOfDay(update.at)}`}>
          told {format.timeOfDay(told.at)}: {[...tables].join(', ')}
        </span>
      )}
    </>
  );
}

interface LatencyProps {
  readonly view: ViewName;
  readonly actions: Actions;
  readonly session: Session;
}

/** How long it took from the last click here that the view was told of. */
function Latency({ view, actions, session }: LatencyProps) {
  const records = useSyncExternalStore(actions.subscribe, actions.records);
  // What was seen before was of another student.
  const last = records.findLast(({ seen, startedAt }) => startedAt >= session.openedAt && seen.has(view));
  const took = last?.seen.get(view);
  if (last === undefined || took === undefined) return null;
  return (
    <span
      className="small quiet truncated"
      data-latency={took}
      title={`From the click to the event: ${last.name}`}
    >
      <span className="number">{format.milliseconds(took)}</span> {last.name}
    </span>
  );
}

/** Why a view is not live, where it is known and not said above all views. */
export function WhyNot({ view, session }: { readonly view: ViewName; readonly session: Session }) {
  const state = useSyncExternalStore(session.onChange, session.state);
  const problems = useSyncExternalStore(session.onChange, session.problems);
  const problem = problemOf(view, state, problems);
  // What the network does, or a socket, is said aloud above all views as soon as the connection is down.
  return <Problem error={problem} quiet={!(problem instanceof ApiError)} />;
}

function Waiting() {
  return (
    <>
      <Skeleton height={12} mt={6} />
      <Skeleton height={12} mt={10} width="80%" />
      <Skeleton height={12} mt={10} width="60%" />
    </>
  );
}
