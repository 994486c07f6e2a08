import { createHash } from 'node:crypto';
import * as z from 'zod';
import { compileFilter, type EventFilter } from './filter-pattern.ts';
import type { Resource } from '../template/resource.ts';

/** An event source mapping from a DynamoDB stream to a function, with Lambda's defaults filled in. */
export interface StreamMapping {
  readonly logicalId: string;
  /** The mapping's id on AWS; here derived from the logical id, so that it stays the same between runs. */
  readonly uuid: string;
  /** The function's name, also where the template gives its ARN. */
  readonly functionName: string;
  readonly functionArn: string;
  /** The stream's ARN as the template knows it: what functions see as `eventSourceARN`. */
  readonly streamArn: string;
  readonly tableName: string;
  readonly region: string;
  readonly enabled: boolean;
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly parallelizationFactor: number;
  readonly reportBatchItemFailures: boolean;
  readonly bisectBatchOnFunctionError: boolean;
  /** -1 is without end. */
  readonly maximumRetryAttempts: number;
  /** -1 is without end. */
  readonly maximumRecordAgeInSeconds: number;
  /** The ARN of an S3 bucket, SQS queue or SNS topic. */
  readonly failureDestinationArn: string | undefined;
  /** A record passes when it matches one of them, or when there is none. */
  readonly filters: readonly EventFilter[];
}

const STREAM_ARN = /^arn:[^:]+:dynamodb:([^:]*):([^:]*):table\/([^/]+)\/stream\/.+$/;

const propertiesSchema = z.object({
  EventSourceArn: z.string().regex(STREAM_ARN, 'must be the ARN of a DynamoDB stream'),
  FunctionName: z.string().min(1),
  Enabled: z.boolean().default(true),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  BatchSize: z.int().min(1).max(10_000).default(100),
  MaximumBatchingWindowInSeconds: z.int().min(0).max(300).default(0),
  ParallelizationFactor: z.int().min(1).max(10).default(1),
  FunctionResponseTypes: z.array(z.enum(['ReportBatchItemFailures'])).default([]),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRetryAttempts: z.int().min(-1).max(10_000).default(-1),
  MaximumRecordAgeInSeconds: z.union([z.literal(-1), z.int().min(60).max(604_800)]).default(-1),
  DestinationConfig: z
    .object({ OnFailure: z.object({ Destination: z.string().optional() }).optional() })
    .optional(),
  FilterCriteria: z
    .object({
      Filters: z
        .array(z.object({ Pattern: z.string() }))
        .max(5)
        .optional(),
    })
    .optional(),
  // Left out of the local runtime on purpose: nothing here may silently behave otherwise than on AWS.
  TumblingWindowInSeconds: z.literal(0).optional(),
});

/** Reads an AWS::Lambda::EventSourceMapping. Throws, naming the resource, for what Lambda would refuse. */
export function parseStreamMapping(resource: Resource): StreamMapping {
  const parsed = propertiesSchema.safeParse(resource.properties);
  if (!parsed.success) {
    throw new Error(`${resource.logicalId} is not a usable stream mapping: ${z.prettifyError(parsed.error)}`);
  }
  const properties = parsed.data;
  const [, region = '', account = '', tableName = ''] = STREAM_ARN.exec(properties.EventSourceArn) ?? [];
  const functionName = properties.FunctionName.split(':function:').at(-1) ?? properties.FunctionName;
  return {
    logicalId: resource.logicalId,
    uuid: uuidOf(resource.logicalId),
    functionName,
    functionArn: `arn:aws:lambda:${region}:${account}:function:${functionName}`,
    streamArn: properties.EventSourceArn,
    tableName,
    region,
    enabled: properties.Enabled,
    startingPosition: properties.StartingPosition,
    batchSize: properties.BatchSize,
    batchingWindowSeconds: properties.MaximumBatchingWindowInSeconds,
    parallelizationFactor: properties.ParallelizationFactor,
    reportBatchItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    bisectBatchOnFunctionError: properties.BisectBatchOnFunctionError,
    maximumRetryAttempts: properties.MaximumRetryAttempts,
    maximumRecordAgeInSeconds: properties.MaximumRecordAgeInSeconds,
    failureDestinationArn: properties.DestinationConfig?.OnFailure?.Destination,
    filters: (properties.FilterCriteria?.Filters ?? []).map(({ Pattern }) => compileFilter(Pattern)),
  };
}

/** Whether the mapping delivers the record. What it does not is passed over without a trace, as on AWS. */
export function passesFilters(mapping: StreamMapping, record: unknown): boolean {
  return mapping.filters.length === 0 || mapping.filters.some((filter) => filter(record));
}

function uuidOf(logicalId: string): string {
  const hex = createHash('sha256').update(logicalId).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
