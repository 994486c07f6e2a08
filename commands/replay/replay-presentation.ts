import WebSocket from 'ws';
import type { ApiClient } from '../../shared/client/api.ts';
import { studentTopic } from '../../shared/client/realtime-topic.ts';
import { connectRealtime } from '../../shared/client/realtime.ts';
import type { School } from '../school.ts';
import { figuresOf, type PresentationFigures } from './figures.ts';
import { runInOrder } from './in-order.ts';
import type { createStopwatch } from './latency.ts';
import type { PresentationHistory, Step } from './oulad.ts';
import { adminOf, studentOf } from './people.ts';

/** AppSync lets a connection listen to this many topics. */
const TOPICS_PER_CONNECTION = 100;

/** Learners whose events are watched to measure how long a change takes to reach them. */
const WATCHED_LEARNERS = 100;

/** How to replay one presentation. */
export interface ReplayOptions {
  /** Calls under way together. */
  readonly atOnce: number;
  readonly stopwatch: ReturnType<typeof createStopwatch>;
  /** Called after each step. */
  readonly onStep: () => void;
}

/** Sends a presentation's steps through the API of a school, in the order of their days. */
export async function replayPresentation(
  school: School,
  history: PresentationHistory,
  options: ReplayOptions,
): Promise<void> {
  const admin = await adminOf(school);
  const params = { courseId: history.courseId };
  await admin.call('put-course', { params, body: history.course });
  await admin.call('set-course-status', { params, body: { status: 'published' } });

  const learners = new Map<string, ApiClient>();
  for (const learner of new Set(history.steps.map((step) => step.learner))) {
    learners.set(learner, await studentOf(school, learner));
  }
  const watch = await watchLearners(
    school,
    [...learners.keys()].slice(0, WATCHED_LEARNERS),
    options.stopwatch,
  );
  try {
    await runInOrder(history.steps, {
      atOnce: options.atOnce,
      keyOf: (step) => step.learner,
      run: async (step) => {
        const learner = learners.get(step.learner);
        if (learner !== undefined) await take(step, history.courseId, learner, admin, options.stopwatch);
        options.onStep();
      },
    });
    await school.quiet();
  } finally {
    watch.close();
  }
}

/** What the admin analytics of the school say of a presentation that was replayed. */
export async function readFigures(
  school: School,
  history: PresentationHistory,
): Promise<PresentationFigures> {
  const admin = await adminOf(school);
  const { body } = await admin.call('get-admin-analytics', { query: { courseId: history.courseId } });
  return figuresOf(history.name, body);
}

/** Performs one step. Keys and ids derive from the data, so a step taken again has no second effect. */
async function take(
  step: Step,
  courseId: string,
  learner: ApiClient,
  admin: ApiClient,
  stopwatch: ReplayOptions['stopwatch'],
): Promise<void> {
  if (step.kind === 'enroll' || step.kind === 'withdraw') {
    const idempotencyKey = `replay:${step.kind}:${courseId}:${step.learner}`;
    const operation = step.kind === 'enroll' ? 'enroll-directly' : 'unenroll';
    await learner.call(operation, { params: { courseId }, idempotencyKey });
    stopwatch.replied(idempotencyKey);
    return;
  }
  const attempt = { courseId, quizId: step.quizId, attemptId: 'handed-in' };
  const handedIn = `replay:attempt:${step.quizId}:${step.learner}`;
  await learner.call('submit-quiz-attempt', { params: attempt, body: {}, idempotencyKey: handedIn });
  if (step.score === null) return;
  const marked = `replay:mark:${step.quizId}:${step.learner}`;
  const params = { ...attempt, userId: step.learner };
  await admin.call('mark-quiz-attempt', { params, body: { score: step.score }, idempotencyKey: marked });
  stopwatch.replied(marked);
}

async function watchLearners(
  school: School,
  learners: readonly string[],
  stopwatch: ReplayOptions['stopwatch'],
): Promise<{ close(): void }> {
  const token = await school.token('replay-watcher', ['admin']);
  const connections: ReturnType<typeof connectRealtime>[] = [];
  const ready: Promise<void>[] = [];
  for (let first = 0; first < learners.length; first += TOPICS_PER_CONNECTION) {
    const connection = connectRealtime({ url: school.graphqlUrl, token: () => token, WebSocket });
    connections.push(connection);
    for (const learner of learners.slice(first, first + TOPICS_PER_CONNECTION)) {
      ready.push(
        new Promise((resolve, reject) => {
          connection.subscribe(
            studentTopic(learner),
            (event) => {
              for (const row of event.rows) stopwatch.seen(row.causedBy);
            },
            resolve,
            (problem) => reject(new Error(`No events of learner ${learner}: ${problem.message}`)),
          );
        }),
      );
    }
  }
  await Promise.all(ready);
  return { close: () => connections.forEach((connection) => connection.close()) };
}
