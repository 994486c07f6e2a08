import * as access from './checks/access.ts';
import * as safety from './checks/safety.ts';
import { type Damage, grants, idOf } from './damage.ts';
import { find } from './model.ts';

/** To roles and to what must be kept. */
export const safetyDamages: readonly Damage[] = [
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
    what: 'a user pool that may not call its function',
    check: access.everyTriggerMayBeCalled,
    damage: (all) => {
      for (const id of Object.keys(all)) {
        if (all[id]?.Type === 'AWS::Lambda::Permission' && id.startsWith('Identity')) delete all[id];
      }
    },
    found: 'may not call',
  },
  {
    what: 'events of payments that are refused in silence',
    check: safety.everyRefusedPaymentIsHeard,
    damage: (all) => {
      delete all[idOf(all, 'LogPaymentEventRefused', 'MetricFilter')];
    },
    found: 'raises no alarm',
  },
  {
    what: 'given-up records that lie in silence',
    check: safety.everyFailedRecordIsHeardOf,
    damage: (all) => {
      delete all[idOf(all, 'AlarmsFailedRecordsLie')];
    },
    found: 'failures_lie_long raises no alarm',
  },
  {
    what: 'a dashboard of something else',
    check: safety.everyFigureOfHealthIsShown,
    damage: (all) => {
      find(all, 'AWS::CloudWatch::Dashboard').Properties.DashboardBody = '{}';
    },
    found: 'no dashboard shows DerivedP50 of video',
  },
  {
    what: 'an alarm on a metric that nobody writes',
    check: safety.everyFigureOfHealthIsShown,
    damage: (all) => {
      const [score] = find(all, 'AWS::CloudWatch::Alarm', 'AlarmsOutOfStep').Properties.Metrics;
      score.MetricStat.Metric.MetricName = 'Scores';
    },
    found: 'waits for a metric that nobody writes',
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
    what: 'a source whose rows expire',
    check: safety.everyTableIsKept,
    damage: (all) => {
      const attempts = find(all, 'AWS::DynamoDB::Table', 'TablesQuizAttempts').Properties;
      attempts.TimeToLiveSpecification = { AttributeName: 'expiresAt', Enabled: true };
    },
    found: 'quizAttempts lets rows expire',
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
    what: 'a schedule whose failures nobody keeps',
    check: safety.everyScheduledEventIsKept,
    damage: (all) => {
      const Arn = { 'Fn::GetAtt': [idOf(all, 'ProjectProgressFunction'), 'Arn'] };
      all.Nightly = { Type: 'AWS::Scheduler::Schedule', Properties: { Target: { Arn } } };
    },
    found: 'Nightly loses the events',
  },
  {
    what: 'a schedule that may not wake its function',
    check: access.everyScheduleMayCallItsFunctionAlone,
    damage: (all) => {
      delete find(all, 'AWS::IAM::Role', 'CloseTestsScheduler').Properties.Policies;
    },
    found: 'may not do just what it is for',
  },
  {
    what: 'a log that is kept for ever',
    check: safety.everyLogEnds,
    damage: (all) => {
      delete find(all, 'AWS::Logs::LogGroup', 'Log').Properties.RetentionInDays;
    },
    found: 'is kept for ever',
  },
  {
    what: 'a function that logs where nobody set an end',
    check: safety.everyLogEnds,
    damage: (all) => {
      delete find(all, 'AWS::Lambda::Function', 'ProjectProgress').Properties.LoggingConfig;
    },
    found: 'logs where nobody set an end',
  },
  {
    what: "a function that may write another's log",
    check: access.everyRoleHoldsItsGrantsAndNoMore,
    damage: (all) => {
      grants(all, 'HttpGetCourse')[0].Resource = grants(all, 'HttpPutCourse')[0].Resource;
    },
    found: 'get-course may, ungranted, logs:PutLogEvents',
  },
  {
    what: 'a GraphQL API whose log nobody ends',
    check: safety.everyLogEnds,
    damage: (all) => {
      delete all[idOf(all, 'RealtimeLogs')];
    },
    found: 'logs where nobody set an end',
  },
  {
    what: 'a GraphQL API that logs documents',
    check: safety.realtimeLogsErrorsWithoutContent,
    damage: (all) => {
      find(all, 'AWS::AppSync::GraphQLApi').Properties.LogConfig.ExcludeVerboseContent = false;
    },
    found: 'logs what people do',
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
