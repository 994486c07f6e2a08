import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { Alarms } from '../constructs/alarms.ts';
import { Dashboard } from '../constructs/dashboard.ts';
import { FailedRecords } from '../constructs/failed-records.ts';
import { functionLog } from '../constructs/function-log.ts';
import { HttpApi } from '../constructs/http-api.ts';
import { Identity } from '../constructs/identity.ts';
import { namesFor } from '../constructs/names.ts';
import { Payments } from '../constructs/payments.ts';
import { RealtimeApi } from '../constructs/realtime-api.ts';
import { ScheduledFunction } from '../constructs/scheduled-function.ts';
import { StreamConsumer } from '../constructs/stream-consumer.ts';
import { Tables } from '../constructs/tables.ts';
import type { Context } from '../context.ts';
import { consumers, type ConsumerSpec, schedules, type ScheduleSpec } from '../system.ts';

export interface LockstepStackProps extends Context {
  /** The folder `infra/bundle.ts` wrote. */
  readonly bundles: string;
}

/** The whole system. */
export class LockstepStack extends Stack {
  readonly identity: Identity;
  readonly http: HttpApi;
  readonly realtime: RealtimeApi;

  constructor(scope: Construct, props: LockstepStackProps) {
    const { stage, bundles, analyticsShards, webOrigins } = props;
    super(scope, stage === undefined ? 'Lockstep' : `Lockstep-${stage}`, {
      description: "An online school in which every view of a learner's progress is in step",
      terminationProtection: stage === undefined,
    });
    const names = namesFor(stage);
    const tables = new Tables(this, { names });
    const log = functionLog(this, names);
    const surroundings = { names, tables, log, bundles, analyticsShards };
    const identity = new Identity(this, { ...surroundings, webOrigins });
    const payments = new Payments(this);
    const http = new HttpApi(this, {
      surroundings,
      payments,
      webOrigins,
      issuer: props.issuer ?? identity.userPool.userPoolProviderUrl,
      audience: props.audience ?? [identity.client.userPoolClientId],
    });
    const realtime = new RealtimeApi(this, { names, identity, bundles });
    this.identity = identity;
    this.http = http;
    this.realtime = realtime;
    const failedRecords = new FailedRecords(this);
    const following = Object.entries<ConsumerSpec>(consumers).map(
      ([name, spec]) =>
        new StreamConsumer(this, {
          ...surroundings,
          name,
          spec,
          failedRecords: failedRecords.bucket,
          ...(spec.publishes === true
            ? { statements: [realtime.publishStatement()], environment: { GRAPHQL_URL: realtime.url } }
            : {}),
        }),
    );
    const scheduled = Object.entries<ScheduleSpec>(schedules).map(
      ([name, spec]) =>
        new ScheduledFunction(this, {
          ...surroundings,
          name,
          spec,
          failedRecords: failedRecords.bucket,
          ...(spec.collects === true
            ? { statements: [failedRecords.collectStatement()], environment: failedRecords.environment }
            : {}),
        }),
    );
    const alarms = new Alarms(this, {
      names,
      tables,
      log,
      http,
      realtime,
      identity,
      consumers: following,
      scheduled,
      email: props.alarmEmail,
    });
    new Dashboard(this, names);

    new CfnOutput(this, 'ApiUrl', { value: http.api.apiEndpoint });
    new CfnOutput(this, 'GraphqlUrl', { value: realtime.url });
    new CfnOutput(this, 'UserPoolId', { value: identity.userPool.userPoolId });
    new CfnOutput(this, 'UserPoolClientId', { value: identity.client.userPoolClientId });
    new CfnOutput(this, 'PaymentSecret', { value: payments.secret.secretArn });
    new CfnOutput(this, 'AlarmTopic', { value: alarms.topic.topicArn });
    new CfnOutput(this, 'FailedRecordsBucket', { value: failedRecords.bucket.bucketName });
  }
}
