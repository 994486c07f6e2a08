import { tables } from '../../../infra/table-specs.ts';
import { ALL_FLOWS, HEALTH_METRICS, METERED_FLOWS } from '../../../shared/contracts/sync-health.ts';
import type { Check, Model } from '../model.ts';
import { permissionsOf, tableIn } from './permissions.ts';

export const everyTableIsKept: Check = (model) =>
  model.of('AWS::DynamoDB::Table').flatMap(({ logicalId, properties: table }) => {
    const { DeletionPolicy, UpdateReplacePolicy } = model.raw[logicalId] ?? {};
    const rules: [boolean, string][] = [
      [
        table.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled === true,
        'cannot be restored to a point in time',
      ],
      [table.DeletionProtectionEnabled === true, 'can be deleted'],
      [DeletionPolicy === 'Retain', 'goes with the stack'],
      [UpdateReplacePolicy === 'Retain', 'goes when it is replaced'],
      [table.BillingMode === 'PAY_PER_REQUEST', 'is not paid by request'],
      // Expiry comes days late and would take sources away from under their sums.
      [
        table.TimeToLiveSpecification === undefined || derivedFrom(model, table.TableName).length === 0,
        'lets rows expire that others are derived from',
      ],
      [
        table.StreamSpecification === undefined ||
          table.StreamSpecification.StreamViewType === 'NEW_AND_OLD_IMAGES',
        'does not tell its stream both images',
      ],
    ];
    return rules
      .filter(([holds]) => !holds)
      .map(([, complaint]) => `${table.TableName ?? logicalId} ${complaint}`);
  });

/** What its followers write beside what they derive: records set aside, and how long they took. */
const BESIDE = ['failures', 'measurements'];

/** The tables that the followers of a table's stream derive from it. */
function derivedFrom(model: Model, table: string): string[] {
  const followers = model
    .of('AWS::Lambda::EventSourceMapping')
    .filter(({ properties }) => tableIn(properties.EventSourceArn) === table)
    .map(({ properties }) => properties.FunctionName);
  return permissionsOf(model)
    .filter(({ functionName }) => followers.includes(functionName))
    .flatMap(({ permissions }) => permissions)
    .filter(({ action }) => /^dynamodb:(Put|Update|Delete)Item$/.test(action))
    .map(({ resource }) => tableIn(resource) ?? resource)
    .filter((written) => !BESIDE.includes(written));
}

export const tablesHaveTheNamesOfTheRequirement: Check = (model) => {
  const names = model.of('AWS::DynamoDB::Table').map(({ properties }) => properties.TableName);
  return Object.keys(tables)
    .filter((name) => !names.includes(name))
    .map((name) => `there is no table ${name}`);
};

export const everyBucketIsClosed: Check = (model) =>
  model.of('AWS::S3::Bucket').flatMap(({ logicalId, properties: bucket }) => {
    const blocked = Object.values(bucket.PublicAccessBlockConfiguration ?? {});
    const policy = model
      .of('AWS::S3::BucketPolicy')
      .find(({ properties }) => properties.Bucket === logicalId.toLowerCase());
    const statements: any[] = policy?.properties.PolicyDocument.Statement ?? [];
    const rules: [boolean, string][] = [
      [bucket.BucketEncryption !== undefined, 'is not encrypted'],
      [blocked.length === 4 && blocked.every((it) => it === true), 'can be made public'],
      [
        statements.some(
          (it) => it.Effect === 'Deny' && it.Condition?.Bool?.['aws:SecureTransport'] === 'false',
        ),
        'talks without TLS',
      ],
      [
        (bucket.LifecycleConfiguration?.Rules ?? []).some((it: any) => it.ExpirationInDays > 0),
        "keeps learners' data for ever",
      ],
    ];
    return rules.filter(([holds]) => !holds).map(([, complaint]) => `${logicalId} ${complaint}`);
  });

export const everyQueueHasADeadLetterQueue: Check = (model) => {
  const queues = model.of('AWS::SQS::Queue');
  const targets = queues.map(({ properties }) => properties.RedrivePolicy?.deadLetterTargetArn);
  return queues
    .filter(({ properties }) => properties.RedrivePolicy === undefined)
    .filter(({ logicalId, properties }) => {
      const name = properties.QueueName ?? logicalId;
      return !targets.some((target) => target?.endsWith(`:${name}`));
    })
    .map(({ logicalId }) => `${logicalId} loses what it cannot deliver`);
};

/** Scheduler hands over and is done: what the function fails on is Lambda's, which forgets it unless told. */
export const everyScheduledEventIsKept: Check = (model) => {
  const kept = model
    .of('AWS::Lambda::EventInvokeConfig')
    .filter(({ properties }) => properties.DestinationConfig?.OnFailure?.Destination !== undefined)
    .map(({ properties }) => properties.FunctionName);
  return model
    .of('AWS::Scheduler::Schedule')
    .filter(({ properties }) => !kept.includes(properties.Target.Arn.split(':').at(-1)))
    .map(({ logicalId }) => `${logicalId} loses the events that its function fails on`);
};

export const everyLogEnds: Check = (model) => {
  const groups = model.of('AWS::Logs::LogGroup');
  const named = groups.map(({ properties }) => properties.LogGroupName);
  return [
    ...groups
      .filter(({ properties }) => !(properties.RetentionInDays > 0))
      .map(({ logicalId }) => `${logicalId} is kept for ever`),
    ...model
      .of('AWS::Lambda::Function')
      .filter(({ properties }) => !named.includes(properties.LoggingConfig?.LogGroup))
      .map(({ logicalId }) => `${logicalId} logs where nobody set an end`),
    ...model
      .of('AWS::AppSync::GraphQLApi')
      .filter(({ logicalId }) => !named.includes(`/aws/appsync/apis/${logicalId}`))
      .map(({ logicalId }) => `${logicalId} logs where nobody set an end`),
  ];
};

/** AppSync's verbose log holds documents, variables and headers. */
export const realtimeLogsErrorsWithoutContent: Check = (model) =>
  model
    .of('AWS::AppSync::GraphQLApi')
    .filter(({ properties: { LogConfig } }) => {
      return LogConfig?.FieldLogLevel !== 'ERROR' || LogConfig.ExcludeVerboseContent !== true;
    })
    .map(({ logicalId }) => `${logicalId} hides its errors or logs what people do`);

export const everyAlarmSaysItsImpact: Check = (model) =>
  model
    .of('AWS::CloudWatch::Alarm')
    .filter(({ properties }) => {
      const said = /^Impact: (.{20,})\. Do: (.{20,})\.$/s.test(properties.AlarmDescription ?? '');
      return !said || (properties.AlarmActions ?? []).length === 0;
    })
    .map(({ logicalId }) => `${logicalId} does not say what people notice and what to do, or tells nobody`);

/** What the provider tells of money and the school does not take, somebody has to hear of. */
export const everyRefusedPaymentIsHeard: Check = (model) => {
  const filter = model
    .of('AWS::Logs::MetricFilter')
    .find(
      ({ properties }) =>
        properties.LogGroupName === '/aws/lambda/lockstep-functions' &&
        properties.FilterPattern.includes('$.service = "receive-payment-event"'),
    );
  const [metric] = filter?.properties.MetricTransformations ?? [];
  const alarms = model
    .of('AWS::CloudWatch::Alarm')
    .filter(({ properties }) =>
      (properties.Metrics ?? []).some(
        (it: any) => it.MetricStat?.Metric.MetricName === metric?.MetricName && metric !== undefined,
      ),
    );
  return alarms.length > 0 ? [] : ['an event of a payment that is refused raises no alarm'];
};

/** What lies in the bucket of what was given up, nobody sees unless somebody is told. */
export const everyFailedRecordIsHeardOf: Check = (model) =>
  ['failure_unreadable', 'failures_lie_long']
    .filter((message) => {
      const filter = model
        .of('AWS::Logs::MetricFilter')
        .find(({ properties }) => properties.FilterPattern.includes(`$.message_id = "${message}"`));
      const [metric] = filter?.properties.MetricTransformations ?? [];
      return !model
        .of('AWS::CloudWatch::Alarm')
        .some(({ properties }) => metric !== undefined && properties.MetricName === metric.MetricName);
    })
    .map((message) => `${message} raises no alarm`);

/** What the function measures is on the dashboard, under the very names, and what an alarm waits for is measured. */
export const everyFigureOfHealthIsShown: Check = (model) => {
  const namespace = model
    .of('AWS::Lambda::Function')
    .map(({ properties }) => properties.Environment?.Variables?.METRICS_NAMESPACE)
    .find((name) => name !== undefined);
  const measured = METERED_FLOWS.flatMap((flow) => HEALTH_METRICS.map((metric) => [metric, flow]));
  const bodies = model
    .of('AWS::CloudWatch::Dashboard')
    .map(({ properties }) => String(properties.DashboardBody));
  const known = [...measured, ['Score', ALL_FLOWS], ['SetAside', ALL_FLOWS]].map((each) => each.join(' of '));
  const heard = model
    .of('AWS::CloudWatch::Alarm')
    .flatMap(({ logicalId, properties }) => [
      ...(properties.Metrics ?? []).map((it: any) => ({ logicalId, metric: it.MetricStat?.Metric })),
      { logicalId, metric: properties },
    ])
    .filter(({ metric }) => metric?.Namespace === namespace);
  return [
    ...measured
      .filter(([metric, flow]) => {
        const wanted = `["${namespace}","${metric}","Flow","${flow}"`;
        return !bodies.some((body) => body.includes(wanted));
      })
      .map(([metric, flow]) => `no dashboard shows ${metric} of ${flow}`),
    ...heard
      .filter(({ metric }) => !known.includes(`${metric.MetricName} of ${metric.Dimensions?.[0]?.Value}`))
      .map(({ logicalId }) => `${logicalId} waits for a metric that nobody writes`),
    ...['DerivedP99', 'Score']
      .filter((name) => !heard.some(({ metric }) => metric.MetricName === name))
      .map((name) => `no alarm hears of ${name}`),
  ];
};

export const everyFunctionIsBounded: Check = (model) =>
  model.of('AWS::Lambda::Function').flatMap(({ logicalId, properties: it }) => {
    const rules: [boolean, string][] = [
      [it.Runtime === 'nodejs22.x', `runs on ${it.Runtime}`],
      [it.Architectures?.join() === 'arm64', 'does not run on arm64'],
      [it.Timeout > 0 && it.Timeout < 29, 'outlives its caller'],
      [it.MemorySize >= 256, 'has too little memory to start fast'],
      [it.Handler === 'index.handler', 'has another handler than its bundle'],
    ];
    return rules.filter(([holds]) => !holds).map(([, complaint]) => `${logicalId} ${complaint}`);
  });

/** Nobody becomes an admin by what they write about themselves. */
export const nobodyMakesThemselvesAdmin: Check = (model) => {
  const writable: string[] = clients(model).flatMap(({ properties }) => properties.WriteAttributes ?? ['*']);
  const policy = model.of('AWS::Cognito::UserPool')[0]?.properties.Policies?.PasswordPolicy;
  const groups = model.of('AWS::Cognito::UserPoolGroup').map(({ properties }) => properties.GroupName);
  const strong =
    policy?.MinimumLength >= 12 &&
    policy.RequireLowercase &&
    policy.RequireUppercase &&
    policy.RequireNumbers &&
    policy.RequireSymbols;
  return [
    ...writable
      .filter((name) => !['email', 'name'].includes(name))
      .map((name) => `a client may write ${name}`),
    ...(model.of('AWS::Cognito::IdentityPoolRoleAttachment').length > 0 ? ['people get AWS roles'] : []),
    ...(strong ? [] : ['weak passwords do']),
    ...['admin', 'student'].filter((group) => !groups.includes(group)).map((it) => `no group ${it}`),
  ];
};

function clients(model: Model) {
  return model.of('AWS::Cognito::UserPoolClient');
}
