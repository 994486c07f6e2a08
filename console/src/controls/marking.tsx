import { NativeSelect, NumberInput } from '@mantine/core';
import { useState } from 'react';
import type { Reply } from '../../../shared/client/api.ts';
import * as format from '../format.ts';
import { Empty } from '../parts.tsx';
import { Unread } from '../operate/page-parts.tsx';
import { useOther } from '../operate/use-news.ts';
import { useReply } from '../operate/use-reply.ts';
import { useLiveView } from '../school.ts';
import { ActForm, ControlGroup } from './act.tsx';
import type { OfStudent } from './waiving.tsx';

type Fact = Reply<'explain-progress'>['items'][number]['facts'][number];
type Attempt = Extract<Fact, { readonly from: 'quizAttempts' }>;

interface Picked {
  readonly quizId: string;
  /** Until one is picked, the first is shown. */
  readonly attemptId?: string;
  /** Of the attempt as it was when the score was begun: nobody's newer mark is overwritten unseen. */
  readonly version?: number;
}

/** Marks an attempt at a quiz that no key marks, those without a mark first; nothing where the course has none. */
export function Marking({ school, userId, courseId, items }: OfStudent) {
  const quizzes = items.filter((item) => item.kind === 'quiz' && item.marking.by === 'hand');
  const [picked, setPicked] = useState<Picked>();
  const [score, setScore] = useState<number | string>('');
  // The next one is shown without waiting for what was marked to be read.
  const [lastMarked, setLastMarked] = useState<string>();
  const analytics = useLiveView('AdminAnalytics');
  const quizId = picked?.quizId ?? quizzes[0]?.itemId;
  const explained = useReply(quizId === undefined ? undefined : `${userId} ${courseId}`, async (signal) => {
    const params = { userId, courseId };
    return (await school.admin.api.call('explain-progress', { params, signal })).body;
  });
  // An attempt that is handed in, or marked, moves the analytics.
  useOther(analytics?.etag, explained.again);
  if (quizId === undefined) return null;
  const attempts = attemptsAt(explained.data, quizId, lastMarked);
  const attempt = attempts.find(({ attemptId }) => attemptId === picked?.attemptId) ?? attempts[0];
  /** A score is of the attempt that was shown as it was typed, however many are handed in meanwhile. */
  function begin(next: Picked): void {
    setPicked(next);
    setScore('');
  }
  const quizChoice = (
    <NativeSelect
      className="grows"
      label="Quiz"
      size="xs"
      data={quizzes.map(({ itemId, title }) => ({ value: itemId, label: title }))}
      value={quizId}
      onChange={(event) => {
        begin({ quizId: event.currentTarget.value });
        setLastMarked(undefined);
      }}
    />
  );
  return (
    <ControlGroup name="Mark an attempt">
      <Unread asked={explained} what="What the student has handed in" />
      {attempt === undefined ? (
        <>
          {quizChoice}
          {explained.data !== undefined && <Empty>The student has handed in none yet.</Empty>}
        </>
      ) : (
        <ActForm
          actions={school.actions}
          names="Mark Attempt"
          of={`${quizId} ${attempt.attemptId}`}
          label="Mark"
          disabled={score === '' || Number.isNaN(Number(score))}
          run={() =>
            school.admin.api.call('mark-quiz-attempt', {
              params: { courseId, quizId, userId, attemptId: attempt.attemptId },
              body: { score: Number(score), ifVersion: picked?.version ?? attempt.version },
            })
          }
          onDone={() => {
            begin({ quizId });
            setLastMarked(attempt.attemptId);
            explained.again();
          }}
          // Somebody else may have marked it: the next try is of that mark.
          onFail={() => {
            setPicked({ quizId, attemptId: attempt.attemptId });
            explained.again();
          }}
        >
          {quizChoice}
          <NativeSelect
            className="grows"
            label="Attempt"
            size="xs"
            data={attempts.map((each) => ({ value: each.attemptId, label: nameOf(each) }))}
            value={attempt.attemptId}
            onChange={(event) => begin({ quizId, attemptId: event.currentTarget.value })}
          />
          <NumberInput
            label="Score"
            size="xs"
            w={80}
            min={0}
            max={100}
            value={score}
            onChange={(typed) => {
              const { attemptId, version } = attempt;
              setPicked({ version, ...picked, quizId, attemptId });
              setScore(typed);
            }}
          />
        </ActForm>
      )}
    </ControlGroup>
  );
}

function attemptsAt(
  explained: Reply<'explain-progress'> | undefined,
  quizId: string,
  lastMarked: string | undefined,
): Attempt[] {
  const facts = explained?.items.find(({ itemId }) => itemId === quizId)?.facts ?? [];
  const attempts = facts.filter((fact): fact is Attempt => fact.from === 'quizAttempts');
  const isMarked = ({ score, attemptId }: Attempt) => Number(score !== null || attemptId === lastMarked);
  return attempts.toSorted((one, other) => isMarked(one) - isMarked(other) || other.number - one.number);
}

function nameOf({ number, score }: Attempt): string {
  return `${number}, ${score === null ? 'not marked' : `marked ${format.score(score)}`}`;
}
