import { randomUUID } from 'node:crypto';
import path from 'node:path';
import * as z from 'zod';
import { writeWhole } from '../streams/failure-destination.ts';
import type { SynthesisedTemplate } from '../template/resource.ts';
import type { InvokeResult } from './invocation.ts';

const EventInvokeConfig = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: z.int().min(0).max(2).default(2),
  MaximumEventAgeInSeconds: z.int().min(60).max(21_600).default(21_600),
  DestinationConfig: z.object({ OnFailure: z.object({ Destination: z.string() }).optional() }).optional(),
});

/** What Lambda does with an event it was handed over, when the function fails on it. */
export interface AsyncInvocation {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeInSeconds: number;
  /** Undefined: the event is lost. */
  readonly failureDestinationArn: string | undefined;
}

/** Reads the AWS::Lambda::EventInvokeConfig of a function; Lambda's defaults where it has none. */
export function asyncInvocationOf(template: SynthesisedTemplate, functionName: string): AsyncInvocation {
  const config = template
    .resources('AWS::Lambda::EventInvokeConfig')
    .map(({ properties }) => EventInvokeConfig.parse(properties))
    .find((it) => it.FunctionName === functionName);
  return {
    maximumRetryAttempts: config?.MaximumRetryAttempts ?? 2,
    maximumEventAgeInSeconds: config?.MaximumEventAgeInSeconds ?? 21_600,
    failureDestinationArn: config?.DestinationConfig?.OnFailure?.Destination,
  };
}

/** An event given up on. */
export interface FailedEvent {
  readonly functionArn: string;
  readonly event: unknown;
  readonly result: InvokeResult & { readonly ok: false };
  readonly condition: 'RetriesExhausted' | 'EventAgeExceeded';
  readonly invokeCount: number;
}

/**
 * Leaves the record that Lambda sends to a failure destination as a file in the folder of its bucket, queue or
 * topic under `folder`. Returns the file.
 */
export async function keepFailedEvent(
  folder: string,
  destinationArn: string,
  failed: FailedEvent,
  now: Date,
): Promise<string> {
  const timestamp = now.toISOString();
  const functionName = failed.functionArn.split(':').at(-1) ?? '';
  const keys = destinationArn.includes(':s3:')
    ? ['aws', 'lambda', 'async', functionName, ...timestamp.slice(0, 10).split('-')]
    : [];
  const second = timestamp.slice(0, 19).replaceAll(':', '.');
  return await writeWhole(
    path.join(folder, destinationArn.split(':').at(-1) ?? 'failures', ...keys),
    `${second}-${randomUUID()}.json`,
    {
      version: '1.0',
      timestamp,
      requestContext: {
        requestId: randomUUID(),
        functionArn: `${failed.functionArn}:$LATEST`,
        condition: failed.condition,
        approximateInvokeCount: failed.invokeCount,
      },
      requestPayload: failed.event,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType: failed.result.errorType, errorMessage: failed.result.errorMessage },
    },
  );
}
