import * as z from 'zod';
import { UserId } from '../../shared/contracts/fields.ts';
import { register } from '../../shared/domain/profile.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Log } from '../../shared/runtime/logger.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';
import { readRow } from '../../shared/store/reads.ts';
import { studentRow } from '../../shared/store/rows.ts';
import { settle } from '../../shared/store/settle.ts';
import { asRead, commit } from '../../shared/store/transact.ts';

export const usedTables = ['students'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  readonly clock: Clock;
  readonly logger: Log;
}

/** What Cognito tells once a person has confirmed something. */
const Confirmation = z.object({
  triggerSource: z.string(),
  request: z.object({
    userAttributes: z.object({ sub: UserId, name: z.string().optional(), email: z.string().optional() }),
  }),
});

/**
 * Gives a person who has signed up a row, or an earlier row the name and address that it lacks; again changes
 * nothing. Cognito wants its event back within five seconds, and calls up to three times when it is late. A forgotten
 * password that was set anew is told in the same way and is no sign-up.
 *
 * Requests: Get of the student; Put, unless nothing changes.
 *
 * @throws Error, which the person who signs up is told of, when the row could not be written
 */
export function registerStudent({ documents, tables, clock, logger }: Dependencies) {
  return async <Event>(event: Event, { awsRequestId }: { readonly awsRequestId: string }): Promise<Event> => {
    try {
      const { triggerSource, request } = Confirmation.parse(event);
      if (triggerSource === 'PostConfirmation_ConfirmSignUp')
        await signUp(request.userAttributes, awsRequestId);
      return event;
    } catch (error) {
      logger.error('sign_up_failed', { requestId: awsRequestId }, error);
      throw error;
    }
  };

  function signUp(
    { sub: userId, name, email }: z.infer<typeof Confirmation>['request']['userAttributes'],
    requestId: string,
  ): Promise<void> {
    return settle(async () => {
      const student = await readRow(documents, studentRow(tables, userId));
      const now = clock().toISOString();
      const item = register({
        userId,
        student,
        name,
        email,
        now,
        cause: { causedBy: requestId, causedAt: now },
      });
      if (item === undefined) return;
      await commit(documents, [
        { kind: 'put', table: tables.students, item, when: asRead(student, 'userId') },
      ]);
    });
  }
}
