import { operations } from '../../../shared/contracts/api.ts';
import type { Operation } from '../../../shared/contracts/operation.ts';
import { type Check, list, type Model } from '../model.ts';
import { statementsOf } from './permissions.ts';

const contract: [string, Operation][] = Object.entries(operations);

export const everyOperationHasOneRoute: Check = (model) => {
  const routes = model.of('AWS::ApiGatewayV2::Route').map((route) => route.properties.RouteKey);
  const wanted = contract.map(([, { method, path }]) => `${method} ${path}`);
  return [
    ...wanted
      .filter((key) => routes.filter((route) => route === key).length !== 1)
      .map((key) => `${key} has ${routes.filter((route) => route === key).length} routes`),
    ...routes.filter((route) => !wanted.includes(route)).map((route) => `${route} is not in the contract`),
  ];
};

export const everyOperationHasItsOwnFunction: Check = (model) =>
  contract.flatMap(([name, { method, path }]) => {
    const route = model
      .of('AWS::ApiGatewayV2::Route')
      .find((it) => it.properties.RouteKey === `${method} ${path}`);
    const integration = model
      .of('AWS::ApiGatewayV2::Integration')
      .find((it) => route?.properties.Target === `integrations/${it.logicalId}`);
    const called = integration?.properties.IntegrationUri?.split(':function:').at(-1);
    const payload = integration?.properties.PayloadFormatVersion;
    return [
      ...(called === `lockstep-${name}` ? [] : [`${name} is answered by ${called}`]),
      ...(payload === '2.0' ? [] : [`${name} gets payload ${payload}`]),
      ...(mayBeCalled(model, integration?.properties.CredentialsArn, called)
        ? []
        : [`${name} may not be called by the API`]),
    ];
  });

/** The API calls a function under a role that only it takes on, and that names the function. */
function mayBeCalled(
  model: Model,
  credentials: string | undefined,
  functionName: string | undefined,
): boolean {
  const role = model
    .of('AWS::IAM::Role')
    .find(({ logicalId }) => logicalId === credentials?.split('/').at(-1));
  const trusts = (role?.properties.AssumeRolePolicyDocument.Statement ?? []).map(
    (statement: any) => statement.Principal?.Service,
  );
  return (
    trusts.join() === 'apigateway.amazonaws.com' &&
    statementsOf(model, role?.logicalId ?? '').some(
      ({ Action, Resource }) =>
        list(Action).join() === 'lambda:InvokeFunction' &&
        list(Resource).some((arn) => arn.endsWith(`:function:${functionName}`)),
    )
  );
}

/** The only routes without a token are those the contract calls public. */
export const everyRouteButThePublicIsGuarded: Check = (model) => {
  const authorizers = model
    .of('AWS::ApiGatewayV2::Authorizer')
    .filter(({ properties: { AuthorizerType, JwtConfiguration, IdentitySource } }) => {
      const fromHeader = IdentitySource?.join() === '$request.header.Authorization';
      return AuthorizerType === 'JWT' && JwtConfiguration?.Audience?.length > 0 && fromHeader;
    })
    .map(({ logicalId }) => logicalId);
  const open = contract
    .filter(([, { audience }]) => audience === 'public')
    .map(([, { method, path }]) => `${method} ${path}`);
  return model
    .of('AWS::ApiGatewayV2::Route')
    .filter(({ properties }) => !open.includes(properties.RouteKey))
    .filter(
      ({ properties }) =>
        properties.AuthorizationType !== 'JWT' || !authorizers.includes(properties.AuthorizerId),
    )
    .map(({ properties }) => `${properties.RouteKey} asks for no token`);
};

export const everyStageIsThrottledAndLogsNoPersonalData: Check = (model) =>
  model.of('AWS::ApiGatewayV2::Stage').flatMap(({ logicalId, properties }) => {
    const format: string = properties.AccessLogSettings?.Format ?? '';
    const personal = ['identity', 'claims', 'path', 'header', 'ip', 'userAgent'].filter((word) =>
      format.toLowerCase().includes(`.${word}`.toLowerCase()),
    );
    return [
      ...(properties.DefaultRouteSettings?.ThrottlingRateLimit > 0 ? [] : [`${logicalId} has no throttle`]),
      ...(format === '' ? [`${logicalId} has no access log`] : []),
      ...personal.map((word) => `${logicalId} logs ${word}`),
    ];
  });
