import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { Empty } from '../parts.tsx';
import { type School, useLiveView } from '../school.ts';
import { Act } from './act.tsx';

/** As many as are shown; the others move up. */
const MOST = 5;

/** Who waits, to be let in or turned down. */
export function Requests({ school }: { readonly school: School }) {
  const [reason, setReason] = useState('The class is full');
  const waiting = (useLiveView('AdminRequests')?.data.requests ?? []).filter(
    ({ status }) => status === 'pending',
  );
  const { actions, admin } = school;
  if (waiting.length === 0) return <Empty>Nobody waits to be let in.</Empty>;
  return (
    <>
      <ul className="lines">
        {waiting.slice(0, MOST).map(({ userId, courseId, name = userId, title }) => (
          <li className="line" key={`${userId} ${courseId}`}>
            <span>
              {name}
              <span className="quiet"> · {title}</span>
            </span>
            <span className="control">
              <Act
                actions={actions}
                names={['Request Approval', 'Approve Request']}
                label="Approve"
                about={`${name} for ${title}`}
                primary
                run={() => admin.api.call('approve-request', { params: { userId, courseId } })}
              />
              <Act
                actions={actions}
                names="Reject Request"
                label="Reject"
                about={`${name} for ${title}`}
                run={() =>
                  admin.api.call('reject-request', { params: { userId, courseId }, body: { reason } })
                }
              />
            </span>
          </li>
        ))}
      </ul>
      <TextInput
        label="Reason for a rejection"
        size="xs"
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </>
  );
}
