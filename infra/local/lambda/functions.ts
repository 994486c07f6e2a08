import * as z from 'zod';
import type { FunctionSpec } from './invocation.ts';
import { accessKeyIdFor } from '../iam/principals.ts';
import type { SynthesisedTemplate } from '../template/resource.ts';

const FunctionProperties = z.object({
  FunctionName: z.string().optional(),
  Handler: z.string(),
  Code: z.object({ S3Key: z.string() }),
  Environment: z.object({ Variables: z.record(z.string(), z.string()) }).optional(),
  Timeout: z.int().default(3),
  MemorySize: z.int().default(128),
});

/** How functions reach the rest of the machine. */
export interface FunctionSurroundings {
  /** The gate: what a function's SDK takes for DynamoDB. */
  readonly dynamodbEndpoint: string;
  /** What its calls of Secrets Manager go to. */
  readonly secretsEndpoint: string;
  /** What their calls of S3 go to. */
  readonly objectsEndpoint: string;
  /** Stand-ins for systems outside AWS, by the variable in which the template names their address. */
  readonly outside: Readonly<Record<string, string>>;
  readonly region: string;
}

/**
 * The functions of the template, ready to run: each with its bundle, its own environment and the access key
 * by which the gate knows it.
 */
export function readFunctions(
  template: SynthesisedTemplate,
  surroundings: FunctionSurroundings,
): FunctionSpec[] {
  return template.resources('AWS::Lambda::Function').map(({ logicalId, properties }) => {
    const lambda = FunctionProperties.parse(properties);
    const name = lambda.FunctionName ?? logicalId;
    return {
      logicalId,
      name,
      folder: template.assetPath(lambda.Code.S3Key),
      handler: lambda.Handler,
      timeoutSeconds: lambda.Timeout,
      memoryMb: lambda.MemorySize,
      environment: {
        ...replaced(lambda.Environment?.Variables ?? {}, surroundings.outside),
        AWS_REGION: surroundings.region,
        AWS_ACCESS_KEY_ID: accessKeyIdFor(name),
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_ENDPOINT_URL_DYNAMODB: surroundings.dynamodbEndpoint,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: surroundings.secretsEndpoint,
        AWS_ENDPOINT_URL_S3: surroundings.objectsEndpoint,
      },
    };
  });
}

function replaced(
  variables: Readonly<Record<string, string>>,
  outside: FunctionSurroundings['outside'],
): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, outside[name] ?? value]));
}
