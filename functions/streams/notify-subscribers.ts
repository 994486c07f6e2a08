import * as z from 'zod';
import { adminTopic } from '../../shared/contracts/topics.ts';
import { wayOf } from '../../shared/domain/lag.ts';
import { publishedFlowOf } from '../../shared/runtime/published-flow.ts';
import { latestOf, type RowHistory } from '../../shared/runtime/row-history.ts';
import {
  adminChangeOf,
  NOTIFYING_TABLES,
  type NotifyingRow,
  rowStatesIn,
  studentChangeOf,
} from '../../shared/runtime/visible-changes.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import { eventsOf } from '../../shared/runtime/change-events.ts';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import type { Publisher } from '../../shared/runtime/publisher.ts';
import { createStreamHandler } from '../../shared/runtime/stream-loop.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { keepFailure } from '../../shared/store/failures.ts';
import type { Named } from '../../shared/store/keys.ts';
import type { LagMeter } from '../../shared/store/lag-meter.ts';

export const uses = [...NOTIFYING_TABLES, 'failures', 'measurements'] as const;

export const environment = z.object({ ...tableVariables(uses), GRAPHQL_URL: z.url() });

export interface NotifySubscribersDeps {
  readonly documents: Documents;
  readonly tables: Named<(typeof uses)[number]>;
  readonly publisher: Publisher;
  readonly logger: Log;
  readonly clock: Clock;
  /** Keeps how long changes took; without it nobody measures. */
  readonly lag?: LagMeter;
}

/** Publishes at once. */
const LANES = 8;

/** Milliseconds in which publishes may begin: with the tries of the last ones, less than the function may take. */
const LONGEST_PUBLISHING = 15_000;

/**
 * Follows the rows that views show and tells their subscribers what a person would see change: from a batch one
 * event to each student concerned and one to the admins. An event is a hint, so one that cannot be published is
 * logged and passed; the views themselves are right without it. Where AppSync hangs, so are the rest of a batch:
 * waited for, they would hold up the news that come after.
 */
export function notifySubscribers(deps: NotifySubscribersDeps) {
  const { documents, tables, publisher, logger, clock, lag } = deps;
  return createStreamHandler<RowHistory<NotifyingRow> | undefined>({
    parse: (record) => rowStatesIn(record, tables),
    apply: async (batch) => {
      const start = clock();
      const at = start.toISOString();
      const seen = latestOf(batch.flatMap(({ change }) => change ?? [])).map((history) => ({
        history,
        forStudent: studentChangeOf(history),
        forAdmins: adminChangeOf(history),
      }));
      const byStudent = grouped(
        seen.flatMap(({ forStudent }) => forStudent ?? []),
        (change) => change.userId,
      );
      const publishes = [
        ...eventsOf(seen.flatMap(({ forAdmins }) => forAdmins ?? [])).map((event) => ({
          to: adminTopic,
          publish: () => publisher.admin({ topic: adminTopic, at, ...event }),
        })),
        ...[...byStudent].flatMap(([userId, changes]) =>
          eventsOf(changes).map((event) => ({
            to: userId,
            publish: () => publisher.student({ userId, at, ...event }),
          })),
        ),
      ];
      let passed = 0;
      const told = new Map<string, Date>();
      await inParallel(publishes, LANES, async ({ to, publish }) => {
        if (clock().getTime() - start.getTime() >= LONGEST_PUBLISHING) passed += 1;
        else if (await publish()) told.set(to, clock());
      });
      if (passed > 0) logger.warn('publish_failed', { events: passed, reason: 'out of time' });
      const arrived = seen.flatMap(({ history, forStudent, forAdmins }) => {
        const flow = publishedFlowOf(history);
        const when =
          forStudent !== undefined ? told.get(forStudent.userId) : forAdmins && told.get(adminTopic);
        const milliseconds = when && history.after && wayOf(history.after.row, when);
        return flow === undefined || milliseconds === undefined ? [] : [{ flow, milliseconds }];
      });
      await lag?.keep({ stage: 'published', arrived, again: [] });
      return {};
    },
    setAside: (record, reason) =>
      keepFailure(documents, tables, { consumer: 'notify-subscribers', record, reason }, clock()),
    logger,
  });
}

function grouped<Item, Name>(items: readonly Item[], nameOf: (item: Item) => Name): Map<Name, Item[]> {
  const groups = new Map<Name, Item[]>();
  for (const item of items) {
    const name = nameOf(item);
    groups.set(name, [...(groups.get(name) ?? []), item]);
  }
  return groups;
}
