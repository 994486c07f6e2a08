import { COMPLETION_POLICY, type Due, issueCertificate, loweredNotification } from '../domain/certificate.ts';
import type { NotificationState } from '../domain/states.ts';
import type { Documents } from './documents.ts';
import { certificateKey, type Named } from './keys.ts';
import { readLists } from './read-lists.ts';
import { readRows } from './reads.ts';
import { certificateRow, courseRow, notificationRow, studentRow } from './rows.ts';
import { absent, type Put } from './transact.ts';

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
export function dueWrites(
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

function putNotification(tables: Named<'notifications'>, item: NotificationState): Put {
  return { kind: 'put', table: tables.notifications, item, when: absent('userId') };
}
