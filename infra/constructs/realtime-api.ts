import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AuthorizationType,
  CfnGraphQLApi,
  Code,
  Definition,
  FieldLogLevel,
  FunctionRuntime,
  GraphqlApi,
  UserPoolDefaultAction,
} from 'aws-cdk-lib/aws-appsync';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { PUBLISH_MUTATIONS, resolvers } from '../system.ts';
import type { Identity } from './identity.ts';
import { constructId, type Names } from './names.ts';

const schema = fileURLToPath(new URL('../../shared/contracts/schema.graphql', import.meta.url));

/** Where AppSync logs, followed by the API's id. */
const LOG_GROUPS = '/aws/appsync/apis/';

export interface RealtimeApiProps {
  readonly names: Names;
  readonly identity: Identity;
  readonly bundles: string;
}

/** The topics: people subscribe with a token of the user pool, functions publish with their role. */
export class RealtimeApi extends Construct {
  readonly api: GraphqlApi;
  readonly url: string;
  /** Where the web sockets go. */
  readonly socketUrl: string;

  constructor(scope: Construct, { names, identity, bundles }: RealtimeApiProps) {
    super(scope, 'Realtime');
    this.api = new GraphqlApi(this, 'Api', {
      name: names.of('realtime'),
      definition: Definition.fromFile(schema),
      authorizationConfig: {
        defaultAuthorization: {
          authorizationType: AuthorizationType.USER_POOL,
          userPoolConfig: {
            userPool: identity.userPool,
            defaultAction: UserPoolDefaultAction.ALLOW,
            appIdClientRegex: identity.client.userPoolClientId,
          },
        },
        additionalAuthorizationModes: [{ authorizationType: AuthorizationType.IAM }],
      },
      queryDepthLimit: 5,
    });
    this.#logErrors();
    this.url = this.api.graphqlUrl;
    this.socketUrl = this.#resource().attrRealtimeUrl;
    const echo = this.api.addNoneDataSource('Echo', { name: 'Echo' });
    for (const { type, field, file } of resolvers) {
      echo.createResolver(`${type}${constructId(field)}`, {
        typeName: type,
        fieldName: field,
        runtime: FunctionRuntime.JS_1_0_0,
        code: Code.fromInline(readFileSync(path.join(bundles, 'resolvers', `${file}.js`), 'utf8')),
      });
    }
  }

  /** Past the construct, whose own logConfig deploys a function that sets the retention under `*`. */
  #logErrors(): void {
    const api = this.#resource();
    // AppSync names the group by the API, which has to have its role first.
    const groups = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: `${LOG_GROUPS}*`,
    });
    const role = new Role(this, 'LogRole', {
      assumedBy: new ServicePrincipal('appsync.amazonaws.com'),
      inlinePolicies: {
        Logs: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
              resources: [groups],
            }),
          ],
        }),
      },
    });
    api.logConfig = {
      fieldLogLevel: FieldLogLevel.ERROR,
      // Documents, variables and headers hold tokens and what learners did.
      excludeVerboseContent: true,
      cloudWatchLogsRoleArn: role.roleArn,
    };
    new LogGroup(this, 'Logs', {
      logGroupName: `${LOG_GROUPS}${this.api.apiId}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  #resource(): CfnGraphQLApi {
    const api = this.api.node.defaultChild;
    if (!(api instanceof CfnGraphQLApi)) throw new Error('The GraphQL API has no resource');
    return api;
  }

  /** Lets a function publish, and do nothing else with the API. */
  publishStatement(): PolicyStatement {
    return new PolicyStatement({
      actions: ['appsync:GraphQL'],
      resources: PUBLISH_MUTATIONS.map((field) => `${this.api.arn}/types/Mutation/fields/${field}`),
    });
  }
}
