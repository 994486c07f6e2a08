import * as http from './checks/http.ts';
import * as streams from './checks/streams.ts';
import { type Damage, grants, idOf, mapping } from './damage.ts';
import { find } from './model.ts';

/** To routes and streams. */
export const flowDamages: readonly Damage[] = [
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
      const [statement] = grants(all, 'HttpCallRole');
      const unenroll = idOf(all, 'HttpUnenroll', '::Function');
      statement.Resource = statement.Resource.filter((arn: any) => arn['Fn::GetAtt'][0] !== unenroll);
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
    what: 'a loop of jobs that does not move a segment',
    check: streams.streamsFlowOneWay,
    damage: (all) => {
      grants(all, 'AggregateAnalytics').push({
        Effect: 'Allow',
        Action: 'dynamodb:PutItem',
        Resource: { 'Fn::GetAtt': [idOf(all, 'TablesJobs'), 'Arn'] },
      });
    },
    found: 'jobs -> qbankTests -> jobs',
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
];
