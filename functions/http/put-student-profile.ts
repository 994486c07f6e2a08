import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { personView } from '../../shared/contracts/person-view.ts';
import { changeProfile } from '../../shared/domain/profile.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readRow } from '../../shared/store/reads.ts';
import { studentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { asRead, commit } from '../../shared/store/transact.ts';

export const usedTables = ['students'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * Changes what the caller is called. Certificates that were issued keep the name they have.
 *
 * Requests: Get of the student; Put, unless nothing changes.
 */
export function putStudentProfile({ documents, tables }: Dependencies) {
  return ({
    caller: { userId },
    body: { name },
    cause,
    now,
  }: Call<(typeof operations)['put-student-profile']>) =>
    settle(async () => {
      const student = await readRow(documents, studentRow(tables, userId));
      const changed = changeProfile({ userId, student, name, now: now.toISOString(), cause });
      if (changed !== undefined) {
        const when = asRead(student, 'userId');
        await commit(documents, [{ kind: 'put', table: tables.students, item: changed, when }]);
      }
      const current = changed ?? student;
      return { ...personView(userId, current), version: current?.version ?? 0 };
    });
}
