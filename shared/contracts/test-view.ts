import type { TestHead } from '../domain/qbank-states.ts';
import type { TestView } from './qbank.ts';

/** A test as lists show it: without its questions and without what is right. */
export function testView(test: TestHead): TestView {
  const { courseId, testId, status, wish, createdAt, closesAt, version } = test;
  const { startedAt, closedAt, closedBy, completedAt, score } = test;
  return {
    courseId,
    testId,
    status,
    mode: wish.mode,
    topics: [...wish.topics],
    from: wish.from,
    createdAt,
    ...(startedAt !== undefined && { startedAt }),
    closesAt,
    ...(closedAt !== undefined && { closedAt }),
    ...(closedBy !== undefined && { closedBy }),
    ...(completedAt !== undefined && { completedAt }),
    ...(score !== undefined && { score }),
    version,
  };
}
