import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { WaiverView } from '../../shared/contracts/students.ts';
import { waiverView } from '../../shared/contracts/waiver-view.ts';
import { waiveItem as waive } from '../../shared/domain/waiver.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { enrollmentKey, type Named, waiverKey } from '../../shared/store/keys.ts';
import type { Outlines } from '../../shared/store/outlines.ts';
import { readSnapshot } from '../../shared/store/reads.ts';
import { courseRow, enrollmentRow, waiverRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { existing, outlineInForce } from '../../shared/store/study.ts';
import { absent, asRead, atVersion, commit } from '../../shared/store/transact.ts';

export const usedTables = ['courses', 'enrollments', 'waivers', 'notifications'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly outlines: Outlines;
}

/**
 * Lets an item count as complete for a student and tells them why. The projection follows.
 *
 * Requests: TransactGet of course, enrollment and waiver; BatchGet of an outline not seen yet; TransactWrite of
 * waiver and notification, on the condition that the student is still enrolled.
 */
export function waiveItem({ documents, tables, outlines }: Dependencies) {
  return ({
    caller,
    params: { userId, courseId, itemId },
    body: { reason },
    idempotencyKey,
    cause,
    now,
  }: Call<(typeof operations)['waive-item']>): Promise<WaiverView> =>
    settle(async () => {
      const [course, enrollment, waiver] = await readSnapshot(documents, [
        courseRow(tables, courseId),
        enrollmentRow(tables, userId, courseId),
        waiverRow(tables, userId, courseId, itemId),
      ]);
      const known = existing(courseId, course);
      const decided = waive({
        userId,
        courseId,
        itemId,
        title: known.title,
        outline: await outlineInForce(outlines, known),
        enrollment,
        waiver,
        reason,
        by: caller.userId,
        idempotencyKey,
        now: now.toISOString(),
        cause,
      });
      if (decided !== undefined) {
        const item = { ...decided.waiver, ...waiverKey(userId, courseId, itemId) };
        await commit(documents, [
          { kind: 'put', table: tables.waivers, item, when: asRead(waiver, 'userId') },
          { kind: 'put', table: tables.notifications, item: decided.notification, when: absent('userId') },
          {
            kind: 'check',
            table: tables.enrollments,
            key: enrollmentKey(userId, courseId),
            when: atVersion(decided.enrollment.version),
          },
        ]);
      }
      const shown = decided?.waiver ?? waiver;
      if (shown === undefined) throw new Error('Waiving left no waiver');
      return waiverView(shown);
    });
}
