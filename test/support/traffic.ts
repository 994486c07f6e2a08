import { setTimeout as sleep } from 'node:timers/promises';
import type { ApiClient } from '../../shared/client/api.ts';
import type { TestSchool } from './school.ts';

/** People who study all the while. */
export interface Traffic {
  /** Calls that were answered so far. */
  readonly calls: () => number;
  /** Lets each of them end what they are at. @throws what a call was refused with */
  stop(): Promise<void>;
}

/**
 * So many people enroll in a course of a school as `fillSchool` makes it, watch, read, answer, are tested in its bank,
 * leave and come back, each with a rest between any two calls.
 */
export function startTraffic(
  school: TestSchool,
  given: { readonly courseId: string; readonly people: number; readonly restMs: number },
): Traffic {
  const { courseId, people, restMs } = given;
  const params = { courseId };
  let stopped = false;
  let calls = 0;

  const study = async (student: ApiClient, round: number) => {
    const steps: (() => Promise<unknown>)[] = [
      () => student.call('enroll-directly', { params }),
      () =>
        student.call('record-video-beat', {
          params: { ...params, videoId: 'film' },
          body: { intervals: [[round, round + 1]] },
        }),
      () => student.call('complete-chapter', { params: { ...params, chapterId: 'read' } }),
      () =>
        student.call('submit-quiz-attempt', {
          params: { ...params, quizId: 'quiz', attemptId: `try-${round % 15}` },
          body: { answers: { one: (round % 15) % 2 === 0 ? 'a' : 'b', two: 'a' } },
        }),
      () => practise(student, `test-${round}`),
      () => student.call('unenroll', { params }),
    ];
    for (const step of steps) {
      if (stopped) return;
      await step();
      calls += 1;
      await sleep(restMs);
    }
  };

  const practise = async (student: ApiClient, testId: string) => {
    const test = { ...params, testId };
    await student.call('start-test', { params: test, body: { mode: 'tutor', count: 3 } });
    const { body } = await student.call('get-test', { params: test });
    for (const { questionId } of body.questions.slice(0, 2)) {
      await student.call('answer-question', {
        params: { ...test, questionId },
        body: { answerId: questionId, optionId: 'a', seconds: 1 },
      });
    }
    await student.call('submit-test', { params: test });
  };

  const persons = Array.from({ length: people }, async (_, index) => {
    const student = await school.student(`busy-${index}`);
    for (let round = 0; !stopped; round += 1) await study(student, round);
  });
  // Told of by `stop`.
  const ended = Promise.allSettled(persons);
  return {
    calls: () => calls,
    async stop() {
      stopped = true;
      await ended;
      await Promise.all(persons);
    },
  };
}
