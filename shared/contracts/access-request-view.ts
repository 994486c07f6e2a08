import type { AccessRequestState } from '../domain/states.ts';
import type { AccessRequestView } from './access-requests.ts';

/** A request as every page shows it. A course whose row is gone is called by its id. */
export function accessRequestView(row: AccessRequestState, title: string | undefined): AccessRequestView {
  const { courseId, status, message, requestedAt, reason, decidedAt, version } = row;
  const rejected = status === 'rejected';
  return {
    courseId,
    title: title ?? courseId,
    status,
    ...(message !== undefined && { message }),
    requestedAt,
    ...(rejected && reason !== undefined && { reason }),
    ...(rejected && decidedAt !== undefined && { decidedAt }),
    version,
  };
}
