import type * as z from 'zod';
import {
  AccessRequestRow,
  AnalyticsRow,
  CertificateRow,
  CourseRow,
  EnrollmentRow,
  NotificationRow,
  StudentProgressRow,
  StudentRow,
} from '../contracts/rows.ts';
import { HealthRow } from '../contracts/health-rows.ts';
import { AnyJobRow } from '../contracts/job-rows.ts';
import { QbankQuestionRow, QbankTestRow } from '../contracts/qbank-rows.ts';
import { UserId as UserIdField } from '../contracts/fields.ts';
import type { AdminChange, RowChange, StudentChange } from '../contracts/publish.ts';
import {
  aggregateOwner,
  type VisibleChange,
  visibleAdminChange,
  visibleStudentChange,
} from '../domain/change.ts';
import type { UserId } from '../domain/ids.ts';
import { OF_QUESTIONS } from '../domain/qbank-question.ts';
import type { RowHistory } from './row-history.ts';
import type { Image, StreamRecord } from './stream-loop.ts';

const ROWS = {
  students: StudentRow,
  accessRequests: AccessRequestRow,
  enrollments: EnrollmentRow,
  studentProgress: StudentProgressRow,
  certificates: CertificateRow,
  notifications: NotificationRow,
  analytics: AnalyticsRow,
  courses: CourseRow,
  qbankTests: QbankTestRow,
  qbankQuestions: QbankQuestionRow,
  qbankQuestionStatistics: AnalyticsRow,
  jobs: AnyJobRow,
  health: HealthRow,
} as const;
type NotifyingTable = keyof typeof ROWS;

/** The tables whose rows are shown to somebody. */
export const NOTIFYING_TABLES = [
  'students',
  'accessRequests',
  'enrollments',
  'studentProgress',
  'certificates',
  'notifications',
  'analytics',
  'courses',
  'qbankTests',
  'qbankQuestions',
  'qbankQuestionStatistics',
  'jobs',
  'health',
] as const satisfies readonly NotifyingTable[];

/** A row of one of them. */
export type NotifyingRow = { [T in NotifyingTable]: RowIn<T> }[NotifyingTable];
interface RowIn<T extends NotifyingTable> {
  readonly table: T;
  readonly row: RowOf<T>;
}
type RowOf<T extends NotifyingTable> = z.output<(typeof ROWS)[T]>;

/** A row's change with the views that show it, and the record that told. */
export interface Seen<View extends string> {
  readonly eventId: string;
  readonly views: readonly View[];
  readonly row: RowChange;
}
type StudentView = StudentChange['views'][number];
type AdminView = AdminChange['views'][number];

/**
 * The row's states in a record; undefined for a row that no view shows (drafts, outlines, versions of questions). An
 * old image that cannot be read counts as none: then the new one is told in full.
 *
 * @throws ZodError
 */
export function rowStatesIn(
  record: StreamRecord,
  tables: Readonly<Record<NotifyingTable, string>>,
): RowHistory<NotifyingRow> | undefined {
  const table = NOTIFYING_TABLES.find((each) => tables[each] === record.table);
  if (table === undefined) throw new Error('No view shows rows of this table');
  const image = record.newImage ?? record.oldImage;
  if (image === undefined) throw new Error('The record has no image');
  if (table === 'courses' && image.part !== 'course') return undefined;
  if (table === 'qbankQuestions' && !String(image.part).startsWith(OF_QUESTIONS)) return undefined;
  const read = READERS[table];
  const after = record.newImage === undefined ? undefined : read(record.newImage);
  const before = record.oldImage === undefined ? undefined : previous(read, record.oldImage, after);
  const identity = `${table}#${IDENTITY[table].map((name) => String(image[name])).join('#')}`;
  return { identity, eventId: record.eventId, before, after };
}

/**
 * What the student sees. Progress is told by studentProgress for all views, although the enrollment repeats it,
 * and a new studentProgress row by the enrollment that it came with: one event for what is one change.
 */
export function studentChangeOf(
  history: RowHistory<NotifyingRow>,
): (Seen<StudentView> & { readonly userId: UserId }) | undefined {
  const { before, after } = history;
  switch ((after ?? before)?.table) {
    case 'enrollments': {
      const [old, present] = statesOf('enrollments', history);
      const rest = old && present && { ...old, ...repeatedIn(present) };
      return seenBy(present ?? old, history, visibleStudentChange('enrollments', rest ?? old, present));
    }
    case 'studentProgress': {
      const [old, present] = statesOf('studentProgress', history);
      if (old === undefined && present !== undefined && isBeginning(present)) return undefined;
      const change = visibleStudentChange('studentProgress', old, present);
      const standing =
        old?.totalProgress !== present?.totalProgress || old?.completedAt !== present?.completedAt;
      const also: StudentView[] = standing ? ['StudentDashboard', 'StudentCourses'] : [];
      return seenBy(present ?? old, history, change && { ...change, views: [...change.views, ...also] });
    }
    case 'accessRequests': {
      const [old, present] = statesOf('accessRequests', history);
      return seenBy(present ?? old, history, visibleStudentChange('accessRequests', old, present));
    }
    case 'certificates': {
      const [old, present] = statesOf('certificates', history);
      return seenBy(present ?? old, history, visibleStudentChange('certificates', old, present));
    }
    case 'notifications': {
      const [old, present] = statesOf('notifications', history);
      return seenBy(present ?? old, history, visibleStudentChange('notifications', old, present));
    }
    case 'students': {
      const [old, present] = statesOf('students', history);
      return seenBy(present ?? old, history, visibleStudentChange('students', old, present));
    }
    case 'qbankTests': {
      const [old, present] = statesOf('qbankTests', history);
      return seenBy(present ?? old, history, visibleStudentChange('qbankTests', old, present));
    }
    case 'analytics': {
      const [old, present] = statesOf('analytics', history);
      const owner = ownerOf(present ?? old);
      return seenBy(owner, history, visibleStudentChange('analytics', old, present));
    }
    case 'courses':
    case 'qbankQuestions':
    case 'qbankQuestionStatistics':
    case 'jobs':
    case 'health':
    case undefined:
      return undefined;
  }
}

/** What an enrollment repeats of the progress. */
function repeatedIn({ progress, progressVersion, completedAt }: EnrollmentRow) {
  return { progress, progressVersion, completedAt };
}

/** Of somebody who has just got in. */
function isBeginning({ version, completedItems, totalProgress }: StudentProgressRow): boolean {
  return version === 1 && completedItems === 0 && (totalProgress ?? 0) === 0;
}

function ownerOf(row: AnalyticsRow | undefined): { readonly userId: UserId } | undefined {
  const owner = UserIdField.safeParse(row === undefined ? undefined : aggregateOwner(row));
  return owner.success ? { userId: owner.data } : undefined;
}

/** What the admins see. */
export function adminChangeOf(history: RowHistory<NotifyingRow>): Seen<AdminView> | undefined {
  const change = adminChange(history);
  return change && { ...change, eventId: history.eventId };
}

function adminChange(history: RowHistory<NotifyingRow>): VisibleChange<AdminView> | undefined {
  switch ((history.after ?? history.before)?.table) {
    case 'enrollments':
      return visibleAdminChange('enrollments', ...statesOf('enrollments', history));
    case 'accessRequests':
      return visibleAdminChange('accessRequests', ...statesOf('accessRequests', history));
    case 'students':
      return visibleAdminChange('students', ...statesOf('students', history));
    case 'analytics':
      return visibleAdminChange('analytics', ...statesOf('analytics', history));
    case 'courses':
      return visibleAdminChange('courses', ...statesOf('courses', history));
    case 'qbankQuestions':
      return visibleAdminChange('qbankQuestions', ...statesOf('qbankQuestions', history));
    case 'qbankQuestionStatistics':
      return visibleAdminChange('qbankQuestionStatistics', ...statesOf('qbankQuestionStatistics', history));
    case 'jobs':
      return visibleAdminChange('jobs', ...statesOf('jobs', history));
    case 'health':
      return visibleAdminChange('health', ...statesOf('health', history));
    case 'studentProgress':
    case 'certificates':
    case 'notifications':
    case 'qbankTests':
    case undefined:
      return undefined;
  }
}

function seenBy(
  owner: { readonly userId: UserId } | undefined,
  { eventId }: RowHistory<NotifyingRow>,
  change: VisibleChange<StudentView> | undefined,
) {
  if (owner === undefined || change === undefined) return undefined;
  return { ...change, eventId, userId: owner.userId };
}

type Reader = (image: Image) => NotifyingRow;

const READERS: { readonly [T in NotifyingTable]: Reader } = {
  students: (image) => ({ table: 'students', row: ROWS.students.parse(image) }),
  accessRequests: (image) => ({ table: 'accessRequests', row: ROWS.accessRequests.parse(image) }),
  enrollments: (image) => ({ table: 'enrollments', row: ROWS.enrollments.parse(image) }),
  studentProgress: (image) => ({ table: 'studentProgress', row: ROWS.studentProgress.parse(image) }),
  certificates: (image) => ({ table: 'certificates', row: ROWS.certificates.parse(image) }),
  notifications: (image) => ({ table: 'notifications', row: ROWS.notifications.parse(image) }),
  analytics: (image) => ({ table: 'analytics', row: ROWS.analytics.parse(image) }),
  courses: (image) => ({ table: 'courses', row: ROWS.courses.parse(image) }),
  qbankTests: (image) => ({ table: 'qbankTests', row: ROWS.qbankTests.parse(image) }),
  qbankQuestions: (image) => ({ table: 'qbankQuestions', row: ROWS.qbankQuestions.parse(image) }),
  qbankQuestionStatistics: (image) => ({
    table: 'qbankQuestionStatistics',
    row: ROWS.qbankQuestionStatistics.parse(image),
  }),
  jobs: (image) => ({ table: 'jobs', row: ROWS.jobs.parse(image) }),
  health: (image) => ({ table: 'health', row: ROWS.health.parse(image) }),
};

const IDENTITY: { readonly [T in NotifyingTable]: readonly string[] } = {
  students: ['userId'],
  accessRequests: ['userId', 'courseId'],
  enrollments: ['userId', 'courseId'],
  studentProgress: ['userId', 'courseId'],
  certificates: ['userId', 'certificate'],
  notifications: ['userId', 'notificationId'],
  analytics: ['scope', 'part'],
  courses: ['courseId', 'part'],
  qbankTests: ['userId', 'test'],
  qbankQuestions: ['courseId', 'part'],
  qbankQuestionStatistics: ['scope', 'part'],
  jobs: ['jobId', 'part'],
  health: ['healthId'],
};

function previous(read: Reader, image: Image, after: NotifyingRow | undefined): NotifyingRow | undefined {
  if (after === undefined) return read(image);
  try {
    return read(image);
  } catch {
    return undefined;
  }
}

/** The row before and after, as one of `table`. */
function statesOf<T extends NotifyingTable>(
  table: T,
  { before, after }: RowHistory<NotifyingRow>,
): [RowOf<T> | undefined, RowOf<T> | undefined] {
  return [rowOf(table, before), rowOf(table, after)];
}

function rowOf<T extends NotifyingTable>(table: T, state: NotifyingRow | undefined): RowOf<T> | undefined {
  return state !== undefined && isOf(table, state) ? state.row : undefined;
}

function isOf<T extends NotifyingTable>(table: T, state: NotifyingRow): state is NotifyingRow & RowIn<T> {
  return state.table === table;
}
