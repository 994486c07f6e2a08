import { Code } from '@mantine/core';
import type { Session } from '../session.ts';
import { Answered } from './page-parts.tsx';
import { useReply } from './use-reply.ts';

interface FailureContentProps {
  readonly admin: Session;
  readonly failureId: string;
}

/** The record as it was set aside. It is read only when somebody opens it: it may hold what people wrote. */
export function FailureContent({ admin, failureId }: FailureContentProps) {
  const asked = useReply(failureId, async (signal) => {
    return (await admin.api.call('get-failure', { params: { failureId }, signal })).body;
  });
  return (
    <Answered asked={asked} what="The record">
      {({ record }) => (
        <div className="record" tabIndex={0} role="group" aria-label="The record">
          <Code block>{JSON.stringify(record, null, 2)}</Code>
        </div>
      )}
    </Answered>
  );
}
