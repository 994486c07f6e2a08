import type { FlowName } from '../domain/sync-flow.ts';
import { flowOf, flowOfProgress } from '../domain/sync-health.ts';
import type { RowHistory } from './row-history.ts';
import type { NotifyingRow } from './visible-changes.ts';

/**
 * The flow of which subscribers are told by a row's change; undefined where it is none's, or says nothing of how long
 * things take: an enrollment repeats what studentProgress has told, and a course that changed takes its learners along
 * by a job, in its own time.
 */
export function publishedFlowOf({ before, after }: RowHistory<NotifyingRow>): FlowName | undefined {
  if (after?.table === 'studentProgress') {
    const previous = before?.table === 'studentProgress' ? before.row : undefined;
    const recalculated = previous !== undefined && previous.outlineVersion !== after.row.outlineVersion;
    return recalculated ? undefined : flowOfProgress(previous, after.row);
  }
  if (after?.table === 'enrollments') {
    const previous = before?.table === 'enrollments' ? before.row : undefined;
    return previous?.status === after.row.status ? undefined : flowOf('notify-subscribers', after.table);
  }
  return after && flowOf('notify-subscribers', after.table);
}
