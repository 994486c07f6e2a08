import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { ConsumerSpec } from '../system.ts';
import type { TableName } from '../table-specs.ts';
import { BundledFunction, type FunctionSurroundings } from './bundled-function.ts';
import { constructId } from './names.ts';

export interface StreamConsumerProps extends FunctionSurroundings {
  readonly name: string;
  readonly spec: ConsumerSpec;
  readonly failedRecords: IBucket;
  readonly statements?: readonly PolicyStatement[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A function with an event source mapping for each table it follows. A record that fails is tried again a few
 * times, alone after bisecting, and then goes to the bucket with its content, so that no record blocks its
 * shard and none is lost.
 */
export class StreamConsumer extends Construct {
  readonly name: string;
  readonly bundled: BundledFunction;
  readonly mappings: readonly CfnEventSourceMapping[];
  readonly publishes: boolean;

  constructor(scope: Construct, props: StreamConsumerProps) {
    super(scope, constructId(props.name));
    this.name = props.name;
    const { spec, tables, failedRecords } = props;
    this.publishes = spec.publishes === true;
    const streams = spec.sources.map((source) => tables.streamArn(source));
    this.bundled = new BundledFunction(this, 'Default', {
      ...props,
      followed: spec.sources,
      memoryMb: 1024,
      timeoutSeconds: 28,
      statements: [
        new PolicyStatement({
          actions: [
            'dynamodb:DescribeStream',
            'dynamodb:GetRecords',
            'dynamodb:GetShardIterator',
            'dynamodb:ListStreams',
          ],
          resources: streams,
        }),
        new PolicyStatement({ actions: ['s3:ListBucket'], resources: [failedRecords.bucketArn] }),
        // Lambda chooses the keys below this prefix.
        new PolicyStatement({
          actions: ['s3:PutObject'],
          resources: [failedRecords.arnForObjects('aws/lambda/*')],
        }),
        ...(props.statements ?? []),
      ],
    });
    this.mappings = spec.sources.map((source) => this.#follow(source, props));
  }

  #follow(source: TableName, { spec, tables, failedRecords }: StreamConsumerProps): CfnEventSourceMapping {
    return new CfnEventSourceMapping(this, `${constructId(source)}Stream`, {
      functionName: this.bundled.lambda.functionName,
      eventSourceArn: tables.streamArn(source),
      // LATEST misses what is written while the mapping is created or updated.
      startingPosition: 'TRIM_HORIZON',
      batchSize: 100,
      maximumBatchingWindowInSeconds: spec.windowSeconds,
      parallelizationFactor: spec.parallelization,
      functionResponseTypes: ['ReportBatchItemFailures'],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: 8,
      // Well before the stream forgets the record at 24 hours.
      maximumRecordAgeInSeconds: 6 * 60 * 60,
      destinationConfig: { onFailure: { destination: failedRecords.bucketArn } },
      // Counts what reaches the destination; alarms.ts watches it.
      metricsConfig: { metrics: ['EventCount'] },
    });
  }
}
