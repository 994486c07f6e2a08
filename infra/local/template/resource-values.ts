import { ACCOUNT, type Lookup, REGION } from './template-intrinsics.ts';

/** What Ref and Fn::GetAtt give for a resource, as AWS would, with this machine's region and account. */
interface ResourceValues {
  ref(logicalId: string, property: Lookup): string;
  readonly attributes: Readonly<Record<string, (logicalId: string, property: Lookup) => string>>;
}

type Naming = (logicalId: string, property: Lookup) => string;

/** The name the template gives, else the logical id. */
function named(property: string): Naming {
  return (logicalId, lookup) => {
    const name = lookup(property);
    return typeof name === 'string' ? name : logicalId;
  };
}

const itself: Naming = (logicalId) => logicalId;

function arn(service: string, resource: string, name: Naming): Naming {
  return (logicalId, lookup) =>
    `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}${name(logicalId, lookup)}`;
}

function suffixed(naming: Naming, suffix: string): Naming {
  return (logicalId, lookup) => `${naming(logicalId, lookup)}${suffix}`;
}

const tableName = named('TableName');
const tableArn = arn('dynamodb', 'table/', tableName);
const functionName = named('FunctionName');
// Bucket names are lower case.
const bucketName: Naming = (logicalId, lookup) => named('BucketName')(logicalId, lookup).toLowerCase();
const bucketArn: Naming = (logicalId, lookup) => `arn:aws:s3:::${bucketName(logicalId, lookup)}`;
const userPoolId: Naming = () => `${REGION}_local`;
const providerName: Naming = () => `cognito-idp.${REGION}.amazonaws.com/${REGION}_local`;
const graphqlArn = arn('appsync', 'apis/', itself);
const graphqlHost: Naming = (logicalId) => `${logicalId.toLowerCase()}.appsync-api.${REGION}.amazonaws.com`;
const realtimeHost: Naming = (logicalId) =>
  `${logicalId.toLowerCase()}.appsync-realtime-api.${REGION}.amazonaws.com`;
const queueName = named('QueueName');
const topicArn = arn('sns', '', named('TopicName'));
const logGroupName = named('LogGroupName');
const scheduleGroup: Naming = (logicalId, lookup) =>
  `${named('GroupName')('default', lookup)}/${named('Name')(logicalId, lookup)}`;

const byType: Readonly<Record<string, ResourceValues>> = {
  'AWS::DynamoDB::Table': {
    ref: tableName,
    attributes: {
      Arn: tableArn,
      StreamArn: (logicalId, lookup) => {
        if (lookup('StreamSpecification') === undefined) throw new Error(`${logicalId} has no stream`);
        return `${tableArn(logicalId, lookup)}/stream/local`;
      },
    },
  },
  'AWS::Lambda::Function': {
    ref: functionName,
    attributes: { Arn: arn('lambda', 'function:', functionName) },
  },
  'AWS::Lambda::EventSourceMapping': { ref: itself, attributes: { Id: itself } },
  'AWS::IAM::Role': {
    ref: named('RoleName'),
    attributes: { Arn: (logicalId) => `arn:aws:iam::${ACCOUNT}:role/${logicalId}` },
  },
  'AWS::IAM::Policy': { ref: itself, attributes: {} },
  'AWS::S3::Bucket': { ref: bucketName, attributes: { Arn: bucketArn } },
  'AWS::SQS::Queue': {
    ref: (logicalId, lookup) =>
      `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${queueName(logicalId, lookup)}`,
    attributes: { Arn: arn('sqs', '', queueName), QueueName: queueName },
  },
  'AWS::SNS::Topic': { ref: topicArn, attributes: { TopicArn: topicArn, TopicName: named('TopicName') } },
  'AWS::Cognito::UserPool': {
    ref: userPoolId,
    attributes: {
      Arn: arn('cognito-idp', 'userpool/', userPoolId),
      UserPoolId: userPoolId,
      ProviderName: providerName,
      ProviderURL: (logicalId, lookup) => `https://${providerName(logicalId, lookup)}`,
    },
  },
  'AWS::Cognito::UserPoolClient': { ref: itself, attributes: { ClientId: itself } },
  'AWS::Cognito::UserPoolGroup': { ref: named('GroupName'), attributes: {} },
  'AWS::AppSync::GraphQLApi': {
    ref: graphqlArn,
    attributes: {
      Arn: graphqlArn,
      ApiId: itself,
      GraphQLUrl: (logicalId, lookup) => `https://${graphqlHost(logicalId, lookup)}/graphql`,
      RealtimeUrl: (logicalId, lookup) => `wss://${realtimeHost(logicalId, lookup)}/graphql`,
      GraphQLDns: graphqlHost,
      RealtimeDns: realtimeHost,
    },
  },
  'AWS::AppSync::GraphQLSchema': { ref: suffixed(itself, 'GraphQLSchema'), attributes: {} },
  'AWS::AppSync::DataSource': { ref: itself, attributes: { Name: named('Name') } },
  'AWS::AppSync::FunctionConfiguration': { ref: itself, attributes: { FunctionId: itself } },
  'AWS::AppSync::Resolver': { ref: itself, attributes: {} },
  'AWS::ApiGatewayV2::Api': {
    ref: itself,
    attributes: {
      ApiId: itself,
      ApiEndpoint: (logicalId) => `https://${logicalId.toLowerCase()}.execute-api.${REGION}.amazonaws.com`,
    },
  },
  'AWS::ApiGatewayV2::Authorizer': { ref: itself, attributes: { AuthorizerId: itself } },
  'AWS::ApiGatewayV2::Integration': { ref: itself, attributes: { IntegrationId: itself } },
  'AWS::ApiGatewayV2::Route': { ref: itself, attributes: { RouteId: itself } },
  'AWS::ApiGatewayV2::Stage': { ref: named('StageName'), attributes: {} },
  'AWS::Logs::LogGroup': {
    ref: logGroupName,
    attributes: { Arn: suffixed(arn('logs', 'log-group:', logGroupName), ':*') },
  },
  // On AWS the six characters at the end of the ARN are drawn.
  'AWS::SecretsManager::Secret': {
    ref: arn('secretsmanager', 'secret:', suffixed(named('Name'), '-Ab12Cd')),
    attributes: { Id: arn('secretsmanager', 'secret:', suffixed(named('Name'), '-Ab12Cd')) },
  },
  'AWS::Scheduler::Schedule': {
    ref: named('Name'),
    attributes: { Arn: arn('scheduler', 'schedule/', scheduleGroup) },
  },
  'AWS::Scheduler::ScheduleGroup': {
    ref: named('Name'),
    attributes: { Arn: arn('scheduler', 'schedule-group/', named('Name')) },
  },
  'AWS::CloudWatch::Alarm': {
    ref: named('AlarmName'),
    attributes: { Arn: arn('cloudwatch', 'alarm:', named('AlarmName')) },
  },
};

/** What Ref gives. Throws on a type that is not known here. */
export function refOf(type: string, logicalId: string, property: Lookup): string {
  return valuesOf(type, logicalId).ref(logicalId, property);
}

/** What Fn::GetAtt gives. Throws on a type or an attribute that is not known here. */
export function attributeOf(type: string, logicalId: string, attribute: string, property: Lookup): string {
  const { attributes } = valuesOf(type, logicalId);
  const compute = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  if (compute === undefined) {
    throw new Error(`${logicalId}: the local runtime does not know ${attribute} of ${type}`);
  }
  return compute(logicalId, property);
}

function valuesOf(type: string, logicalId: string): ResourceValues {
  const values = Object.hasOwn(byType, type) ? byType[type] : undefined;
  if (values === undefined)
    throw new Error(`${logicalId}: the local runtime does not know references to ${type}`);
  return values;
}
