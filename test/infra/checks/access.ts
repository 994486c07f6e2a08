import type { FunctionSpec } from '../../../infra/function-spec.ts';
import { httpFunctions } from '../../../infra/http-functions.ts';
import {
  consumers,
  type ConsumerSpec,
  PUBLISH_MUTATIONS,
  schedules,
  triggers,
} from '../../../infra/system.ts';
import { type Check, list, type Model } from '../model.ts';
import { permissionsOf, statementsOf, tableIn } from './permissions.ts';

const specs: [string, FunctionSpec & Partial<ConsumerSpec>][] = [
  ...Object.entries(httpFunctions),
  ...Object.entries(consumers),
  ...Object.entries(triggers),
  ...Object.entries(schedules),
];

const dynamo = 'arn:aws:dynamodb:us-east-1:000000000000:table/';
const inTransactions = '{"StringEquals":{"dynamodb:EnclosingOperation":"TransactWriteItems"}}';
const writes = ['PutItem', 'UpdateItem', 'DeleteItem'];

function expected(model: Model, name: string, spec: FunctionSpec & Partial<ConsumerSpec>): string[] {
  const line = (action: string, resource: string, condition = '') => `${action} ${resource} ${condition}`;
  const logs = ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) =>
    line(
      action,
      `arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/lockstep-functions:log-stream:*/lockstep-${name}[*`,
    ),
  );
  const granted = Object.entries(spec.grants).flatMap(([grantee, actions]) =>
    actions.map((action) => {
      const guarded =
        ['ledger', 'analytics', 'qbankQuestionStatistics', 'aggregateSnapshots'].includes(grantee) &&
        writes.includes(action);
      const resource = `${dynamo}${grantee.replace('/', '/index/')}`;
      return line(`dynamodb:${action}`, resource, guarded ? inTransactions : '');
    }),
  );
  const streams = (spec.sources ?? []).flatMap((source) =>
    ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'].map((action) =>
      line(`dynamodb:${action}`, `${dynamo}${source}/stream/local`),
    ),
  );
  const bucket = `arn:aws:s3:::${model.of('AWS::S3::Bucket')[0]?.logicalId.toLowerCase()}`;
  const failures =
    spec.sources === undefined && !Object.hasOwn(schedules, name)
      ? []
      : [line('s3:ListBucket', bucket), line('s3:PutObject', `${bucket}/aws/lambda/*`)];
  const collects = (spec.collects ? ['GetObject', 'DeleteObject'] : []).map((action) =>
    line(`s3:${action}`, `${bucket}/aws/lambda/*`),
  );
  const api = model.of('AWS::AppSync::GraphQLApi')[0]?.logicalId;
  const publishes = (spec.publishes ? PUBLISH_MUTATIONS : []).map((field) =>
    line(
      'appsync:GraphQL',
      `arn:aws:appsync:us-east-1:000000000000:apis/${api}/types/Mutation/fields/${field}`,
    ),
  );
  const secret = model.of('AWS::SecretsManager::Secret')[0]?.logicalId;
  const pays = spec.pays
    ? [
        line(
          'secretsmanager:GetSecretValue',
          `arn:aws:secretsmanager:us-east-1:000000000000:secret:${secret}-Ab12Cd`,
        ),
      ]
    : [];
  return [...logs, ...granted, ...streams, ...failures, ...collects, ...publishes, ...pays];
}

export const everyRoleHoldsItsGrantsAndNoMore: Check = (model) => {
  const actual = new Map(permissionsOf(model).map((it) => [it.functionName, it.permissions]));
  return specs.flatMap(([name, spec]) => {
    const held = (actual.get(`lockstep-${name}`) ?? []).map(
      ({ action, resource, condition }) => `${action} ${resource} ${condition}`,
    );
    const due = expected(model, name, spec);
    return [
      ...due.filter((it) => !held.includes(it)).map((it) => `${name} lacks ${it}`),
      ...held.filter((it) => !due.includes(it)).map((it) => `${name} may, ungranted, ${it}`),
    ];
  });
};

export const everyFunctionHasARoleOfItsOwn: Check = (model) => {
  const roles = permissionsOf(model).map(({ role }) => role);
  return [
    ...roles
      .filter((role, index) => roles.indexOf(role) !== index)
      .map((role) => `${role} is of two functions`),
    ...model
      .of('AWS::IAM::Role')
      .filter(({ properties }) => (properties.ManagedPolicyArns ?? []).length > 0)
      .map(({ logicalId }) => `${logicalId} takes a policy somebody else may change`),
    ...model
      .of('AWS::IAM::Role')
      .filter(({ logicalId }) => !roles.includes(logicalId))
      .filter(({ logicalId }) => !isForAppSyncsLog(model, logicalId) && !isForASchedule(model, logicalId))
      .filter(({ logicalId }) => !isForTheApi(model, logicalId))
      .map(({ logicalId }) => `${logicalId} is of no function`),
  ];
};

/** A role that no function has: AppSync logs under it. */
function isForAppSyncsLog(model: Model, role: string): boolean {
  return model
    .of('AWS::AppSync::GraphQLApi')
    .some(({ properties }) => properties.LogConfig?.CloudWatchLogsRoleArn.split('/').at(-1) === role);
}

/** Another: the API calls the functions under it. */
function isForTheApi(model: Model, role: string): boolean {
  return model
    .of('AWS::ApiGatewayV2::Integration')
    .every(({ properties }) => properties.CredentialsArn?.split('/').at(-1) === role);
}

/** Another: Scheduler wakes a function under it. */
function isForASchedule(model: Model, role: string): boolean {
  return model
    .of('AWS::Scheduler::Schedule')
    .some(({ properties }) => properties.Target.RoleArn?.split('/').at(-1) === role);
}

/** Scheduler fails in silence where it may not call. */
export const everyScheduleMayCallItsFunctionAlone: Check = (model) =>
  model.of('AWS::Scheduler::Schedule').flatMap(({ logicalId, properties: { Target } }) => {
    const role = Target.RoleArn?.split('/').at(-1) ?? '';
    const statements = statementsOf(model, role).map(({ Action, Resource }) => [
      list(Action).join(),
      list(Resource).join(),
    ]);
    const due = JSON.stringify([['lambda:InvokeFunction', Target.Arn]]);
    return JSON.stringify(statements) === due ? [] : [`${logicalId} may not do just what it is for`];
  });

/** A pool that may not call its function turns every sign-up away. */
export const everyTriggerMayBeCalled: Check = (model) =>
  model.of('AWS::Cognito::UserPool').flatMap(({ logicalId, properties }) => {
    const { PostConfirmation, ...others } = properties.LambdaConfig ?? {};
    const allowed = model
      .of('AWS::Lambda::Permission')
      .some(
        ({ properties: it }) =>
          it.FunctionName === PostConfirmation &&
          it.Principal === 'cognito-idp.amazonaws.com' &&
          it.Action === 'lambda:InvokeFunction' &&
          it.SourceArn?.includes(':userpool/'),
      );
    return [
      ...(PostConfirmation?.endsWith(':function:lockstep-register-student')
        ? []
        : [`${logicalId} registers nobody who signs up`]),
      ...(allowed ? [] : [`${logicalId} may not call ${PostConfirmation}`]),
      ...Object.keys(others).map((name) => `${logicalId} calls a function at ${name}`),
    ];
  });

/** Why each kind of wildcard is as narrow as it can be. */
const explained: readonly { readonly action: RegExp; readonly resource: RegExp; readonly why: string }[] = [
  {
    action: /^logs:(CreateLogStream|PutLogEvents)$/,
    resource: /:log-group:\/aws\/lambda\/lockstep-functions:log-stream:\*\/lockstep-[a-z-]+\[\*$/,
    why: 'Lambda names the streams of a log by day, function, version and environment',
  },
  {
    action: /^logs:(CreateLogGroup|CreateLogStream|PutLogEvents)$/,
    resource: /:log-group:\/aws\/appsync\/apis\/\*$/,
    why: 'AppSync names its log group by the API, which has to have its role first',
  },
  {
    action: /^s3:(PutObject|GetObject|DeleteObject)$/,
    resource: /^arn:aws:s3:::failedrecords[^/]+\/aws\/lambda\/\*$/,
    why: 'Lambda names the objects it leaves by mapping, shard and time',
  },
];

export const everyWildcardIsExplained: Check = (model) =>
  ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy']
    .flatMap((type) => model.of(type))
    .flatMap(({ logicalId, properties }) =>
      [...(properties.Policies ?? []), ...(properties.PolicyDocument ? [properties] : [])]
        .flatMap((policy: any) => policy.PolicyDocument.Statement)
        .flatMap((statement: any) => {
          if (statement.Effect !== 'Allow') return [];
          if (statement.NotAction || statement.NotResource) return [`${logicalId} allows all but something`];
          return list(statement.Action).flatMap((action) =>
            list(statement.Resource)
              .filter((resource) => /[*?]/.test(action + resource))
              .filter(
                (resource) => !explained.some((it) => it.action.test(action) && it.resource.test(resource)),
              )
              .map((resource) => `${logicalId} allows ${action} on ${resource}`),
          );
        }),
    );

/** A policy on a resource that lets somebody in: there is none. Denying everybody is what the bucket does. */
export const noResourcePolicyLetsAnybodyIn: Check = (model) =>
  ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy']
    .flatMap((type) => model.of(type))
    .filter(({ properties }) =>
      properties.PolicyDocument.Statement.some((statement: any) => statement.Effect !== 'Deny'),
    )
    .map(({ logicalId }) => `${logicalId} lets somebody in`);

export const aggregatesAreWrittenInTransactionsOnly: Check = (model) =>
  permissionsOf(model).flatMap(({ functionName, permissions }) =>
    permissions
      .filter(({ action, resource }) => {
        const isWrite =
          !/^dynamodb:(GetItem|BatchGetItem|Query|Scan|.*Stream|GetRecords|GetShardIterator)/.test(action);
        return isWrite && ['ledger', 'analytics'].includes(tableIn(resource) ?? '');
      })
      .filter(({ condition }) => condition !== inTransactions)
      .map(({ action, resource }) => `${functionName} may ${action} ${tableIn(resource)} by itself`),
  );

export const onlyTheSignedInSubscribe: Check = (model) =>
  model.of('AWS::AppSync::GraphQLApi').flatMap(({ properties: api }) => {
    const others = (api.AdditionalAuthenticationProviders ?? []).map((it: any) => it.AuthenticationType);
    return [
      ...(api.AuthenticationType === 'AMAZON_COGNITO_USER_POOLS' ? [] : ['people come in without a token']),
      ...(others.join() === 'AWS_IAM' ? [] : [`besides people come in by ${others.join()}`]),
      ...(model
        .of('AWS::AppSync::Resolver')
        .some(
          ({ properties }) =>
            properties.FieldName === 'onStudentChange' && /unauthorized/.test(properties.Code),
        )
        ? []
        : ["nothing compares the subscriber's id"]),
    ];
  });
