import * as z from 'zod';
import {
  type AdminChange,
  adminChangeVariables,
  type StudentChange,
  studentChangeVariables,
} from '../contracts/publish.ts';
import { publishAdminChange, publishStudentChange } from '../contracts/topics.ts';
import type { Log } from './logger.ts';
import { createSignedFetch, type SigningOptions } from './signed-fetch.ts';

/** Tells subscribers of changes. A publish is a hint: one that fails is logged, and nothing waits for it. */
export interface Publisher {
  /** Resolves to whether it was published. Never rejects. */
  student(change: StudentChange): Promise<boolean>;
  admin(change: AdminChange): Promise<boolean>;
}

export interface PublisherOptions extends SigningOptions {
  /** Address of the GraphQL API. */
  readonly url: string;
  readonly logger: Log;
  readonly sleep?: (ms: number) => Promise<void>;
}

const TRIES = 3;

/** Publishes by mutations signed for the service `appsync`. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { url, logger, sleep = wait } = options;
  const send = createSignedFetch('appsync', options);

  const mutate = async (query: string, variables: unknown) => {
    const reply = await send(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const text = await reply.text();
    if (!reply.ok) throw new PublishError(`The GraphQL API replied ${reply.status}`);
    // GraphQL says with status 200 what went wrong.
    const { errors } = GraphqlReply.parse(JSON.parse(text));
    if (errors != null && errors.length > 0) {
      throw new PublishError(`The GraphQL API refused: ${errors.map(nameOf).join(', ')}`);
    }
  };

  const publish = async (
    ids: { eventId: string; topic: string },
    query: string,
    variables: () => unknown,
  ) => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await mutate(query, variables());
        return true;
      } catch (error) {
        if (attempt < TRIES && !(error instanceof z.ZodError)) {
          await sleep(Math.random() * 50 * 2 ** attempt);
          continue;
        }
        logger.warn('publish_failed', { ...ids, attempt }, error);
        return false;
      }
    }
  };

  return {
    student: (change) =>
      publish({ eventId: change.eventId, topic: 'student' }, publishStudentChange, () =>
        studentChangeVariables(change),
      ),
    admin: (change) =>
      publish({ eventId: change.eventId, topic: 'admin' }, publishAdminChange, () =>
        adminChangeVariables(change),
      ),
  };
}

class PublishError extends Error {
  override readonly name = 'PublishError';
}

const GraphqlReply = z.object({
  errors: z.array(z.object({ errorType: z.string().nullish() })).nullish(),
});

function nameOf(error: { errorType?: string | null | undefined }): string {
  return error.errorType ?? 'unnamed error';
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
