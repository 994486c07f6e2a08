import * as z from 'zod';
import { createSignedFetch, type SigningOptions } from './signed-fetch.ts';

export interface SecretOptions<Schema extends z.ZodType> extends SigningOptions {
  /** The secret's ARN, which names its region too. */
  readonly arn: string;
  /** What the secret holds as JSON. */
  readonly schema: Schema;
  /** Another address than that of Secrets Manager. */
  readonly endpoint?: string | undefined;
}

const TRIES = 2;

/**
 * Reads a secret of Secrets Manager when it is first asked for, and keeps it for the life of the function: a
 * function that refuses what it is sent never reads it, and a warm one reads it no more.
 *
 * Requests: one GetSecretValue in the life of a function.
 *
 * @returns what gives the secret; rejects, and tries again when asked again, where it cannot be read
 */
export function createSecret<Schema extends z.ZodType>(
  options: SecretOptions<Schema>,
): () => Promise<z.output<Schema>> {
  const { arn, schema } = options;
  const endpoint = options.endpoint ?? `https://secretsmanager.${arn.split(':')[3]}.amazonaws.com`;
  const send = createSignedFetch('secretsmanager', options);

  const read = async (): Promise<z.output<Schema>> => {
    const reply = await send(`${endpoint.replace(/\/+$/, '')}/`, {
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'secretsmanager.GetSecretValue',
      },
      body: JSON.stringify({ SecretId: arn }),
    });
    // Neither the reply nor what does not fit in it may come into a message.
    if (!reply.ok) throw new SecretError(`Secrets Manager replied ${reply.status}`);
    const value = SecretValue.safeParse(await reply.json());
    const secret = value.success ? schema.safeParse(jsonOf(value.data.SecretString)) : undefined;
    if (secret?.success !== true) throw new SecretError('The secret does not hold what it should');
    return secret.data;
  };

  const readPatiently = async (): Promise<z.output<Schema>> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await read();
      } catch (error) {
        if (attempt === TRIES) throw error;
      }
    }
  };

  let known: Promise<z.output<Schema>> | undefined;
  return () => {
    known ??= readPatiently().catch((error: unknown) => {
      known = undefined;
      throw error;
    });
    return known;
  };
}

class SecretError extends Error {
  override readonly name = 'SecretError';
}

const SecretValue = z.object({ SecretString: z.string() });

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
