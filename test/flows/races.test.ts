import { describe, expect, it } from 'vitest';
import { markedByHand, publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { expectInStep } from '../support/consistency.ts';
import { useSchool } from '../support/school.ts';

describe('Races', () => {
  const school = useSchool();

  it('unites what two devices play of one video at the same time', async () => {
    const admin = await school().admin();
    const student = await school().student('two-devices');
    const params = { courseId: 'devices', videoId: 'film' };
    await publish(admin, 'devices', threeChapters());
    await student.call('enroll-directly', { params });
    const pieces: [number, number][] = [
      [0, 2],
      [1, 3],
      [2, 4],
      [3, 5],
      [0, 1],
      [4, 5],
      [5, 6],
      [4, 6],
    ];
    await Promise.all(
      pieces.map((piece) => student.call('record-video-beat', { params, body: { intervals: [piece] } })),
    );
    const { body } = await student.call('record-video-beat', { params, body: { intervals: [[0, 1]] } });
    expect(body).toMatchObject({ intervals: [[0, 6]], watchedSeconds: 6, percent: 60 });
    await expectInStep(school());
  });

  it('lets one of two different marks given at once win and tells the other the version', async () => {
    const admin = await school().admin();
    const student = await school().student('marked-twice');
    const attempt = { courseId: 'marks', quizId: 'essay', attemptId: 'a' };
    await publish(admin, 'marks', markedByHand());
    await student.call('enroll-directly', { params: { courseId: 'marks' } });
    await student.call('submit-quiz-attempt', { params: attempt, body: {} });
    const params = { ...attempt, userId: 'marked-twice' };
    const outcomes = await Promise.allSettled(
      [55, 65].map((score) => admin.call('mark-quiz-attempt', { params, body: { score } })),
    );
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled').map(({ value }) => value.body);
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
    expect(won).toHaveLength(1);
    expect(lost).toMatchObject([
      { status: 409, problem: { code: 'mark_conflict', details: { version: won[0]?.version } } },
    ]);
    await expectInStep(school());
    const { body } = await admin.call('get-admin-analytics', { query: { courseId: 'marks' } });
    expect(body.totals.quizzes).toMatchObject({ scored: 1, meanScore: won[0]?.score });
  });

  it('keeps a fact that is projected while its learner leaves, for the return', async () => {
    const admin = await school().admin();
    const params = { courseId: 'leaving' };
    await publish(admin, 'leaving', threeChapters());
    const learners = await Promise.all(
      Array.from({ length: 10 }, async (_, index) => school().student(`leaver-${index}`)),
    );
    await Promise.all(
      learners.map(async (learner) => {
        await learner.call('enroll-directly', { params });
        await learner.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
        await learner.call('unenroll', { params });
      }),
    );
    await expectInStep(school());
    for (const learner of learners) {
      const { body } = await learner.call('get-student-dashboard');
      expect(body.enrollments).toMatchObject([{ status: 'cancelled', progress: 33 }]);
    }
  });

  it('completes a course once when its last items are completed at once', async () => {
    const admin = await school().admin();
    const student = await school().student('finisher');
    const params = { courseId: 'finish' };
    await publish(admin, 'finish', threeChapters());
    await student.call('enroll-directly', { params });
    await student.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
    const completeLast = () =>
      Promise.all([
        student.call('complete-chapter', { params: { ...params, chapterId: 'watch' } }),
        student.call('submit-quiz-attempt', {
          params: { ...params, quizId: 'quiz', attemptId: 'a' },
          body: rightAnswers,
        }),
      ]);
    const [first, second] = await Promise.all([completeLast(), completeLast()]);
    expect(first.map((reply) => reply.body)).toEqual(second.map((reply) => reply.body));
    await expectInStep(school());
    const { body } = await admin.call('get-admin-analytics', { query: params });
    expect(body.totals).toMatchObject({
      completions: 1,
      byStatus: { completed: 1 },
      quizzes: { attempts: 1 },
    });
  });
});
