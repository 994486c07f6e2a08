import * as z from 'zod';
import type { SynthesisedTemplate } from '../template/resource.ts';

/** The template's user pool as far as tokens go. Validities are in seconds. */
export interface UserPool {
  readonly poolId: string;
  /** `https://cognito-idp.<region>.amazonaws.com/<poolId>`. */
  readonly issuerUrl: string;
  readonly clientId: string;
  readonly groups: readonly string[];
  readonly accessTokenValidity: number;
  readonly idTokenValidity: number;
  /** The name of the function that is called when somebody has signed up. */
  readonly postConfirmation?: string;
}

const secondsIn = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const;
const Unit = z.enum(['seconds', 'minutes', 'hours', 'days']).default('hours');

const ClientProperties = z.object({
  UserPoolId: z.string().regex(/^[\w-]+_[0-9a-zA-Z]+$/),
  AccessTokenValidity: z.number().positive().default(1),
  IdTokenValidity: z.number().positive().default(1),
  TokenValidityUnits: z.object({ AccessToken: Unit, IdToken: Unit }).prefault({}),
});

const PoolProperties = z.object({
  LambdaConfig: z.object({ PostConfirmation: z.string().optional() }).optional(),
});

const GroupProperties = z.object({ GroupName: z.string(), UserPoolId: z.string() });

/** Reads the one user pool. Tokens are for its first client. Throws when the template has no client or two pools. */
export function readUserPool(template: SynthesisedTemplate): UserPool {
  const [client] = template.resources('AWS::Cognito::UserPoolClient');
  const [pool, ...others] = template.resources('AWS::Cognito::UserPool');
  if (client === undefined || pool === undefined || others.length > 0) {
    throw new Error('The template must have exactly one user pool, with a client');
  }
  const properties = ClientProperties.parse(client.properties);
  const { UserPoolId: poolId, TokenValidityUnits: units } = properties;
  const groups = template
    .resources('AWS::Cognito::UserPoolGroup')
    .map((group) => GroupProperties.parse(group.properties).GroupName);
  const [region] = poolId.split('_');
  const postConfirmation = PoolProperties.parse(pool.properties).LambdaConfig?.PostConfirmation;
  return {
    poolId,
    issuerUrl: `https://cognito-idp.${region}.amazonaws.com/${poolId}`,
    clientId: client.logicalId,
    groups,
    accessTokenValidity: properties.AccessTokenValidity * secondsIn[units.AccessToken],
    idTokenValidity: properties.IdTokenValidity * secondsIn[units.IdToken],
    ...(postConfirmation !== undefined && { postConfirmation: postConfirmation.split(':').at(-1) ?? '' }),
  };
}
