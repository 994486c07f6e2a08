import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Empty } from '../parts.tsx';
import { More, Unread } from '../operate/page-parts.tsx';
import { useNews } from '../operate/use-news.ts';
import { useList } from '../operate/use-reply.ts';
import type { School } from '../school.ts';
import { useFirst } from '../use-first.ts';
import { Act } from './act.tsx';

const PAGE = 100;

/** Lets a question of the bank count no more, and again; the scores follow. */
export function Voiding({ school, courseId }: { readonly school: School; readonly courseId: string }) {
  const { actions, admin } = school;
  const [picked, setPicked] = useState<string>();
  const [reason, setReason] = useState('Two answers are right');
  const table = useList(courseId, async (cursor, signal) => {
    const query = { limit: PAGE, cursor };
    const { body } = await admin.api.call('get-question-table', { params: { courseId }, query, signal });
    return { rows: body.questions, cursor: body.cursor };
  });
  useNews(
    actions,
    ({ table: changed, key }) => changed === 'qbankQuestions' && key.startsWith(`${courseId}#`),
    table.again,
  );
  const first = useFirst(table.data?.[0]?.questionId);
  const shown = picked ?? first;
  const question = table.data?.find(({ questionId }) => questionId === shown) ?? table.data?.[0];
  if (question === undefined) {
    return (
      <>
        <Unread asked={table} what="The questions" />
        {table.data !== undefined && table.more === undefined && <Empty>The bank has no questions.</Empty>}
        <More list={table} about="questions" />
      </>
    );
  }
  const { questionId, questionVersion, voided } = question;
  const params = { courseId, questionId, questionVersion };
  return (
    <>
      <Unread asked={table} what="The questions" />
      <NativeSelect
        label="Question"
        size="xs"
        data={(table.data ?? []).map(({ questionId: value, stem, voided: isVoid }) => ({
          value,
          label: isVoid ? `${stem} (void)` : stem,
        }))}
        value={questionId}
        onChange={(event) => setPicked(event.currentTarget.value)}
      />
      <More list={table} about="questions" />
      <div className="control" data-fields>
        <TextInput
          className="grows"
          label="Why"
          size="xs"
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {voided ? (
          <Act
            actions={actions}
            names="Validate Question"
            of={`void ${questionId}`}
            label="Let it count again"
            besideField
            run={() => admin.api.call('validate-question', { params })}
            onDone={table.again}
          />
        ) : (
          <Act
            actions={actions}
            names="Void Question"
            of={questionId}
            label="Void"
            besideField
            about="the question"
            run={() => admin.api.call('void-question', { params, body: { reason } })}
            onDone={table.again}
          />
        )}
      </div>
    </>
  );
}
