import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { jsonReply, type Reply, sendReply } from '../http/reply.ts';
import { readBody } from '../http/request-body.ts';
import { isAllowed } from '../iam/iam-policy.ts';
import type { Principal } from '../iam/principals.ts';
import { listen } from '../listen.ts';
import type { SynthesisedTemplate } from '../template/resource.ts';
import { refOf } from '../template/resource-values.ts';

/** What functions see as Secrets Manager: GetSecretValue of the template's secrets, for who may. */
export interface SecretsManager {
  readonly endpoint: string;
  /** A secret's text. Throws when the template has no secret of this ARN. */
  valueOf(arn: string): string;
  stop(): Promise<void>;
}

export interface SecretsManagerOptions {
  readonly template: SynthesisedTemplate;
  /** Who may call, by access key. */
  readonly principals: ReadonlyMap<string, Principal>;
}

const GetSecretValue = z.object({ SecretId: z.string() });

export async function startSecretsManager({
  template,
  principals,
}: SecretsManagerOptions): Promise<SecretsManager> {
  const secrets = secretsOf(template);
  const server = await listen({});

  async function answer(request: IncomingMessage): Promise<Reply | undefined> {
    const body = await readBody(request, { limitBytes: 64 * 1024, timeoutMs: 10_000 });
    if (!body.ok) return undefined;
    if (request.headers['x-amz-target'] !== 'secretsmanager.GetSecretValue') {
      return refusal('UnknownOperationException', 'Only GetSecretValue is answered here');
    }
    const accessKeyId = /Credential=([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
    const principal = principals.get(accessKeyId);
    if (principal === undefined) {
      return refusal('UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
    const { SecretId } = GetSecretValue.parse(JSON.parse(body.bytes.toString('utf8')));
    const asked = { action: 'secretsmanager:GetSecretValue', resource: SecretId, context: {} };
    if (!isAllowed(principal.statements, asked)) {
      return refusal(
        'AccessDeniedException',
        `${principal.functionName} is not authorized to perform: ${asked.action} on resource: ${SecretId}`,
      );
    }
    const value = secrets.get(SecretId);
    if (value === undefined) {
      return refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    }
    return jsonReply(200, { ARN: SecretId, SecretString: value }, {}, 'application/x-amz-json-1.1');
  }

  server.serve({
    handleRequest(request, response) {
      answer(request)
        .catch((error: unknown) => refusal('InvalidRequestException', String(error)))
        .then((reply) => reply && sendReply(request, response, reply))
        .catch(() => response.destroy());
    },
    handleUpgrade: (_request, socket) => socket.destroy(),
  });

  return {
    endpoint: server.url,
    valueOf(arn) {
      const value = secrets.get(arn);
      if (value === undefined) throw new Error(`The template has no secret ${arn}`);
      return value;
    },
    stop: () => server.close(),
  };
}

function refusal(type: string, message: string): Reply {
  return jsonReply(400, { __type: type, message }, {}, 'application/x-amz-json-1.1');
}

const SecretProperties = z.object({
  GenerateSecretString: z.object({
    SecretStringTemplate: z.string(),
    GenerateStringKey: z.string(),
    PasswordLength: z.int().default(32),
  }),
});

/** By ARN, each as CloudFormation would generate it: a new one in every run, as nothing else knows it. */
function secretsOf(template: SynthesisedTemplate): ReadonlyMap<string, string> {
  return new Map(
    template.resources('AWS::SecretsManager::Secret').map(({ type, logicalId, properties }) => {
      const { GenerateSecretString: generate } = SecretProperties.parse(properties);
      const fixed = z.record(z.string(), z.string()).parse(JSON.parse(generate.SecretStringTemplate));
      const drawn = randomBytes(generate.PasswordLength).toString('hex').slice(0, generate.PasswordLength);
      return [
        refOf(type, logicalId, (property) => properties[property]),
        JSON.stringify({ ...fixed, [generate.GenerateStringKey]: drawn }),
      ];
    }),
  );
}
