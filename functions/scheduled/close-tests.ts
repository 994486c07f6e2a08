import * as z from 'zod';
import type { Clock } from '../../shared/runtime/clock.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import { inParallel } from '../../shared/runtime/in-parallel.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { INDEXES, type Named } from '../../shared/store/keys.ts';
import { queryRows } from '../../shared/store/pages.ts';
import {
  CLOSING_PARTS,
  ClosingTest,
  ENDING_TABLES,
  endTest,
  nameOfClosing,
} from '../../shared/store/qbank-tests.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ENDING_TABLES;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly clock: Clock;
  readonly logger: Log;
}

/** Milliseconds after which no further test is begun; what is left is for the next run. */
const LONGEST_RUN = 20_000;

const PAGE = 25;

/**
 * Ends the tests whose time is up, and those that were closed and whose end was cut off. Two runs at once, or a
 * student who hands in at the same moment, end a test once. One test that cannot be ended holds up no other.
 *
 * Requests: a Query of each part of qbankTests/byClosing, and those of `endTest` for each test.
 *
 * @returns how many tests there were to end
 * @throws Error at the end of the run, so that the alarm hears of it, where a test could not be ended
 */
export function closeTests({ documents, tables, clock, logger }: Dependencies) {
  return async (
    _event: unknown,
    { awsRequestId }: { readonly awsRequestId: string },
  ): Promise<{ readonly tests: number }> => {
    const start = clock();
    const now = start.toISOString();
    const failed: unknown[] = [];
    let tests = 0;
    const end = async (item: z.infer<typeof ClosingTest>) => {
      tests += 1;
      try {
        const cause = { causedBy: awsRequestId, causedAt: now };
        await endTest(documents, tables, nameOfClosing(item), { by: 'clock', now, cause });
      } catch (error) {
        logger.error('test_not_closed', { userId: item.userId, test: item.test }, error);
        failed.push(error);
      }
    };
    const late = () => clock().getTime() - start.getTime() >= LONGEST_RUN;
    await inParallel(CLOSING_PARTS, CLOSING_PARTS.length, async (part) => {
      let next: Readonly<Record<string, unknown>> | undefined;
      do {
        const request = {
          table: tables.qbankTests,
          index: INDEXES.testsByClosing,
          schema: ClosingTest,
          partition: ['closing', part],
          sort: { attribute: 'dueAt', from: '0', to: now },
          limit: PAGE,
          start: next,
        } as const;
        // One part that finds no capacity must not stop the others.
        const page = await settle(() => queryRows(documents, request));
        for (const item of page.rows) {
          if (late()) return;
          await end(item);
        }
        next = page.next;
      } while (next !== undefined);
    });
    if (failed.length > 0)
      throw new Error(`${failed.length} of ${tests} tests could not be ended`, { cause: failed[0] });
    return { tests };
  };
}
