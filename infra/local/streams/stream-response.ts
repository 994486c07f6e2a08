import * as z from 'zod';
import type { InvokeResult } from '../lambda/invocation.ts';
import type { StreamEventRecord } from './stream-records.ts';

/** How a batch went. `failedFrom`: index of the first record to come again; undefined when none has to. */
export interface BatchOutcome {
  readonly failedFrom: number | undefined;
  /** True when the function threw, timed out or crashed. */
  readonly functionError: boolean;
}

const responseSchema = z
  .object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })).nullish() })
  .nullable();

/**
 * Reads a function's answer as Lambda does. Without ReportBatchItemFailures every answer is a success. With
 * it, `null`, `{}` and an empty list are; otherwise the lowest sequence number named failed, with all that
 * follow it. An identifier that is not in the batch, or an answer of another shape, fails the whole batch.
 */
export function readOutcome(
  result: InvokeResult,
  records: readonly StreamEventRecord[],
  reportBatchItemFailures: boolean,
): BatchOutcome {
  if (!result.ok) return { failedFrom: 0, functionError: true };
  if (!reportBatchItemFailures) return { failedFrom: undefined, functionError: false };
  const parsed = responseSchema.safeParse(result.payload);
  if (!parsed.success) return { failedFrom: 0, functionError: false };
  const failures = parsed.data?.batchItemFailures ?? [];
  if (failures.length === 0) return { failedFrom: undefined, functionError: false };
  const indexes = failures.map(({ itemIdentifier }) =>
    records.findIndex((record) => record.dynamodb.SequenceNumber === itemIdentifier),
  );
  return { failedFrom: Math.max(0, Math.min(...indexes)), functionError: false };
}
