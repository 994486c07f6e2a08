import { DeleteCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectRealtime } from '../../shared/client/realtime.ts';
import { adminsTopic, studentTopic } from '../../shared/client/realtime-topic.ts';
import type { AdminChange, StudentChange } from '../../shared/contracts/publish.ts';
import { fillBank, question } from '../support/bank.ts';
import { expectInStep } from '../support/consistency.ts';
import { practising } from '../support/courses.ts';
import { useSchool } from '../support/school.ts';

const QUESTIONS = ['q1', 'q2', 'q3', 'q4'];

describe('The question bank', () => {
  const school = useSchool();

  /** A course that is all practice, and a student in it with a test of all its questions open. */
  async function takeTest(courseId: string, userId: string, mode: 'timed' | 'tutor' = 'timed') {
    const admin = await school().admin();
    const student = await school().student(userId);
    const params = { courseId };
    await admin.call('put-course', { params, body: practising(QUESTIONS.length) });
    await fillBank(
      admin,
      courseId,
      QUESTIONS.map((questionId) => question(questionId)),
    );
    await admin.call('set-course-status', { params, body: { status: 'published' } });
    await student.call('enroll-directly', { params });
    const test = { courseId, testId: 'test' };
    await student.call('start-test', { params: test, body: { mode, count: QUESTIONS.length } });
    await student.call('open-test', { params: test });
    const answer = (questionId: string, optionId: string, answerId = `${questionId}-${optionId}`) =>
      student.call('answer-question', {
        params: { ...test, questionId },
        body: { optionId, answerId, seconds: 7 },
      });
    return { admin, student, test, answer };
  }

  it('moves progress and statistics on every page, and tells those who look, but nobody a key', async () => {
    const { admin, student, test, answer } = await takeTest('telling', 'told');
    const params = { courseId: 'telling' };
    const connect = async (...who: Parameters<ReturnType<typeof school>['token']>) => {
      const token = await school().token(...who);
      return connectRealtime({ url: school().graphqlUrl, token: () => token, WebSocket });
    };
    const [own, all] = await Promise.all([connect('told'), connect('the-admin', ['admin'])]);
    const toStudent: StudentChange[] = [];
    const toAdmins: AdminChange[] = [];
    await Promise.all([
      new Promise<void>((ready) => {
        own.subscribe(studentTopic('told'), (event) => toStudent.push(event), ready);
      }),
      new Promise<void>((ready) => {
        all.subscribe(adminsTopic(), (event) => toAdmins.push(event), ready);
      }),
    ]);

    await answer('q1', 'a');
    await answer('q2', 'b');
    await school().quiet();
    const [progress, detail, bank, table] = await Promise.all([
      student.call('get-student-progress'),
      student.call('get-student-course-detail', { params }),
      student.call('get-student-qbank', { params }),
      admin.call('get-question-table', { params }),
    ]);
    expect(progress.body.courses[0]).toMatchObject({ totalProgress: 25, answeredQuestions: 2 });
    expect(detail.body.chapters[1]?.items).toMatchObject([{ kind: 'qbank', questions: 4, answered: 2 }]);
    expect(bank.body).toMatchObject({
      answered: 2,
      completedTests: 0,
      topics: [{ topic: 'heart', answered: 2, firstAnswers: 0 }],
      tests: [{ testId: 'test', status: 'in_progress' }],
    });
    const peopleOf = new Map(table.body.questions.map((each) => [each.questionId, each.figures.people]));
    expect(QUESTIONS.map((questionId) => peopleOf.get(questionId as never))).toEqual([1, 1, 0, 0]);
    // Of their own student nothing yet says which answers are right.
    for (const reply of [progress, detail, bank]) {
      expect(JSON.stringify(reply.body)).not.toMatch(/"key"|correct|Because/);
    }
    expect(JSON.stringify(toStudent)).not.toMatch(/key"?:"a"|correct|right\./);

    await student.call('submit-test', { params: test });
    await school().quiet();
    const [after, { body: analytics }] = await Promise.all([
      student.call('get-student-qbank', { params }),
      admin.call('get-admin-analytics', { query: params }),
    ]);
    expect(after.body).toMatchObject({
      completedTests: 1,
      meanScore: 25,
      accuracy: 50,
      topics: [{ answered: 2, firstAnswers: 2, accuracy: 0.5 }],
      tests: [{ status: 'completed', score: 25 }],
    });
    expect(analytics.totals.qbank).toEqual({ answers: 2, correct: 1, tests: 1, meanScore: 25 });
    expect(analytics.qbankScores).toMatchObject({ tests: 1, mean: 25, deviation: null });
    const viewsOf = (events: readonly (StudentChange | AdminChange)[]) =>
      new Set(events.flatMap(({ views }): string[] => views));
    expect([...viewsOf(toStudent)]).toEqual(
      expect.arrayContaining(['StudentProgress', 'StudentCourseDetail', 'StudentDashboard']),
    );
    expect([...viewsOf(toAdmins)]).toContain('AdminAnalytics');
    own.close();
    all.close();
    await expectInStep(school());
  });

  it('ends in one test, whatever two devices and the end do at the same time', async () => {
    const { student, test, answer } = await takeTest('two-devices', 'double');
    const devices = ['a', 'b'].map(async (optionId) => {
      for (const questionId of QUESTIONS) await answer(questionId, optionId);
    });
    const ending = (async () => {
      await answer('q1', 'c');
      await student.call('submit-test', { params: test });
    })();
    const outcomes = await Promise.allSettled([...devices, ending]);
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
    for (const reason of refused) expect(reason).toMatchObject({ problem: { code: 'test_closed' } });
    const { body } = await student.call('get-test', { params: test });
    expect(body.status).toBe('completed');
    const right = body.questions.filter(({ solution }) => solution?.correct === true).length;
    expect(body.score).toBe(25 * right);
    await expectInStep(school());
  });

  it('closes by the clock what nobody hands in', async () => {
    const { student, test, answer } = await takeTest('closing', 'sleeper');
    await answer('q1', 'a');
    const past = new Date(Date.now() - 1000).toISOString();
    await school().documents.send(
      new UpdateCommand({
        TableName: 'qbankTests',
        Key: { userId: 'sleeper', test: 'closing#test' },
        UpdateExpression: 'SET closesAt = :past, dueAt = :past, version = version + :one',
        ExpressionAttributeValues: { ':past': past, ':one': 1 },
      }),
    );
    await expect(answer('q2', 'a')).rejects.toMatchObject({ problem: { code: 'test_closed' } });
    expect(await school().stack.schedules.fireNow('lockstep-close-tests')).toMatchObject({ ok: true });
    expect((await student.call('get-test', { params: test })).body).toMatchObject({
      status: 'completed',
      closedBy: 'clock',
      closedAt: past,
      score: 25,
    });
    await expectInStep(school());
  });

  it('takes back what a student contributed whose rows are removed', async () => {
    const { admin, student, test, answer } = await takeTest('leaving-no-trace', 'removed');
    for (const questionId of QUESTIONS) await answer(questionId, 'a');
    await student.call('submit-test', { params: test });
    await school().quiet();
    const query = { courseId: 'leaving-no-trace' };
    const figures = async () => {
      const { body } = await admin.call('get-admin-analytics', { query });
      const { body: table } = await admin.call('get-question-table', { params: query });
      return [body.totals.qbank.answers, body.qbankScores?.tests, table.questions[0]?.figures.people];
    };
    expect(await figures()).toEqual([4, 1, 1]);
    const remove = (TableName: string, Key: Record<string, string>) =>
      school().documents.send(new DeleteCommand({ TableName, Key }));
    await remove('qbankTests', { userId: 'removed', test: 'leaving-no-trace#test' });
    await remove('qbankRecords', { userId: 'removed', courseId: 'leaving-no-trace' });
    for (const questionId of QUESTIONS) {
      await remove('qbankQuestionAttempts', {
        userId: 'removed',
        attempt: `leaving-no-trace#test#${questionId}`,
      });
    }
    await school().quiet();
    expect(await figures()).toEqual([0, 0, 0]);
  });
});
