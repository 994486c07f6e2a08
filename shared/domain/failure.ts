import { DomainError } from './errors.ts';
import type { UserId } from './ids.ts';
import { nextStamp, type Cause, type Stamp } from './stamp.ts';

/** What may become of a record that was set aside: it went to its consumers once more, or an admin let it be. */
export const SETTLEMENTS = ['redriven', 'dropped'] as const;
export type Settlement = (typeof SETTLEMENTS)[number];

export type FailureState = Stamp & {
  readonly failureId: string;
  readonly table: string;
  readonly consumer: string;
  readonly reason: string;
  /** As JSON; without its content once it is settled, as that is what learners did and wrote. */
  readonly record: string;
  readonly setAsideAt: string;
  /** Key of the index of those that wait: there until it is settled. */
  readonly listing?: string | undefined;
  readonly settled?:
    | {
        readonly how: Settlement;
        readonly at: string;
        readonly by: UserId;
        readonly reason?: string | undefined;
      }
    | undefined;
};

/**
 * Settles a failure, which stays as the note of what became of it; undefined where it was settled so already.
 * Throws DomainError failure_settled where it was settled otherwise.
 */
export function settleFailure<F extends FailureState>(given: {
  readonly failure: F;
  readonly how: Settlement;
  readonly reason?: string | undefined;
  readonly by: UserId;
  readonly now: string;
  readonly cause: Cause;
}): Omit<F, 'listing'> | undefined {
  const { failure, how, reason, by, now, cause } = given;
  if (failure.settled?.how === how) return undefined;
  if (failure.settled !== undefined) {
    throw new DomainError('failure_settled', `This record was ${failure.settled.how} already`, {
      how: failure.settled.how,
    });
  }
  const { listing: _, ...rest } = failure;
  const settled = { how, at: now, by, ...(reason !== undefined && { reason }) };
  return { ...rest, record: '{}', settled, ...nextStamp(failure, now, cause) };
}

/**
 * The row as its next version, which says the same: the stream tells every consumer of it once more. It keeps its
 * cause, as what it says is still what a person did then.
 */
export function onceMore<Row extends object>(row: Row, version: number, now: string) {
  return { ...row, version: version + 1, updatedAt: now };
}
