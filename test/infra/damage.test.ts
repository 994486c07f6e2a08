import { describe, expect, inject, it } from 'vitest';
import * as access from './checks/access.ts';
import * as http from './checks/http.ts';
import * as safety from './checks/safety.ts';
import * as streams from './checks/streams.ts';
import { type Check, damaged, find, modelOf, type RawResources, readRaw } from './model.ts';

interface Damage {
  readonly what: string;
  readonly check: Check;
  readonly damage: (resources: RawResources) => void;
  /** Part of what the checker must then say. */
  readonly found: string;
}

const grants = (resources: RawResources, role: string) =>
  find(resources, 'AWS::IAM::Role', role).Properties.Policies[0].PolicyDocument.Statement;
const mapping = (resources: RawResources, beginning = '') =>
  find(resources, 'AWS::Lambda::EventSourceMapping', beginning).Properties;
const idOf = (resources: RawResources, beginning: string, type = '') =>
  Object.keys(resources).find((id) => id.startsWith(beginning) && resources[id]!.Type.endsWith(type))!;

const damages: Damage[] = [
  {
    what: 'a route without its authorizer',
    check: http.everyRouteButThePublicIsGuarded,
    damage: (all) => {
      find(all, 'AWS::ApiGatewayV2::Route', 'HttpEnrollDirectly').Properties.AuthorizationType = 'NONE';
    },
    found: 'PUT /me/enrollments/{courseId} asks for no token',
  },
  {
    what: 'an authorizer that takes tokens for any audience',
    check: http.everyRouteButThePublicIsGuarded,
    damage: (all) => {
      find(all, 'AWS::ApiGatewayV2::Authorizer').Properties.JwtConfiguration.Audience = [];
    },
    found: 'GET /admin/dashboard asks for no token',
  },
  {
    what: 'a missing route',
    check: http.everyOperationHasOneRoute,
    damage: (all) => {
      delete all[idOf(all, 'HttpUnenrollRoute', '::Route')];
    },
    found: 'DELETE /me/enrollments/{courseId} has 0 routes',
  },
  {
    what: 'a route nobody asked for',
    check: http.everyOperationHasOneRoute,
    damage: (all) => {
      all['Extra'] = { Type: 'AWS::ApiGatewayV2::Route', Properties: { RouteKey: 'GET /debug' } };
    },
    found: 'GET /debug is not in the contract',
  },
  {
    what: 'an operation answered by the function of another',
    check: http.everyOperationHasItsOwnFunction,
    damage: (all) => {
      const route = find(all, 'AWS::ApiGatewayV2::Route', 'HttpGetCourseRoute').Properties;
      route.Target = find(all, 'AWS::ApiGatewayV2::Route', 'HttpPutCourseRoute').Properties.Target;
    },
    found: 'get-course is answered by lockstep-put-course',
  },
  {
    what: 'a function the API may not call',
    check: http.everyOperationHasItsOwnFunction,
    damage: (all) => {
      for (const id of Object.keys(all)) {
        if (all[id]?.Type === 'AWS::Lambda::Permission' && id.startsWith('HttpUnenrollRoute')) delete all[id];
      }
    },
    found: 'unenroll may not be called',
  },
  {
    what: "an access log with the caller's address",
    check: http.everyStageIsThrottledAndLogsNoPersonalData,
    damage: (all) => {
      find(all, 'AWS::ApiGatewayV2::Stage').Properties.AccessLogSettings.Format +=
        '$context.identity.sourceIp';
    },
    found: 'logs identity',
  },
  ...(
    [
      ['FunctionResponseTypes', [], 'takes no partial response'],
      ['MaximumRetryAttempts', -1, 'no finite number of retries'],
      ['MaximumRecordAgeInSeconds', -1, 'before the stream forgets it'],
      ['BisectBatchOnFunctionError', false, 'does not bisect'],
      ['StartingPosition', 'LATEST', 'may miss records'],
      ['DestinationConfig', undefined, 'has no bucket'],
      ['FilterCriteria', { Filters: [] }, 'filters'],
      ['Enabled', false, 'is off'],
    ] as const
  ).map(([property, value, found]): Damage => ({
    what: `a mapping with ${property} ${JSON.stringify(value)}`,
    check: streams.everyMappingGivesUpInTime,
    damage: (all) => {
      mapping(all, 'NotifySubscribersCourses')[property] = value;
    },
    found,
  })),
  {
    what: 'a third consumer',
    check: streams.noStreamHasThreeConsumers,
    damage: (all) => {
      all['Third'] = structuredClone(
        find(all, 'AWS::Lambda::EventSourceMapping', 'ProjectProgressQuizAttempts'),
      );
    },
    found: 'quizAttempts has 3 consumers',
  },
  {
    what: 'a stream nobody follows',
    check: streams.everyStreamIsFollowed,
    damage: (all) => {
      delete all[idOf(all, 'NotifySubscribersCoursesStream')];
    },
    found: 'courses: its stream is on without a consumer',
  },
  {
    what: 'a projection that writes its own source',
    check: streams.streamsFlowOneWay,
    damage: (all) => {
      grants(all, 'ProjectProgress').push({
        Effect: 'Allow',
        Action: 'dynamodb:PutItem',
        Resource: { 'Fn::GetAtt': [idOf(all, 'TablesQuizAttempts'), 'Arn'] },
      });
    },
    found: 'quizAttempts -> quizAttempts',
  },
  {
    what: 'a loop over two consumers',
    check: streams.streamsFlowOneWay,
    damage: (all) => {
      grants(all, 'AggregateAnalytics').push({
        Effect: 'Allow',
        Action: ['dynamodb:UpdateItem'],
        Resource: [{ 'Fn::GetAtt': [idOf(all, 'TablesVideoProgress'), 'Arn'] }],
      });
    },
    found: 'videoProgress -> enrollments -> videoProgress',
  },
  {
    what: 'a consumer without an alarm on its lag',
    check: streams.everyConsumerIsWatched,
    damage: (all) => {
      delete all[idOf(all, 'AlarmsProjectProgressBehind')];
    },
    found: 'lockstep-project-progress: nobody hears of IteratorAge',
  },
  {
    what: 'a mapping whose given-up records nobody counts',
    check: streams.everyConsumerIsWatched,
    damage: (all) => {
      delete mapping(all, 'AggregateAnalyticsStudents').MetricsConfig;
    },
    found: 'nobody hears of records that were given up',
  },
  {
    what: 'a role without one of its grants',
    check: access.everyRoleHoldsItsGrantsAndNoMore,
    damage: (all) => {
      grants(all, 'HttpRecordVideoBeat').pop();
    },
    found: 'record-video-beat lacks dynamodb:',
  },
  {
    what: 'a role with one action too many',
    check: access.everyRoleHoldsItsGrantsAndNoMore,
    damage: (all) => {
      grants(all, 'HttpGetCourse')[1].Action.push('dynamodb:DeleteItem');
    },
    found: 'get-course may, ungranted, dynamodb:DeleteItem',
  },
  {
    what: 'a policy attached from elsewhere',
    check: access.everyRoleHoldsItsGrantsAndNoMore,
    damage: (all) => {
      all['Attached'] = {
        Type: 'AWS::IAM::Policy',
        Properties: {
          Roles: [{ Ref: idOf(all, 'HttpDescribeApiRole') }],
          PolicyDocument: {
            Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::x' }],
          },
        },
      };
    },
    found: 'describe-api may, ungranted, s3:GetObject',
  },
  {
    what: 'a managed policy',
    check: access.everyFunctionHasARoleOfItsOwn,
    damage: (all) => {
      find(all, 'AWS::IAM::Role').Properties.ManagedPolicyArns = ['arn:aws:iam::aws:policy/ReadOnlyAccess'];
    },
    found: 'takes a policy somebody else may change',
  },
  {
    what: 'two functions with one role',
    check: access.everyFunctionHasARoleOfItsOwn,
    damage: (all) => {
      const [one, other] = ['HttpPutCourse', 'HttpGetCourse'].map(
        (id) => find(all, 'AWS::Lambda::Function', id).Properties,
      );
      other!.Role = one!.Role;
    },
    found: 'is of two functions',
  },
  {
    what: 'a wildcard resource',
    check: access.everyWildcardIsExplained,
    damage: (all) => {
      grants(all, 'HttpGetCourse')[1].Resource = '*';
    },
    found: 'allows dynamodb:GetItem on *',
  },
  {
    what: 'a wildcard action',
    check: access.everyWildcardIsExplained,
    damage: (all) => {
      grants(all, 'HttpGetCourse')[1].Action = 'dynamodb:*';
    },
    found: 'allows dynamodb:*',
  },
  {
    what: 'a bucket policy that lets everybody read',
    check: access.noResourcePolicyLetsAnybodyIn,
    damage: (all) => {
      find(all, 'AWS::S3::BucketPolicy').Properties.PolicyDocument.Statement[0].Effect = 'Allow';
    },
    found: 'lets somebody in',
  },
  {
    what: 'an aggregate that may be written by itself',
    check: access.aggregatesAreWrittenInTransactionsOnly,
    damage: (all) => {
      for (const statement of grants(all, 'AggregateAnalytics')) delete statement.Condition;
    },
    found: 'may dynamodb:UpdateItem analytics by itself',
  },
  {
    what: 'an API key beside the tokens',
    check: access.onlyTheSignedInSubscribe,
    damage: (all) => {
      find(all, 'AWS::AppSync::GraphQLApi').Properties.AdditionalAuthenticationProviders.push({
        AuthenticationType: 'API_KEY',
      });
    },
    found: 'AWS_IAM,API_KEY',
  },
  {
    what: 'a subscription open to all students',
    check: access.onlyTheSignedInSubscribe,
    damage: (all) => {
      delete all[idOf(all, 'RealtimeApiSubscriptionOnStudentChange')];
    },
    found: "nothing compares the subscriber's id",
  },
  {
    what: 'a table that goes with the stack',
    check: safety.everyTableIsKept,
    damage: (all) => {
      find(all, 'AWS::DynamoDB::Table', 'TablesLedger').DeletionPolicy = 'Delete';
    },
    found: 'ledger goes with the stack',
  },
  {
    what: 'a table without backups',
    check: safety.everyTableIsKept,
    damage: (all) => {
      delete find(all, 'AWS::DynamoDB::Table', 'TablesCourses').Properties.PointInTimeRecoverySpecification;
    },
    found: 'courses cannot be restored',
  },
  {
    what: 'a renamed table',
    check: safety.tablesHaveTheNamesOfTheRequirement,
    damage: (all) => {
      find(all, 'AWS::DynamoDB::Table', 'TablesStudentProgress').Properties.TableName = 'progress';
    },
    found: 'there is no table studentProgress',
  },
  {
    what: 'a public bucket',
    check: safety.everyBucketIsClosed,
    damage: (all) => {
      delete find(all, 'AWS::S3::Bucket').Properties.PublicAccessBlockConfiguration;
    },
    found: 'can be made public',
  },
  {
    what: 'a queue without a dead-letter queue',
    check: safety.everyQueueHasADeadLetterQueue,
    damage: (all) => {
      all['Lonely'] = { Type: 'AWS::SQS::Queue', Properties: {} };
    },
    found: 'Lonely loses',
  },
  {
    what: 'a log that is kept for ever',
    check: safety.everyLogEnds,
    damage: (all) => {
      delete find(all, 'AWS::Logs::LogGroup', 'ProjectProgress').Properties.RetentionInDays;
    },
    found: 'is kept for ever',
  },
  {
    what: 'an alarm that only names its metric',
    check: safety.everyAlarmSaysItsImpact,
    damage: (all) => {
      find(all, 'AWS::CloudWatch::Alarm').Properties.AlarmDescription = 'Errors > 5';
    },
    found: 'does not say what people notice',
  },
  {
    what: 'a function that outlives its caller',
    check: safety.everyFunctionIsBounded,
    damage: (all) => {
      find(all, 'AWS::Lambda::Function').Properties.Timeout = 60;
    },
    found: 'outlives its caller',
  },
  {
    what: 'a client that may write an attribute that says who is admin',
    check: safety.nobodyMakesThemselvesAdmin,
    damage: (all) => {
      find(all, 'AWS::Cognito::UserPoolClient').Properties.WriteAttributes.push('custom:role');
    },
    found: 'a client may write custom:role',
  },
];

describe('the checkers of the template', () => {
  const raw = readRaw(inject('assembly'));

  it.each(damages.map((each) => [each.what, each] as const))('report %s', (_, { check, damage, found }) => {
    expect(check(modelOf(raw))).toEqual([]);
    expect(check(damaged(raw, damage)).join('\n')).toContain(found);
  });
});
