import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEventInvokeConfig } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import type { ScheduleSpec } from '../system.ts';
import { BundledFunction, type FunctionSurroundings } from './bundled-function.ts';
import { constructId } from './names.ts';

export interface ScheduledFunctionProps extends FunctionSurroundings {
  readonly name: string;
  readonly spec: ScheduleSpec;
  readonly failedRecords: IBucket;
  readonly statements?: readonly PolicyStatement[];
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * A function with a schedule that wakes it. One run that fails is not repeated: the next one, which comes soon, does
 * what it left. What it was woken with is kept all the same, so that nobody has to guess which run it was.
 */
export class ScheduledFunction extends Construct {
  readonly name: string;
  readonly bundled: BundledFunction;

  constructor(scope: Construct, props: ScheduledFunctionProps) {
    super(scope, constructId(props.name));
    this.name = props.name;
    const { spec, names, failedRecords } = props;
    this.bundled = new BundledFunction(this, 'Default', {
      ...props,
      memoryMb: 1024,
      timeoutSeconds: 28,
      statements: [
        new PolicyStatement({ actions: ['s3:ListBucket'], resources: [failedRecords.bucketArn] }),
        // Lambda chooses the keys below this prefix.
        new PolicyStatement({
          actions: ['s3:PutObject'],
          resources: [failedRecords.arnForObjects('aws/lambda/*')],
        }),
        ...(props.statements ?? []),
      ],
    });
    new CfnEventInvokeConfig(this, 'Failures', {
      functionName: this.bundled.lambda.functionName,
      qualifier: '$LATEST',
      maximumRetryAttempts: 0,
      maximumEventAgeInSeconds: 60,
      destinationConfig: { onFailure: { destination: failedRecords.bucketArn } },
    });
    const role = new Role(this, 'SchedulerRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': this.bundled.lambda.stack.account } },
      }),
      inlinePolicies: {
        Invoke: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['lambda:InvokeFunction'],
              resources: [this.bundled.lambda.functionArn],
            }),
          ],
        }),
      },
    });
    new CfnSchedule(this, 'Schedule', {
      name: names.of(props.name),
      scheduleExpression: spec.every,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: this.bundled.lambda.functionArn,
        roleArn: role.roleArn,
        input: '{}',
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
  }
}
