import * as z from 'zod';
import type { Clock } from './clock.ts';
import { createSignedFetch, type SigningOptions } from './signed-fetch.ts';

export interface SecretOptions<Schema extends z.ZodType> extends SigningOptions {
  /** The secret's ARN, which names its region too. */
  readonly arn: string;
  /** What the secret holds as JSON. */
  readonly schema: Schema;
  /** Another address than that of Secrets Manager. */
  readonly endpoint?: string | undefined;
  readonly clock: Clock;
}

const TRIES = 2;
/** A warm function knows so soon that an operator has filled in the secret, or another one. */
const KEPT_MS = 5 * 60_000;

/**
 * Reads a secret of Secrets Manager when it is first asked for, and again when it is asked for later than five
 * minutes: a function that refuses what it is sent never reads it. What was read serves on while it cannot be read.
 *
 * Requests: one GetSecretValue in five minutes at most.
 *
 * @returns what gives the secret; rejects, and tries again when asked again, where it could never be read
 */
export function createSecret<Schema extends z.ZodType>(
  options: SecretOptions<Schema>,
): () => Promise<z.output<Schema>> {
  const { arn, schema, clock } = options;
  const endpoint = options.endpoint ?? `https://secretsmanager.${arn.split(':')[3]}.amazonaws.com`;
  const send = createSignedFetch('secretsmanager', options);

  const read = async (): Promise<z.output<Schema>> => {
    const reply = await send(`${endpoint.replace(/\/+$/, '')}/`, {
      method: 'POST',
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

  let known: { readonly secret: Promise<z.output<Schema>>; readonly until: number } | undefined;
  return () => {
    const now = clock().getTime();
    if (known === undefined || now >= known.until) {
      const before = known?.secret;
      const secret = readPatiently().catch((error: unknown) => {
        if (before !== undefined) return before;
        known = undefined;
        throw error;
      });
      known = { secret, until: now + KEPT_MS };
    }
    return known.secret;
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
