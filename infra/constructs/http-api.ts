import {
  CorsHttpMethod,
  HttpApi as Api,
  HttpIntegrationType,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpRoute,
  HttpRouteIntegration,
  HttpRouteKey,
  HttpStage,
  IntegrationCredentials,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Duration, RemovalPolicy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';
import { operations } from '../../shared/contracts/api.ts';
import type { Operation } from '../../shared/contracts/operation.ts';
import { httpFunctions } from '../http-functions.ts';
import { BundledFunction, type FunctionSurroundings } from './bundled-function.ts';
import { constructId } from './names.ts';
import type { Payments } from './payments.ts';

export interface HttpApiProps {
  readonly surroundings: FunctionSurroundings;
  readonly payments: Payments;
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly webOrigins: readonly string[];
}

/** Ids and figures only: neither addresses nor tokens nor paths, which may hold what a client made up. */
const ACCESS_LOG = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latency: '$context.responseLatency',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
};

/** One route and one function for every operation of the contract; every route but the public ones asks for a token. */
export class HttpApi extends Construct {
  readonly api: Api;
  readonly functions: readonly BundledFunction[];

  constructor(scope: Construct, props: HttpApiProps) {
    super(scope, 'Http');
    const { surroundings, payments } = props;
    this.api = new Api(this, 'Api', {
      apiName: surroundings.names.of('api'),
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [...props.webOrigins],
        allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.PUT, CorsHttpMethod.POST, CorsHttpMethod.DELETE],
        allowHeaders: ['authorization', 'content-type', 'idempotency-key', 'if-none-match'],
        exposeHeaders: ['etag', 'retry-after', 'x-request-id'],
        maxAge: Duration.hours(1),
      },
    });
    this.#addStage(surroundings);

    const signedIn = new HttpJwtAuthorizer('Jwt', props.issuer, { jwtAudience: [...props.audience] });
    const anyone = new HttpNoneAuthorizer();
    const answering = Object.entries<Operation>(operations).map(([name, operation]) => {
      const spec = specOf(name);
      const bundled = new BundledFunction(this, constructId(name), {
        ...surroundings,
        name,
        spec,
        ...(spec.pays === true
          ? { statements: [payments.readStatement()], environment: payments.environment }
          : {}),
        // Readers of the description learn whose tokens are taken.
        ...(spec.describes === true ? { environment: { ISSUER_URL: props.issuer } } : {}),
        memoryMb: 512,
        timeoutSeconds: 15,
      });
      return { name, operation, bundled };
    });
    this.functions = answering.map(({ bundled }) => bundled);
    const role = this.#callerOf(this.functions);
    for (const { name, operation, bundled } of answering) {
      new HttpRoute(this, `${constructId(name)}Route`, {
        httpApi: this.api,
        routeKey: HttpRouteKey.with(operation.path, HttpMethod[operation.method]),
        integration: new CallUnderRole('Call', bundled.lambda, role),
        authorizer: operation.audience === 'public' ? anyone : signedIn,
      });
    }
  }

  /** One role for the API, which may call these functions: a stack has 500 resources, and a permission each is one too. */
  #callerOf(functions: readonly BundledFunction[]): Role {
    return new Role(this, 'CallRole', {
      assumedBy: new ServicePrincipal('apigateway.amazonaws.com'),
      inlinePolicies: {
        Call: new PolicyDocument({
          statements: [
            new PolicyStatement({
              actions: ['lambda:InvokeFunction'],
              resources: functions.map(({ lambda }) => lambda.functionArn),
            }),
          ],
        }),
      },
    });
  }

  #addStage({ names }: FunctionSurroundings): void {
    const logs = new LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/vendedlogs/${names.of('api')}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: { rateLimit: 1000, burstLimit: 2000 },
      detailedMetricsEnabled: true,
      accessLogSettings: {
        destination: new LogGroupLogDestination(logs),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    });
  }
}

/** A function that the API calls under a role, rather than by a permission of the function. */
class CallUnderRole extends HttpRouteIntegration {
  readonly #lambda: IFunction;
  readonly #role: Role;

  constructor(id: string, lambda: IFunction, role: Role) {
    super(id);
    this.#lambda = lambda;
    this.#role = role;
  }

  override bind() {
    return {
      type: HttpIntegrationType.AWS_PROXY,
      uri: this.#lambda.functionArn,
      payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      credentials: IntegrationCredentials.fromRole(this.#role),
    };
  }
}

function specOf(name: string) {
  const found = Object.entries(httpFunctions).find(([operation]) => operation === name);
  if (found === undefined) throw new Error(`infra/http-functions.ts has no grants for ${name}`);
  return found[1];
}
