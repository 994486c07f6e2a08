import type { FailureState } from '../domain/failure.ts';
import type { FailureView } from './failures.ts';

/** A failure as every list shows it. */
export function failureView(failure: Omit<FailureState, 'listing'>): FailureView {
  const { failureId, table, consumer, reason, setAsideAt, settled, version } = failure;
  return {
    failureId: Buffer.from(failureId).toString('base64url'),
    table,
    consumer,
    reason,
    setAsideAt,
    status: settled?.how ?? 'waiting',
    ...(settled !== undefined && { settledAt: settled.at, settledBy: settled.by }),
    ...(settled?.reason !== undefined && { note: settled.reason }),
    version,
  };
}

/** The key of the row of which `failureView` made the id. */
export function storedFailureId(failureId: string): string {
  return Buffer.from(failureId, 'base64url').toString('utf8');
}
