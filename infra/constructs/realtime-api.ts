import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  AuthorizationType,
  Code,
  Definition,
  FunctionRuntime,
  GraphqlApi,
  UserPoolDefaultAction,
} from 'aws-cdk-lib/aws-appsync';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PUBLISH_MUTATIONS, resolvers } from '../system.ts';
import type { Identity } from './identity.ts';
import { constructId, type Names } from './names.ts';

const schema = fileURLToPath(new URL('../../shared/contracts/schema.graphql', import.meta.url));

export interface RealtimeApiProps {
  readonly names: Names;
  readonly identity: Identity;
  readonly bundles: string;
}

/** The topics: people subscribe with a token of the user pool, functions publish with their role. */
export class RealtimeApi extends Construct {
  readonly api: GraphqlApi;
  readonly url: string;

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
    this.url = this.api.graphqlUrl;
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

  /** Lets a function publish, and do nothing else with the API. */
  publishStatement(): PolicyStatement {
    return new PolicyStatement({
      actions: ['appsync:GraphQL'],
      resources: PUBLISH_MUTATIONS.map((field) => `${this.api.arn}/types/Mutation/fields/${field}`),
    });
  }
}
