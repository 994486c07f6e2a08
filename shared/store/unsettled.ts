import { DomainError } from '../domain/errors.ts';

/**
 * Why a write has to be decided again: the rows changed since they were read, another transaction was at work on
 * them, the database had no capacity, or nobody knows whether it was done.
 */
export type UnsettledReason = 'stale' | 'conflict' | 'throttled' | 'unknown';

/** A write that was not done, or may not have been: read again and decide again. */
export class Unsettled extends Error {
  override readonly name = 'Unsettled';

  constructor(
    readonly reason: UnsettledReason,
    /** The position, in the list of writes, of the write that was at fault, where it is known. */
    readonly write?: number,
    options?: ErrorOptions,
  ) {
    super(`The write is unsettled: ${reason}`, options);
  }
}

const CONFLICTS = new Set([
  'TransactionConflictException',
  'TransactionInProgressException',
  'TransactionConflict',
]);
const THROTTLES = new Set([
  'ProvisionedThroughputExceededException',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
  'ThrottlingException',
  'ThrottlingError',
  'Throttling',
]);

/**
 * Reads an error as a reason to try again; undefined when trying again cannot help (a malformed request, a denied
 * call, a DomainError, a fault in the program).
 */
export function unsettledBy(error: unknown): Unsettled | undefined {
  if (error instanceof Unsettled) return error;
  if (!(error instanceof Error) || error instanceof DomainError) return undefined;
  if (error.name === 'ConditionalCheckFailedException') return new Unsettled('stale', 0, { cause: error });
  if (CONFLICTS.has(error.name)) return new Unsettled('conflict', undefined, { cause: error });
  if (THROTTLES.has(error.name)) return new Unsettled('throttled', undefined, { cause: error });
  if (error.name === 'TransactionCanceledException') return unsettledByCancellation(reasonsOf(error), error);
  return outcomeUnknown(error) ? new Unsettled('unknown', undefined, { cause: error }) : undefined;
}

/** A cancellation's reason codes, one for each write, in the order of the writes. */
export function reasonsOf(error: Error): readonly string[] {
  if (!('CancellationReasons' in error) || !Array.isArray(error.CancellationReasons)) return [];
  return error.CancellationReasons.map((reason: unknown) =>
    typeof reason === 'object' && reason !== null && 'Code' in reason && typeof reason.Code === 'string'
      ? reason.Code
      : 'None',
  );
}

function unsettledByCancellation(codes: readonly string[], error: Error): Unsettled | undefined {
  const options = { cause: error };
  const stale = codes.indexOf('ConditionalCheckFailed');
  if (stale >= 0) return new Unsettled('stale', stale, options);
  const conflict = codes.findIndex((code) => CONFLICTS.has(code));
  if (conflict >= 0) return new Unsettled('conflict', conflict, options);
  const throttled = codes.findIndex((code) => THROTTLES.has(code));
  return throttled >= 0 ? new Unsettled('throttled', throttled, options) : undefined;
}

/** Errors of the connection: they carry no reply. */
const CONNECTION = new Set(['TimeoutError', 'AbortError', 'NetworkingError']);
const CONNECTION_CODES = /^(ECONN|EPIPE|ETIMEDOUT|EAI_|ENOTFOUND|UND_ERR)/;

function outcomeUnknown(error: Error): boolean {
  if (statusOf(error) >= 500 || CONNECTION.has(error.name)) return true;
  if ('code' in error && typeof error.code === 'string' && CONNECTION_CODES.test(error.code)) return true;
  return /socket hang up|other side closed|premature close/i.test(error.message);
}

function statusOf(error: Error): number {
  if (!('$metadata' in error)) return 0;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return 0;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : 0;
}

/** How often the SDK sent the request that failed so. */
export function attemptsOf(error: Error): number {
  if (!('$metadata' in error)) return 1;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('attempts' in metadata)) return 1;
  return typeof metadata.attempts === 'number' ? metadata.attempts : 1;
}
