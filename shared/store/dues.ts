import {
  certificateCode,
  COMPLETION_POLICY,
  type Due,
  issueCertificate,
  loweredNotification,
} from '../domain/certificate.ts';
import type { NotificationState } from '../domain/states.ts';
import type { Documents } from './documents.ts';
import { certificateKey, type Named } from './keys.ts';
import { readLists } from './read-lists.ts';
import { readRows } from './reads.ts';
import { certificateRow, courseRow, notificationRow, studentRow } from './rows.ts';
import { settle, type SettleOptions } from './settle.ts';
import { absent, commit, type Put } from './transact.ts';

/** What is known of a due: nothing more of one that is there. */
export type DueState = 'there' | { readonly studentName: string; readonly courseTitle: string };

/**
 * Which dues are there, and the names that the missing ones are written under: the student's, or the id of one who
 * has given none, and the course's.
 *
 * Requests: one BatchGet for each hundred dues, and where some are missing one for each hundred students and courses.
 *
 * @throws as `readRows`
 */
export async function readDues(
  documents: Documents,
  tables: Named<'certificates' | 'notifications' | 'courses' | 'students'>,
  dues: readonly Due[],
): Promise<DueState[]> {
  const rows = await readRows(
    documents,
    dues.map((due) => rowOf(tables, due)),
  );
  const missing = dues.filter((_, index) => rows[index] === undefined);
  const { courses, students } = await readLists(documents, {
    courses: missing.map(({ progress }) => courseRow(tables, progress.courseId)),
    students: missing.map(({ progress }) => studentRow(tables, progress.userId)),
  });
  const states = new Map<Due, DueState>(
    missing.map((due, index) => [
      due,
      {
        studentName: students[index]?.name ?? due.progress.userId,
        courseTitle: courses[index]?.title ?? due.progress.courseId,
      },
    ]),
  );
  return dues.map((due) => states.get(due) ?? 'there');
}

function rowOf(tables: Named<'certificates' | 'notifications'>, due: Due) {
  const { userId, courseId } = due.progress;
  return due.kind === 'certificate'
    ? certificateRow(tables, userId, courseId, COMPLETION_POLICY)
    : notificationRow(tables, userId, due.notificationId);
}

/**
 * The rows that settle a due, none of which may be there yet.
 *
 * @param code of the certificate, if it is one
 * @param now ISO 8601, UTC, milliseconds
 */
function dueWrites(
  tables: Named<'certificates' | 'notifications'>,
  due: Due,
  { studentName, courseTitle }: Exclude<DueState, 'there'>,
  code: string,
  now: string,
): Put[] {
  if (due.kind === 'progress_lowered') {
    return [putNotification(tables, loweredNotification(due.progress, courseTitle))];
  }
  const { progress } = due;
  const { certificate, notification } = issueCertificate({ progress, studentName, courseTitle, code, now });
  const key = certificateKey(certificate.userId, certificate.courseId, certificate.policy);
  return [
    { kind: 'put', table: tables.certificates, item: { ...certificate, ...key }, when: absent('userId') },
    putNotification(tables, notification),
  ];
}

/**
 * Writes a due, unless it is there.
 *
 * @param given.known its state, where it was read before
 * @param given.random as many random bytes as a certificate's code is made of
 * @throws MalformedRow, DomainError busy
 */
export function writeDue(
  documents: Documents,
  tables: Named<'certificates' | 'notifications' | 'courses' | 'students'>,
  due: Due,
  given: {
    readonly known?: DueState | undefined;
    readonly random: () => Uint8Array;
    readonly now: () => Date;
    readonly settling?: SettleOptions | undefined;
  },
): Promise<void> {
  const { known, random, now, settling } = given;
  return settle(async (attempt) => {
    // A condition that failed or a reply that was lost may mean that it is there by now.
    const [state] = attempt === 1 && known !== undefined ? [known] : await readDues(documents, tables, [due]);
    if (state === undefined || state === 'there') return;
    const code = certificateCode(random());
    await commit(documents, dueWrites(tables, due, state, code, now().toISOString()));
  }, settling);
}

function putNotification(tables: Named<'notifications'>, item: NotificationState): Put {
  return { kind: 'put', table: tables.notifications, item, when: absent('userId') };
}
