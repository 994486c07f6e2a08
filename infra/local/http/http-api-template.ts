import * as z from 'zod';
import { CorsConfiguration } from './cors.ts';
import { orderRoutes, parseRouteKey, type RoutePattern } from './http-routes.ts';
import type { Resource, SynthesisedTemplate } from '../template/resource.ts';

/** A route with everything it refers to. */
export interface HttpRoute extends RoutePattern {
  readonly functionName: string;
  readonly timeoutMs: number;
  /** The logical id of its JWT authorizer; undefined when anybody may call. */
  readonly authorizerId: string | undefined;
  readonly scopes: readonly string[];
}

/** The template's HTTP API. `routes` are in the order in which they are tried. */
export interface HttpApiDefinition {
  readonly apiId: string;
  readonly cors: CorsConfiguration | undefined;
  readonly stageVariables: Readonly<Record<string, string>>;
  readonly routes: readonly HttpRoute[];
}

const apiProperties = z.object({
  ProtocolType: z.literal('HTTP'),
  CorsConfiguration: CorsConfiguration.optional(),
});

const stageProperties = z.object({
  StageName: z.literal('$default', { error: 'only the $default stage runs here' }),
  StageVariables: z.record(z.string(), z.string()).default({}),
});

const routeProperties = z.object({
  RouteKey: z.string(),
  Target: z.string().regex(/^integrations\//),
  AuthorizationType: z.enum(['JWT', 'NONE']).default('NONE'),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
});

const integrationProperties = z.object({
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
  TimeoutInMillis: z.int().min(50).max(30_000).default(30_000),
});

const functionProperties = z.object({ FunctionName: z.string().optional() });

/** Reads the one HTTP API of a template. Throws, naming the resource, on what AWS or this runtime refuses. */
export function readHttpApi(template: SynthesisedTemplate): HttpApiDefinition {
  const [api, ...others] = template.resources('AWS::ApiGatewayV2::Api');
  if (api === undefined || others.length > 0) throw new Error('The template must have exactly one HTTP API');
  const [stage, ...otherStages] = template.resources('AWS::ApiGatewayV2::Stage');
  if (stage === undefined || otherStages.length > 0)
    throw new Error(`${api.logicalId} must have exactly one stage`);

  const functions = functionNames(template);
  const routes = template
    .resources('AWS::ApiGatewayV2::Route')
    .map((resource) => readRoute(resource, template, functions));
  const keys = routes.map((route) => route.routeKey);
  const twice = keys.find((key, index) => keys.indexOf(key) !== index);
  if (twice !== undefined) throw new Error(`Two routes have the key '${twice}'`);

  return {
    apiId: api.logicalId,
    cors: parse(api, apiProperties).CorsConfiguration,
    stageVariables: parse(stage, stageProperties).StageVariables,
    routes: orderRoutes(routes),
  };
}

function readRoute(
  resource: Resource,
  template: SynthesisedTemplate,
  functions: ReadonlySet<string>,
): HttpRoute {
  const route = parse(resource, routeProperties);
  if (route.AuthorizationType === 'JWT' && route.AuthorizerId === undefined) {
    throw new Error(`${resource.logicalId} asks for a JWT but names no authorizer`);
  }
  const integration = template.resource(route.Target.replace('integrations/', ''));
  const { IntegrationUri, TimeoutInMillis } = parse(integration, integrationProperties);
  const [, functionName = ''] = /:function:([^:/]+)/.exec(IntegrationUri) ?? [];
  if (!functions.has(functionName)) {
    throw new Error(`${integration.logicalId} points at no function of this template: ${IntegrationUri}`);
  }
  return {
    ...parseRouteKey(route.RouteKey),
    functionName,
    timeoutMs: TimeoutInMillis,
    authorizerId: route.AuthorizationType === 'JWT' ? route.AuthorizerId : undefined,
    scopes: route.AuthorizationScopes,
  };
}

function functionNames(template: SynthesisedTemplate): Set<string> {
  return new Set(
    template
      .resources('AWS::Lambda::Function')
      .map((resource) => parse(resource, functionProperties).FunctionName ?? resource.logicalId),
  );
}

function parse<Shape extends z.ZodType>(resource: Resource, shape: Shape): z.infer<Shape> {
  const parsed = shape.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  throw new Error(`${resource.logicalId} (${resource.type}): ${z.prettifyError(parsed.error)}`);
}
