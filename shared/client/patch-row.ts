import type { AccessRequestView } from '../contracts/access-requests.ts';
import type { RowChange } from '../contracts/publish.ts';
import type { EnrollmentView } from '../contracts/views.ts';
import { ENROLLMENT_SOURCES, statusOf } from '../domain/status.ts';
import { patchProgress } from './patch-progress.ts';
import { number, numberOrNull, text } from './row-values.ts';
import type { RowKind, ShownRows } from './view-rows.ts';

interface Patch<Kind extends RowKind> {
  readonly table: string;
  /** The row with the values of its change, or the same row where the change does not tell enough. */
  readonly patch: (row: ShownRows[Kind], change: RowChange) => ShownRows[Kind];
  /** The row with what it repeats of a learner's progress, or the same row where that is no news. */
  readonly repeat?: (row: ShownRows[Kind], progress: RowChange) => ShownRows[Kind];
}

/** The table that each kind of row is of, and how its changes show. */
export const patches: { readonly [Kind in RowKind]: Patch<Kind> } = {
  enrollment: { table: 'enrollments', patch: patchEnrollment, repeat: repeatProgress },
  detailedEnrollment: { table: 'enrollments', patch: patchEnrollment },
  progress: { table: 'studentProgress', patch: patchProgress },
  request: { table: 'accessRequests', patch: patchRequest },
  listedRequest: { table: 'accessRequests', patch: patchRequest },
};

function patchEnrollment(enrollment: EnrollmentView, { version, values }: RowChange): EnrollmentView {
  const status = statusOf('enrollments', text(values.status) ?? '');
  const source = ENROLLMENT_SOURCES.find((each) => each === values.source);
  const progress = numberOrNull(values.progress);
  const enrolledAt = text(values.enrolledAt);
  if (status === undefined || source === undefined) return enrollment;
  if (progress === undefined || enrolledAt === undefined) return enrollment;
  const { courseId, title } = enrollment;
  const cancelledAt = text(values.cancelledAt);
  const told = {
    courseId,
    title,
    status,
    source,
    enrolledAt,
    ...(cancelledAt !== undefined && { cancelledAt }),
    version,
  };
  const progressVersion = number(values.progressVersion);
  if (isNewer(enrollment.progressVersion, progressVersion)) return { ...told, ...repeating(enrollment) };
  return { ...told, ...repeating({ progress, progressVersion, completedAt: text(values.completedAt) }) };
}

type Repeated = Pick<EnrollmentView, 'progress' | 'progressVersion' | 'completedAt'>;

function repeating({ progress, progressVersion, completedAt }: Repeated): Repeated {
  return {
    progress,
    ...(progressVersion !== undefined && { progressVersion }),
    ...(completedAt !== undefined && { completedAt }),
  };
}

function isNewer(version: number | undefined, than: number | undefined): boolean {
  return version !== undefined && than !== undefined && version > than;
}

/**
 * An event tells of progress once, although the enrollment repeats it. One that says what is shown leaves the version as
 * it is: where a video moved after the percentage, it is of a later version than the enrollment ever repeats.
 */
function repeatProgress(enrollment: EnrollmentView, { version, values }: RowChange): EnrollmentView {
  const progress = numberOrNull(values.totalProgress);
  const completedAt = text(values.completedAt);
  if (progress === undefined || !isNewer(version, enrollment.progressVersion)) return enrollment;
  if (progress === enrollment.progress && completedAt === enrollment.completedAt) return enrollment;
  const { completedAt: _completedAt, ...rest } = enrollment;
  return { ...rest, ...repeating({ progress, progressVersion: version, completedAt }) };
}

function patchRequest<Request extends AccessRequestView>(
  request: Request,
  { version, values }: RowChange,
): Request {
  const status = statusOf('accessRequests', text(values.status) ?? '');
  const requestedAt = text(values.requestedAt);
  if (status === undefined || requestedAt === undefined) return request;
  const decidedAt = status === 'rejected' ? text(values.decidedAt) : undefined;
  // What people wrote is in no event, and what they wrote before would be wrong.
  return { ...request, status, requestedAt, decidedAt, message: undefined, reason: undefined, version };
}
