import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { WaiverView } from '../../shared/contracts/students.ts';
import { waiverView } from '../../shared/contracts/waiver-view.ts';
import { DomainError } from '../../shared/domain/errors.ts';
import { withdrawWaiver as withdraw } from '../../shared/domain/waiver.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { type Named, waiverKey } from '../../shared/store/keys.ts';
import { readSnapshot } from '../../shared/store/reads.ts';
import { courseRow, waiverRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { absent, atVersion, commit } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'waivers', 'notifications'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Lets an item count by what the student did again, and tells them. The projection follows.
 *
 * Requests: TransactGet of course and waiver; TransactWrite of waiver and notification, unless nothing changes.
 */
export function withdrawWaiver({ documents, tables }: Dependencies) {
  return ({
    caller,
    params: { userId, courseId, itemId },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['withdraw-waiver']>): Promise<WaiverView> =>
    settle(async () => {
      const [course, waiver] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        waiverRow(tables, userId, courseId, itemId),
      ]);
      if (waiver === undefined) {
        throw new DomainError('waiver_unknown', 'There is no such waiver.', { userId, courseId, itemId });
      }
      const decided = withdraw({
        waiver,
        title: course?.title,
        by: caller.userId,
        idempotencyKey,
        now: now.toISOString(),
        cause,
      });
      if (decided !== undefined) {
        const item = { ...decided.waiver, ...waiverKey(userId, courseId, itemId) };
        await commit(documents, [
          { kind: 'put', table: tables.waivers, item, when: atVersion(waiver.version) },
          { kind: 'put', table: tables.notifications, item: decided.notification, when: absent('userId') },
        ]);
      }
      return waiverView(decided?.waiver ?? waiver);
    });
}
