import * as z from 'zod';
import type { Invoker } from '../lambda/invoke.ts';
import type { SynthesisedTemplate } from '../template/resource.ts';
import type { UserPool } from './user-pool.ts';

/** A person as the pool's functions are told of them. */
export interface Person {
  /** Becomes `sub` and the username. */
  readonly userId: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

/** A sign-up that Cognito answers with an error; the person can sign in all the same. */
export class SignUpError extends Error {
  override readonly name = 'SignUpError';
}

const Permission = z.object({ FunctionName: z.string(), Principal: z.string(), SourceArn: z.string() });

/**
 * Confirms sign-ups as Cognito does: by the function that the template has for it, and in silence where it has none.
 *
 * @throws Error, when it is made, if the template does not let Cognito call the function
 */
export function createSignUp(
  template: SynthesisedTemplate,
  pool: UserPool,
  invoke: Invoker['invoke'],
): (person: Person) => Promise<void> {
  const { postConfirmation, poolId, clientId } = pool;
  if (postConfirmation === undefined) return () => Promise.resolve();
  const allowed = template
    .resources('AWS::Lambda::Permission')
    .map(({ properties }) => Permission.safeParse(properties).data)
    .filter((permission) => permission?.Principal === 'cognito-idp.amazonaws.com')
    .some(
      (it) =>
        it?.FunctionName.split(':').at(-1) === postConfirmation &&
        it.SourceArn.endsWith(`userpool/${poolId}`),
    );
  if (!allowed) throw new Error(`The template does not let Cognito call ${postConfirmation}`);
  return async ({ userId, name, email }) => {
    const event = {
      version: '1',
      region: poolId.split('_')[0],
      userPoolId: poolId,
      userName: userId,
      callerContext: { awsSdkVersion: 'aws-sdk-unknown-unknown', clientId },
      triggerSource: 'PostConfirmation_ConfirmSignUp',
      request: {
        userAttributes: {
          sub: userId,
          'cognito:user_status': 'CONFIRMED',
          ...(name !== undefined && { name }),
          ...(email !== undefined && { email, email_verified: 'true' }),
        },
      },
      response: {},
    };
    const result = await invoke(postConfirmation, event);
    if (!result.ok) throw new SignUpError(`PostConfirmation failed with error ${result.errorMessage}.`);
    // Cognito takes nothing but its own event, with what a function may add to the response.
    if (!Reply.safeParse(result.payload).success) throw new SignUpError('Unrecognizable lambda output');
  };
}

const Reply = z.object({ version: z.literal('1'), triggerSource: z.string(), response: z.object({}) });
