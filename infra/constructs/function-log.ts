import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import type { Names } from './names.ts';

/** The log of all functions: a stack has 500 resources, and a group for each would be one too. */
export function functionLog(scope: Construct, names: Names): LogGroup {
  return new LogGroup(scope, 'Log', {
    logGroupName: `/aws/lambda/${names.of('functions')}`,
    retention: RetentionDays.ONE_MONTH,
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/**
 * Lets a function write its own streams of the log, and nobody else's: in a group that it does not have for itself,
 * Lambda names a stream by day, function, version and environment.
 */
export function writesOwnStreams(log: LogGroup, functionName: string): PolicyStatement {
  const streams = Stack.of(log).formatArn({
    service: 'logs',
    resource: 'log-group',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    // The bracket ends the name, which may be the beginning of another's.
    resourceName: `${log.logGroupName}:log-stream:*/${functionName}[*`,
  });
  return new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [streams],
  });
}
