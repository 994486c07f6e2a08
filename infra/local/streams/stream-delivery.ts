import type { FailureCondition, FailureDestination } from './failure-destination.ts';
import type { InvokeResult } from '../lambda/invocation.ts';
import type { DeliveryClock } from './stream-clock.ts';
import type { StreamMapping } from './stream-mapping.ts';
import type { StreamEventRecord } from './stream-records.ts';
import { readOutcome } from './stream-response.ts';

/** A record on its way to the function. `done` is called once, when the mapping moves past it. */
export interface PendingRecord {
  readonly record: StreamEventRecord;
  done(outcome: 'processed' | 'set-aside'): void;
}

/** What happened in a mapping; counts only, never the content of a record. */
export type PollerEvent =
  | { readonly kind: 'read'; readonly records: number }
  | {
      readonly kind: 'invoked';
      readonly records: number;
      readonly failed: number;
      readonly milliseconds: number;
      readonly error: string | undefined;
    }
  | {
      readonly kind: 'set-aside';
      readonly records: number;
      readonly condition: FailureCondition;
      /** Undefined when the mapping has no failure destination: the records are lost. */
      readonly file: string | undefined;
    }
  | { readonly kind: 'problem'; readonly text: string }
  | { readonly kind: 'recovered' };

/** How each batch is handed over; see `startStreamPoller`. */
export type DeliveryMode = 'once' | 'twice' | 'shuffled';

/** What delivering the batches of one mapping needs. */
export interface DeliveryContext {
  readonly mapping: StreamMapping;
  readonly shardId: string;
  readonly invoke: (event: { readonly Records: readonly StreamEventRecord[] }) => Promise<InvokeResult>;
  readonly destination: FailureDestination | undefined;
  readonly delivery: DeliveryMode;
  readonly clock: DeliveryClock;
  /** Longest pause between two attempts, in milliseconds. */
  readonly maxBackoffMs: number;
  readonly signal: AbortSignal;
  onEvent(event: PollerEvent): void;
}

interface Part {
  readonly pending: readonly PendingRecord[];
  /** Attempts that counted against MaximumRetryAttempts. */
  readonly retries: number;
  /** Failures in a row, splits included: what the pause grows with. */
  readonly failures: number;
  readonly invokes: number;
}

const FIRST_BACKOFF_MS = 25;

/**
 * Hands a batch to the function until every record of it is processed or set aside: what was reported failed
 * comes again, a failed batch is halved when the mapping bisects (which uses up no retries, as long as there
 * is something to halve), and what is too old or has used its retries goes to the destination. Parts go in
 * stream order. Returns early, with the rest unfinished, only when the signal is aborted.
 */
export async function deliverBatch(batch: readonly PendingRecord[], context: DeliveryContext): Promise<void> {
  const parts: Part[] = [{ pending: batch, retries: 0, failures: 0, invokes: 0 }];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (context.signal.aborted) return;
    parts.unshift(...(await deliverPart(part, context)));
  }
}

/** One attempt. Returns what of the part is left to deliver, in order. */
async function deliverPart(part: Part, context: DeliveryContext): Promise<readonly Part[]> {
  const { mapping, clock } = context;
  const expired = part.pending.filter(({ record }) => isExpired(record, context));
  if (expired.length > 0) {
    await setAside(expired, 'RecordAgeExceeded', part.invokes, false, context);
    const rest = part.pending.filter((pending) => !expired.includes(pending));
    return rest.length > 0 ? [{ ...part, pending: rest }] : [];
  }
  const { failedFrom, functionError } = await attempt(part.pending, context);
  if (context.signal.aborted && failedFrom !== undefined) return [part];
  finish(part.pending.slice(0, failedFrom), 'processed');
  if (failedFrom === undefined) return [];
  const failed: Part = {
    pending: part.pending.slice(failedFrom),
    retries: part.retries,
    failures: failedFrom > 0 ? 1 : part.failures + 1,
    invokes: part.invokes + 1,
  };
  const next = splitOrRetry(failed, failedFrom > 0, mapping);
  if (next.length === 0) {
    await setAside(failed.pending, 'RetryAttemptsExhausted', failed.invokes, functionError, context);
    return [];
  }
  const ceiling = Math.min(context.maxBackoffMs, FIRST_BACKOFF_MS * 2 ** Math.min(failed.failures, 16));
  await clock.sleep(ceiling * (0.5 + clock.random() / 2), context.signal);
  return next;
}

/** `progressed`: records before these were processed. Empty when the retries are used up. */
function splitOrRetry(failed: Part, progressed: boolean, mapping: StreamMapping): readonly Part[] {
  if (mapping.bisectBatchOnFunctionError) {
    // Cut off at the reported record, or in half: either way there is less of it, so this ends.
    if (progressed) return [failed];
    if (failed.pending.length > 1) {
      const middle = Math.ceil(failed.pending.length / 2);
      return [
        { ...failed, pending: failed.pending.slice(0, middle) },
        { ...failed, pending: failed.pending.slice(middle) },
      ];
    }
  }
  const exhausted = mapping.maximumRetryAttempts >= 0 && failed.retries >= mapping.maximumRetryAttempts;
  return exhausted ? [] : [{ ...failed, retries: failed.retries + 1 }];
}

async function attempt(pending: readonly PendingRecord[], context: DeliveryContext) {
  const records = pending.map(({ record }) => record);
  const times = context.delivery === 'once' ? 1 : 2;
  let outcome = readOutcome({ ok: true, payload: null }, records, false);
  for (let time = 0; time < times; time += 1) {
    const began = context.clock.now();
    const result = await invokeSafely(records, context);
    // The last delivery decides: an earlier success followed by a failure is tried again, as after a lost reply.
    outcome = readOutcome(result, records, context.mapping.reportBatchItemFailures);
    context.onEvent({
      kind: 'invoked',
      records: records.length,
      failed: outcome.failedFrom === undefined ? 0 : records.length - outcome.failedFrom,
      milliseconds: context.clock.now() - began,
      error: result.ok ? undefined : `${result.errorType}: ${result.errorMessage}`,
    });
  }
  return outcome;
}

async function invokeSafely(
  Records: readonly StreamEventRecord[],
  context: DeliveryContext,
): Promise<InvokeResult> {
  try {
    return await context.invoke({ Records });
  } catch (error) {
    return { ok: false, errorType: 'InvokeFailed', errorMessage: String(error), timedOut: false };
  }
}

function isExpired(record: StreamEventRecord, { mapping, clock }: DeliveryContext): boolean {
  if (mapping.maximumRecordAgeInSeconds < 0) return false;
  const age = clock.now() / 1000 - record.dynamodb.ApproximateCreationDateTime;
  return age > mapping.maximumRecordAgeInSeconds;
}

/** Tries until the destination has the records: moving on without would lose them. */
async function setAside(
  pending: readonly PendingRecord[],
  condition: FailureCondition,
  invokeCount: number,
  functionError: boolean,
  context: DeliveryContext,
): Promise<void> {
  const shardId = context.shardId;
  const records = pending.map(({ record }) => record);
  for (;;) {
    try {
      const file = await context.destination?.setAside({
        records,
        shardId,
        condition,
        invokeCount,
        functionError,
      });
      context.onEvent({ kind: 'set-aside', records: records.length, condition, file });
      break;
    } catch (error) {
      context.onEvent({ kind: 'problem', text: `The failure destination refused records: ${String(error)}` });
      await context.clock.sleep(context.maxBackoffMs, context.signal);
      if (context.signal.aborted) return;
    }
  }
  finish(pending, 'set-aside');
}

function finish(pending: readonly PendingRecord[], outcome: 'processed' | 'set-aside'): void {
  for (const { done } of pending) done(outcome);
}
