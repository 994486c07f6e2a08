import * as z from 'zod';
import type { Resource } from '../template/resource.ts';

/** The ways AppSync lets a caller in. */
export const Mode = z.enum([
  'AMAZON_COGNITO_USER_POOLS',
  'AWS_IAM',
  'API_KEY',
  'OPENID_CONNECT',
  'AWS_LAMBDA',
]);
export type Mode = z.infer<typeof Mode>;

const UserPoolConfig = z.object({
  UserPoolId: z.string(),
  DefaultAction: z.enum(['ALLOW', 'DENY']).optional(),
  AppIdClientRegex: z.string().optional(),
});

const ApiProperties = z.object({
  AuthenticationType: Mode,
  UserPoolConfig: UserPoolConfig.optional(),
  AdditionalAuthenticationProviders: z
    .array(z.object({ AuthenticationType: Mode, UserPoolConfig: UserPoolConfig.optional() }))
    .default([]),
});

/** How an API lets callers in: its default mode, all its modes, and what its user pool asks for. */
export interface ApiAuth {
  readonly defaultMode: Mode;
  readonly modes: ReadonlySet<Mode>;
  readonly denyByDefault: boolean;
  readonly appIdClientRegex: RegExp | undefined;
}

/** Reads the modes of an AWS::AppSync::GraphQLApi. Throws on a mode that does not run here. */
export function readApiAuth(api: Resource): ApiAuth {
  const properties = ApiProperties.parse(api.properties);
  const providers = [properties, ...properties.AdditionalAuthenticationProviders];
  const modes = new Set(providers.map((provider) => provider.AuthenticationType));
  for (const mode of modes) {
    if (mode !== 'AMAZON_COGNITO_USER_POOLS' && mode !== 'AWS_IAM') {
      throw new Error(`${api.logicalId}: the authorization mode ${mode} does not run here`);
    }
  }
  const pool = providers.find((provider) => provider.UserPoolConfig !== undefined)?.UserPoolConfig;
  const regex = pool?.AppIdClientRegex;
  return {
    defaultMode: properties.AuthenticationType,
    modes,
    denyByDefault: properties.UserPoolConfig?.DefaultAction === 'DENY',
    appIdClientRegex: regex === undefined ? undefined : new RegExp(`^(?:${regex})$`),
  };
}

/** Who calls: `identity` is what a resolver sees as `ctx.identity`. */
export type Caller =
  | {
      readonly mode: 'AMAZON_COGNITO_USER_POOLS';
      readonly identity: Readonly<Record<string, unknown>>;
      readonly groups: readonly string[];
    }
  | {
      readonly mode: 'AWS_IAM';
      readonly identity: Readonly<Record<string, unknown>>;
      /** Whether the caller's role allows a top-level field. */
      readonly mayCall: (typeName: string, fieldName: string) => boolean;
    };

/** The outcome of looking at a request's headers. */
export type Authentication =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly status: 401 | 403; readonly errorType: string; readonly message: string };

/** What authentication needs to know of the rest of the stack. `Statements` is the policy engine's own. */
export interface AuthPorts<Statements> {
  /** Checks a user-pool token. */
  readonly verifyToken: (
    token: string,
  ) => Promise<
    | { readonly ok: true; readonly claims: Readonly<Record<string, unknown>> }
    | { readonly ok: false; readonly reason: string }
  >;
  /** The function an access key was given to. */
  readonly identifyIam: (
    accessKeyId: string,
  ) => { readonly functionName: string; readonly statements: Statements } | undefined;
  readonly isAllowed: (
    statements: Statements,
    request: { action: string; resource: string; context: Readonly<Record<string, readonly string[]>> },
  ) => boolean;
}

const unauthorized: Authentication = {
  ok: false,
  status: 401,
  errorType: 'UnauthorizedException',
  message: 'You are not authorized to make this call.',
};

const Claims = z.looseObject({
  sub: z.string(),
  iss: z.string().optional(),
  aud: z.string().optional(),
  client_id: z.string().optional(),
  username: z.string().optional(),
  'cognito:username': z.string().optional(),
  'cognito:groups': z.array(z.string()).optional(),
});

async function authenticateToken(
  auth: ApiAuth,
  verifyToken: AuthPorts<unknown>['verifyToken'],
  token: string,
  sourceIp: string,
): Promise<Authentication> {
  const verdict = await verifyToken(token);
  if (!verdict.ok) return unauthorized;
  const claims = Claims.safeParse(verdict.claims);
  if (!claims.success) return unauthorized;
  const { sub, iss, aud, client_id: clientId, username } = claims.data;
  if (auth.appIdClientRegex !== undefined && !auth.appIdClientRegex.test(aud ?? clientId ?? '')) {
    return unauthorized;
  }
  const groups = claims.data['cognito:groups'];
  const identity = {
    sub,
    issuer: iss ?? null,
    username: claims.data['cognito:username'] ?? username ?? sub,
    claims: claims.data,
    sourceIp: [sourceIp],
    defaultAuthStrategy: auth.denyByDefault ? 'DENY' : 'ALLOW',
    groups: groups ?? null,
  };
  return { ok: true, caller: { mode: 'AMAZON_COGNITO_USER_POOLS', identity, groups: groups ?? [] } };
}

const sigV4 = /^AWS4-HMAC-SHA256 Credential=([^/,\s]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request,/;

/**
 * Makes the function that looks at a request's headers (lower case names). A SigV4 header names its function
 * by the access key; the signature itself is not checked here.
 */
export function createAuthenticator<Statements>(
  auth: ApiAuth,
  ports: AuthPorts<Statements>,
  apiArn: string,
): (headers: Readonly<Record<string, string>>, sourceIp: string) => Promise<Authentication> {
  function authenticateIam(authorization: string, sourceIp: string): Authentication {
    const [, accessKeyId, , , service] = sigV4.exec(authorization) ?? [];
    if (accessKeyId === undefined) return unauthorized;
    if (service !== 'appsync') {
      const message = "Credential should be scoped to correct service: 'appsync'.";
      return { ok: false, status: 403, errorType: 'InvalidSignatureException', message };
    }
    const known = ports.identifyIam(accessKeyId);
    if (known === undefined) {
      const message = 'The security token included in the request is invalid.';
      return { ok: false, status: 403, errorType: 'UnrecognizedClientException', message };
    }
    const accountId = apiArn.split(':')[4] ?? '';
    const identity = {
      accountId,
      userArn: `arn:aws:sts::${accountId}:assumed-role/${known.functionName}/${known.functionName}`,
      username: `${accessKeyId}:${known.functionName}`,
      cognitoIdentityPoolId: null,
      cognitoIdentityId: null,
      cognitoIdentityAuthType: null,
      cognitoIdentityAuthProvider: null,
      sourceIp: [sourceIp],
    };
    const mayCall = (typeName: string, fieldName: string): boolean =>
      ports.isAllowed(known.statements, {
        action: 'appsync:GraphQL',
        resource: `${apiArn}/types/${typeName}/fields/${fieldName}`,
        context: {},
      });
    return { ok: true, caller: { mode: 'AWS_IAM', identity, mayCall } };
  }

  return async (headers, sourceIp) => {
    const authorization = headers['authorization'];
    if (authorization === undefined || authorization === '') return unauthorized;
    if (authorization.startsWith('AWS4-')) {
      return auth.modes.has('AWS_IAM') ? authenticateIam(authorization, sourceIp) : unauthorized;
    }
    if (!auth.modes.has('AMAZON_COGNITO_USER_POOLS')) return unauthorized;
    const token = authorization.replace(/^Bearer /i, '');
    return authenticateToken(auth, ports.verifyToken, token, sourceIp);
  };
}
