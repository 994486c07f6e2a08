import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import type { LocalPayments } from '../infra/local/payments/local-payments.ts';
import type { Stack } from '../infra/local/stack.ts';

/** A running school that a command drives: a stack of this process, or one that runs at an address. */
export interface School {
  /** Base address of the HTTP API, without a trailing slash. */
  readonly url: string;
  readonly graphqlUrl: string;
  /** An access token for anyone. */
  token(userId: string, groups?: readonly string[]): Promise<string>;
  /** Signs a person up, as on AWS the user pool does; a token alone signs nobody up. Again changes nothing. */
  signUp(userId: string, person: { readonly name?: string; readonly email?: string }): Promise<void>;
  /** The payment provider. A checkout's id is the last part of its `checkoutUrl`. */
  readonly payments: LocalPayments;
  /** Resolves when nothing is left in any stream. */
  quiet(): Promise<void>;
  /** The tables, with every right. */
  readonly documents: DynamoDBDocumentClient;
}

function documentsAt(endpoint: string, accessKeyId: string): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(
    new DynamoDBClient({
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId, secretAccessKey: 'local' },
    }),
  );
}

/** A stack started by this process. */
export function schoolOf(stack: Stack): School {
  return {
    url: stack.url,
    graphqlUrl: stack.graphqlUrl,
    token: async (userId, groups = ['student']) =>
      (await stack.issuer.issueToken({ userId, groups: [...groups] })).accessToken,
    signUp: (userId, person) => stack.issuer.signUp({ userId, ...person }),
    payments: stack.payments,
    quiet: () => stack.quiet({ timeoutMs: 300_000 }),
    documents: documentsAt(stack.gate.endpoint, stack.operatorAccessKeyId),
  };
}

const About = z.object({
  graphqlUrl: z.string(),
  dynamodb: z.object({ endpoint: z.string(), accessKeyId: z.string() }),
});
const Tokens = z.object({ accessToken: z.string() });
const Signature = z.object({ signature: z.string() });
const ToldEvent = z.object({
  eventId: z.string(),
  attempts: z.int(),
  status: z.int(),
  ok: z.boolean(),
  reply: z.string(),
});

async function request(url: string, init?: RequestInit): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new Error(`Nothing answers at ${url}: start a school with npm start, or leave --url away`, {
      cause: error,
    });
  }
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

function post(body: unknown): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

function paymentsAt(base: string): LocalPayments {
  const tell = (action: string) => async (checkoutId: string) =>
    ToldEvent.parse(await request(`${base}/local/payments/${checkoutId}/${action}`, { method: 'POST' }));
  return {
    complete: tell('complete'),
    fail: tell('fail'),
    expire: tell('expire'),
    refund: tell('refund'),
    async sign(body, at) {
      const wanted = post({ body, ...(at !== undefined && { at: at.toISOString() }) });
      return Signature.parse(await request(`${base}/local/payments/signature`, wanted)).signature;
    },
  };
}

/** A local stack that `npm start` runs at `url`. Throws when none answers there. */
export async function schoolAt(url: string): Promise<School> {
  const base = url.replace(/\/+$/, '');
  const about = About.parse(await request(`${base}/local`));
  return {
    url: base,
    graphqlUrl: about.graphqlUrl,
    token: async (userId, groups = ['student']) =>
      Tokens.parse(await request(`${base}/local/token`, post({ userId, groups }))).accessToken,
    async signUp(userId, person) {
      await request(`${base}/local/sign-up`, post({ userId, ...person }));
    },
    payments: paymentsAt(base),
    async quiet() {
      await request(`${base}/local/quiet`, { method: 'POST' });
    },
    documents: documentsAt(about.dynamodb.endpoint, about.dynamodb.accessKeyId),
  };
}
