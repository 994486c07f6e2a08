import { afterEach, describe, expect, it } from 'vitest';
import type { Fault } from '../../infra/local/dynamodb/faults.ts';
import { publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { expectInStep } from '../support/consistency.ts';
import { useSchool } from '../support/school.ts';

const writers = [
  { functionName: 'lockstep-project-progress', operation: 'TransactWriteItems' },
  { functionName: 'lockstep-aggregate-analytics', operation: 'TransactWriteItems' },
  { functionName: 'lockstep-enroll-directly', operation: 'TransactWriteItems' },
  { functionName: 'lockstep-submit-quiz-attempt', operation: 'PutItem' },
] as const;

const faults: readonly Fault[] = [
  { kind: 'conflict' },
  { kind: 'item-throttle', item: 0 },
  { kind: 'throttle' },
  { kind: 'lost-reply' },
  { kind: '500-before' },
  { kind: '500-after' },
];

describe('A fault on the wire', () => {
  const school = useSchool();
  afterEach(() => school().stack.gate.faults.clear());

  const cases = writers.flatMap((writer) => faults.map((fault) => ({ ...writer, fault, kind: fault.kind })));

  it.each(cases)('of kind $kind in $functionName loses nothing and counts nothing twice', async (each) => {
    const courseId = `${each.functionName}-${each.kind}`;
    const admin = await school().admin();
    const student = await school().student(`s-${courseId}`);
    const params = { courseId };
    await publish(admin, courseId, threeChapters());
    await school().quiet();
    const injected = school().stack.gate.faults.inject({
      match: { function: each.functionName, operation: each.operation },
      fault: each.fault,
      times: 3,
    });
    await student.call('enroll-directly', { params });
    await student.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
    await student.call('submit-quiz-attempt', {
      params: { ...params, quizId: 'quiz', attemptId: 'a' },
      body: rightAnswers,
    });
    await expectInStep(school());
    expect(injected.count).toBeGreaterThan(0);
    const { body } = await admin.call('get-admin-analytics', { query: params });
    expect(body.totals).toMatchObject({
      enrollments: 1,
      meanProgress: 66,
      chaptersCompleted: 1,
      quizzes: { attempts: 1, passes: 1 },
    });
  });
});
