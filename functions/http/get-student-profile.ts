import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { certificateView } from '../../shared/contracts/certificate-view.ts';
import { personView } from '../../shared/contracts/person-view.ts';
import { CertificateRow } from '../../shared/contracts/rows.ts';
import type { StudentProfile } from '../../shared/contracts/students.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { cursorAfter, decodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { countUnread } from '../../shared/store/notification-pages.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { readRow } from '../../shared/store/reads.ts';
import { studentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['students', 'certificates', 'notifications'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/** The sort key of the certificate that a page ends with. */
const Cursor = z.strictObject({ certificate: z.string().min(1).max(200) });

/**
 * The caller, also one who has no row yet, with a page of certificates and the number of unread notifications.
 *
 * Requests a page: Get of the student and Query certificates, then Query notifications.
 */
export function getStudentProfile({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    query,
    now,
  }: Call<(typeof operations)['get-student-profile']>): Promise<StudentProfile> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const after = decodeCursor(query.cursor, Cursor);
      const [student, page] = await Promise.all([
        readRow(documents, studentRow(tables, userId)),
        queryRows(documents, {
          table: tables.certificates,
          schema: CertificateRow,
          partition: ['userId', userId],
          limit: query.limit,
          start: after && { userId, certificate: after.certificate },
        }),
      ]);
      const readUpTo = student?.readUpTo;
      return {
        ...personView(userId, student),
        unreadNotifications: await countUnread(documents, tables, { userId, readUpTo, now }),
        certificates: page.rows.map(certificateView),
        ...cursorAfter(page, ({ certificate }) => ({ certificate })),
        version: student?.version ?? 0,
      };
    });
}
