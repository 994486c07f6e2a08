import * as z from 'zod';
import { adminTopic } from '../../shared/contracts/publish.ts';
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

export const uses = [...NOTIFYING_TABLES, 'failures'] as const;

export const environment = z.object({ ...tableVariables(uses), GRAPHQL_URL: z.url() });

export interface NotifySubscribersDeps {
  readonly documents: Documents;
  readonly tables: Named<(typeof uses)[number]>;
  readonly publisher: Publisher;
  readonly logger: Log;
  readonly clock: Clock;
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
  const { documents, tables, publisher, logger, clock } = deps;
  return createStreamHandler<RowHistory<NotifyingRow> | undefined>({
    parse: (record) => rowStatesIn(record, tables),
    apply: async (batch) => {
      const start = clock();
      const at = start.toISOString();
      const histories = latestOf(batch.flatMap(({ change }) => change ?? []));
      const forStudents = histories.flatMap((history) => studentChangeOf(history) ?? []);
      const forAdmins = histories.flatMap((history) => adminChangeOf(history) ?? []);
      const byStudent = grouped(forStudents, (change) => change.userId);
      const publishes = [
        ...eventsOf(forAdmins).map((event) => () => publisher.admin({ topic: adminTopic, at, ...event })),
        ...[...byStudent].flatMap(([userId, changes]) =>
          eventsOf(changes).map((event) => () => publisher.student({ userId, at, ...event })),
        ),
      ];
      let passed = 0;
      await inParallel(publishes, LANES, async (publish) => {
        if (clock().getTime() - start.getTime() < LONGEST_PUBLISHING) await publish();
        else passed += 1;
      });
      if (passed > 0) logger.warn('publish_failed', { events: passed, reason: 'out of time' });
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
