import { Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import * as format from '../format.ts';
import { ActForm, newId } from './act.tsx';
import type { ItemOf, Studying } from './study.tsx';

interface QuizFormProps extends Studying {
  readonly quiz: ItemOf<'quiz'>;
  readonly onDone: () => void;
}

interface Attempt {
  readonly attemptId: string;
  readonly answers: Readonly<Record<string, string>>;
}

/** An attempt at a quiz. A question that is left out is blank. */
export function QuizForm({ school, student, detail, quiz, onDone }: QuizFormProps) {
  // What is sent again after a lost reply is the same attempt, and what was changed since is another one.
  const [attempt, setAttempt] = useState<Attempt>(() => ({ attemptId: newId('attempt'), answers: {} }));
  const { attemptId, answers } = attempt;
  const { itemId: quizId, title, questions, attempts, maxAttempts, markedByHand, passMark } = quiz;
  return (
    <ActForm
      actions={school.actions}
      names={['Quiz Submit', 'Quiz Completed', 'Complete Quiz']}
      alsoNamed={({ body }) => (body.passed === true ? ['Quiz Passed'] : [])}
      label="Hand in"
      about={title}
      primary
      run={() =>
        student.api.call('submit-quiz-attempt', {
          params: { courseId: detail.courseId, quizId, attemptId },
          body: markedByHand ? {} : { answers },
        })
      }
      onDone={onDone}
    >
      <Stack gap="xs" py={6} w="100%">
        {questions.map(({ questionId, stem, options }) => (
          <Radio.Group
            key={questionId}
            label={stem}
            size="xs"
            value={answers[questionId] ?? null}
            onChange={(optionId) =>
              setAttempt({ attemptId: newId('attempt'), answers: { ...answers, [questionId]: optionId } })
            }
          >
            <Stack gap={4} mt={4}>
              {options.map(({ optionId, text }) => (
                <Radio key={optionId} value={optionId} label={text} size="xs" />
              ))}
            </Stack>
          </Radio.Group>
        ))}
        <span className="small quiet">
          {markedByHand && 'An admin marks it. '}
          Passed from {format.score(passMark)} on, {format.count(attempts)} of{' '}
          {format.several(maxAttempts, 'attempt')} made.
        </span>
      </Stack>
    </ActForm>
  );
}
