import { Group, NativeSelect, NumberInput, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import type { Reply } from '../../../shared/client/api.ts';
import * as format from '../format.ts';
import { Act, ActForm, newId } from './act.tsx';
import type { Studying } from './study.tsx';

type Paper = Reply<'get-test'>;

/** A test of the question bank: made, answered, handed in. */
export function BankTest(studying: Studying & { readonly onDone: () => void }) {
  const { school, student, detail, onDone } = studying;
  const [paper, setPaper] = useState<Paper>();
  const [answered, setAnswered] = useState<ReadonlySet<string>>(new Set());
  if (paper === undefined) return <Begin {...studying} onPaper={setPaper} />;
  const params = { courseId: detail.courseId, testId: paper.testId };
  return (
    <Stack gap="xs" py={6}>
      {paper.questions.map((question) => (
        <Question
          key={question.questionId}
          {...studying}
          paper={paper}
          question={question}
          onAnswered={() => setAnswered(new Set([...answered, question.questionId]))}
        />
      ))}
      <div className="control">
        <Act
          actions={school.actions}
          names={['Test Completion', 'Test Score', 'Q-Bank Test']}
          label="Hand in the test"
          primary
          run={() => student.api.call('submit-test', { params })}
          onDone={onDone}
        />
        <span className="small quiet">
          {format.count(answered.size)} of {format.several(paper.questionCount, 'question')} answered
        </span>
      </div>
    </Stack>
  );
}

const MOST_QUESTIONS = 100;

interface AskedTest {
  readonly testId: string;
  readonly count: number | string;
  readonly mode: 'tutor' | 'timed';
}

function Begin({
  school,
  student,
  detail,
  onPaper,
}: Studying & { readonly onPaper: (paper: Paper) => void }) {
  // With the id of the test: what is asked for in another way is another test, and else the same one at a second try.
  const [asked, setAsked] = useState<AskedTest>(() => ({ testId: newId('test'), count: 3, mode: 'tutor' }));
  const { count, mode } = asked;
  const ask = (change: Partial<AskedTest>) => setAsked({ ...asked, ...change, testId: newId('test') });
  async function begin() {
    const params = { courseId: detail.courseId, testId: asked.testId };
    await student.api.call('start-test', { params, body: { mode, count: Number(count) } });
    await student.api.call('open-test', { params });
    return student.api.call('get-test', { params });
  }
  return (
    <ActForm
      actions={school.actions}
      names="Start Test"
      label="Start"
      about="the test"
      disabled={!(Number(count) >= 1)}
      run={begin}
      onDone={({ body }) => onPaper(body)}
    >
      <NumberInput
        label="Questions"
        size="xs"
        w={90}
        min={1}
        max={MOST_QUESTIONS}
        allowDecimal={false}
        value={count}
        onChange={(typed) => ask({ count: typed })}
      />
      <NativeSelect
        label="Solutions"
        size="xs"
        data={[
          { value: 'tutor', label: 'after each answer' },
          { value: 'timed', label: 'at the end' },
        ]}
        value={mode}
        onChange={(event) => ask({ mode: event.currentTarget.value === 'timed' ? 'timed' : 'tutor' })}
      />
    </ActForm>
  );
}

interface QuestionProps extends Studying {
  readonly paper: Paper;
  readonly question: Paper['questions'][number];
  readonly onAnswered: () => void;
}

function Question({ school, student, detail, paper, question, onAnswered }: QuestionProps) {
  // With the id of the answer: each choice is another answer, and the same one however often it is sent.
  const [choice, setChoice] = useState<{ readonly answerId: string; readonly optionId: string }>();
  const [said, setSaid] = useState<string>();
  const { questionId, stem, options } = question;
  const textOf = (key: string): string => options.find((option) => option.optionId === key)?.text ?? key;
  function tell(solution: Reply<'answer-question'>['solution']): string {
    if (solution === null) return 'Answered.';
    return solution.correct === true ? 'Right.' : `Wrong: ${textOf(solution.key)}.`;
  }
  async function answer() {
    if (choice === undefined) throw new Error('Nothing is chosen');
    const params = { courseId: detail.courseId, testId: paper.testId, questionId };
    return student.api.call('answer-question', { params, body: choice });
  }
  return (
    <div>
      <Radio.Group
        label={stem}
        size="xs"
        value={choice?.optionId ?? null}
        onChange={(optionId) => setChoice({ answerId: newId('answer'), optionId })}
      >
        <Stack gap={4} my={4}>
          {options.map((option) => (
            <Radio key={option.optionId} value={option.optionId} label={option.text} size="xs" />
          ))}
        </Stack>
      </Radio.Group>
      <Group gap="xs">
        <Act
          actions={school.actions}
          names="Question Attempt"
          label="Answer"
          about={stem}
          disabled={choice === undefined}
          run={answer}
          onDone={({ body }) => {
            setSaid(tell(body.solution));
            onAnswered();
          }}
        />
        <span className="small quiet" role="status">
          {said}
        </span>
      </Group>
    </div>
  );
}
