import { AnalyticsRow, CourseRow, EnrollmentRow, StudentProgressRow } from '../contracts/rows.ts';
import type { AdminChange, RowChange, StudentChange } from '../contracts/publish.ts';
import { type VisibleChange, visibleAdminChange, visibleStudentChange } from '../domain/change.ts';
import type { UserId } from '../domain/ids.ts';
import type { RowHistory } from './row-history.ts';
import type { Image, StreamRecord } from './stream-loop.ts';

/** The tables whose rows are shown to somebody. */
export const NOTIFYING_TABLES = ['enrollments', 'studentProgress', 'analytics', 'courses'] as const;
type NotifyingTable = (typeof NOTIFYING_TABLES)[number];

/** A row of one of them. */
export type NotifyingRow =
  | { readonly table: 'enrollments'; readonly row: EnrollmentRow }
  | { readonly table: 'studentProgress'; readonly row: StudentProgressRow }
  | { readonly table: 'analytics'; readonly row: AnalyticsRow }
  | { readonly table: 'courses'; readonly row: CourseRow };

/** A row's change with the views that show it, and the record that told. */
export interface Seen<View extends string> {
  readonly eventId: string;
  readonly views: readonly View[];
  readonly row: RowChange;
}
type StudentView = StudentChange['views'][number];
type AdminView = AdminChange['views'][number];

/**
 * The row's states in a record; undefined for a row that no view shows (drafts and outlines). An old image that
 * cannot be read counts as none: then the new one is told in full.
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
  const table = (after ?? before)?.table;
  if (table === 'enrollments') {
    const [old, present] = [enrollment(before), enrollment(after)];
    const rest = old && present && { ...old, progress: present.progress, completedAt: present.completedAt };
    return seenBy(present ?? old, history, visibleStudentChange('enrollments', rest ?? old, present));
  }
  if (table === 'studentProgress') {
    const [old, present] = [progress(before), progress(after)];
    if (old === undefined && present?.completedItems === 0 && present.version === 1) return undefined;
    const change = visibleStudentChange('studentProgress', old, present);
    const standing =
      old?.totalProgress !== present?.totalProgress || old?.completedAt !== present?.completedAt;
    const also: StudentView[] = standing ? ['StudentDashboard', 'StudentCourses'] : [];
    return seenBy(present ?? old, history, change && { ...change, views: [...change.views, ...also] });
  }
  return undefined;
}

/** What the admins see. */
export function adminChangeOf(history: RowHistory<NotifyingRow>): Seen<AdminView> | undefined {
  const { before, after } = history;
  const change = adminChange(before, after);
  return change && { ...change, eventId: history.eventId };
}

function adminChange(
  before: NotifyingRow | undefined,
  after: NotifyingRow | undefined,
): VisibleChange<AdminView> | undefined {
  switch ((after ?? before)?.table) {
    case 'enrollments':
      return visibleAdminChange('enrollments', enrollment(before), enrollment(after));
    case 'analytics':
      return visibleAdminChange('analytics', aggregate(before), aggregate(after));
    case 'courses':
      return visibleAdminChange('courses', course(before), course(after));
    case 'studentProgress':
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
  enrollments: (image) => ({ table: 'enrollments', row: EnrollmentRow.parse(image) }),
  studentProgress: (image) => ({ table: 'studentProgress', row: StudentProgressRow.parse(image) }),
  analytics: (image) => ({ table: 'analytics', row: AnalyticsRow.parse(image) }),
  courses: (image) => ({ table: 'courses', row: CourseRow.parse(image) }),
};

const IDENTITY: { readonly [T in NotifyingTable]: readonly string[] } = {
  enrollments: ['userId', 'courseId'],
  studentProgress: ['userId', 'courseId'],
  analytics: ['scope', 'part'],
  courses: ['courseId', 'part'],
};

function previous(read: Reader, image: Image, after: NotifyingRow | undefined): NotifyingRow | undefined {
  if (after === undefined) return read(image);
  try {
    return read(image);
  } catch {
    return undefined;
  }
}

function enrollment(state: NotifyingRow | undefined) {
  return state?.table === 'enrollments' ? state.row : undefined;
}
function progress(state: NotifyingRow | undefined) {
  return state?.table === 'studentProgress' ? state.row : undefined;
}
function aggregate(state: NotifyingRow | undefined) {
  return state?.table === 'analytics' ? state.row : undefined;
}
function course(state: NotifyingRow | undefined) {
  return state?.table === 'courses' ? state.row : undefined;
}
