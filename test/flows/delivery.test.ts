import { describe, expect, it } from 'vitest';
import type { AdminAnalytics } from '../../shared/contracts/views.ts';
import { publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { expectInStep } from '../support/consistency.ts';
import { startSchool } from '../support/school.ts';

type Delivery = 'once' | 'twice' | 'shuffled';

/** Thirty learners do different amounts of one course, all at the same time. */
async function aDayOfSchool(delivery: Delivery): Promise<AdminAnalytics> {
  const school = await startSchool({ delivery, seed: 7 });
  try {
    const admin = await school.admin();
    const params = { courseId: 'day' };
    await publish(admin, 'day', threeChapters());
    await Promise.all(
      Array.from({ length: 30 }, async (_, index) => {
        const student = await school.student(`learner-${index}`);
        await student.call('enroll-directly', { params });
        if (index % 2 === 0)
          await student.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
        if (index % 3 === 0) {
          const film = { params: { ...params, videoId: 'film' } };
          await student.call('record-video-beat', { ...film, body: { intervals: [[0, 4]] } });
          await student.call('record-video-beat', { ...film, body: { intervals: [[3, 10]] } });
        }
        if (index % 5 === 0) {
          const quiz = { ...params, quizId: 'quiz' };
          await student.call('submit-quiz-attempt', {
            params: { ...quiz, attemptId: 'a' },
            body: { answers: {} },
          });
          await student.call('submit-quiz-attempt', {
            params: { ...quiz, attemptId: 'b' },
            body: rightAnswers,
          });
        }
        if (index % 7 === 1) await student.call('unenroll', { params });
      }),
    );
    await expectInStep(school);
    return (await admin.call('get-admin-analytics', { query: params })).body;
  } finally {
    await school.stack.stop();
  }
}

describe('Delivery of the streams', () => {
  it('makes no difference to any figure: once, twice, or again and out of order', async () => {
    const [once, twice, shuffled] = [
      await aDayOfSchool('once'),
      await aDayOfSchool('twice'),
      await aDayOfSchool('shuffled'),
    ];
    expect(once.totals).toMatchObject({
      enrollments: 30,
      byStatus: { cancelled: 5 },
      completions: 1,
      chaptersCompleted: 15,
      quizzes: { attempts: 12, scored: 12, passes: 6, learnersWithAttempt: 6 },
    });
    expect(twice).toEqual(once);
    expect(shuffled).toEqual(once);
  });
});
