import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Reply } from '../../../shared/client/api.ts';
import type { School } from '../school.ts';
import { Act } from './act.tsx';

export type CourseItem = NonNullable<Reply<'get-course'>['published']>['chapters'][number]['items'][number];

export interface OfStudent {
  readonly school: School;
  readonly userId: string;
  readonly courseId: string;
  readonly items: readonly CourseItem[];
}

/** Lets an item count as complete for a student, and takes that back. */
export function Waiving({ school, userId, courseId, items }: OfStudent) {
  const [picked, setPicked] = useState<string | undefined>(items[0]?.itemId);
  const [reason, setReason] = useState('Done elsewhere');
  const { actions, admin } = school;
  // What was picked may be in the course no more.
  const itemId = (items.find((item) => item.itemId === picked) ?? items[0])?.itemId ?? '';
  const params = { userId, courseId, itemId };
  const of = `${userId} ${itemId}`;
  return (
    <>
      <NativeSelect
        label="Item"
        size="xs"
        data={items.map((item) => ({ value: item.itemId, label: item.title }))}
        value={itemId}
        onChange={(event) => setPicked(event.currentTarget.value)}
      />
      <div className="control" data-fields>
        <TextInput
          className="grows"
          label="Why"
          size="xs"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Act
          actions={actions}
          names="Waive Item"
          of={of}
          label="Waive"
          besideField
          run={() => admin.api.call('waive-item', { params, body: { reason } })}
        />
        <Act
          actions={actions}
          names="Withdraw Waiver"
          of={of}
          label="Take back"
          besideField
          about="the waiver"
          run={() => admin.api.call('withdraw-waiver', { params })}
        />
      </div>
    </>
  );
}
