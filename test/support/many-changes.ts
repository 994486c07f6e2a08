import { publish, rightAnswers, threeChapters } from './courses.ts';
import type { TestSchool } from './school.ts';

/** The course of the detail. */
export const WATCHED_COURSE = 'watched';

/** Changes in a round, each of them a call. */
export const CHANGES_A_ROUND = 10;

/**
 * Opens a school of four courses in which `userId` learns, and gives rounds of changes to make in it: each reaches all
 * nine views, by what that student does, what others do, and what an admin does. No change repeats another.
 */
export async function manyChanges(
  school: TestSchool,
  userId: string,
): Promise<(round: number) => Promise<void>> {
  const admin = await school.admin();
  const own = await school.student(userId);
  const film = threeChapters();
  film.outline.chapters[1]!.items = [{ kind: 'video', itemId: 'film', title: 'Film', durationSeconds: 1000 }];
  await publish(admin, WATCHED_COURSE, film);
  await publish(admin, 'second', threeChapters({ title: 'Second' }));
  await publish(admin, 'asked-for', threeChapters({ title: 'Asked for', access: 'request' }));
  await publish(admin, 'asked-again', threeChapters({ title: 'Asked again', access: 'request' }));
  await own.call('enroll-directly', { params: { courseId: WATCHED_COURSE } });
  await school.quiet();

  const params = { courseId: WATCHED_COURSE };
  const text = { ...params, userId, itemId: 'text' };
  const again = { courseId: 'asked-again' };
  const another = async (round: number): Promise<void> => {
    const name = `learner-${round}`;
    const learner = await school.student(name);
    await learner.call('enroll-directly', { params });
    const quiz = { ...params, quizId: 'quiz', attemptId: 'first' };
    await learner.call('submit-quiz-attempt', { params: quiz, body: rightAnswers });
    const asked = { courseId: 'asked-for' };
    await learner.call('request-access', { params: asked, body: {} });
    await admin.call('approve-request', { params: { ...asked, userId: name } });
    await admin.call('enroll-student', { params: { courseId: 'second', userId: name } });
  };
  return async (round) => {
    const isEven = round % 2 === 0;
    await Promise.all([
      another(round),
      own.call('put-student-profile', { body: { name: `Ada the ${round}th` } }),
      own.call('record-video-beat', {
        params: { ...params, videoId: 'film' },
        body: { intervals: [[round * 15, round * 15 + 10]] },
      }),
      isEven
        ? admin.call('waive-item', { params: text, body: { reason: 'Knows it' } })
        : admin.call('withdraw-waiver', { params: text }),
      own.call(isEven ? 'enroll-directly' : 'unenroll', { params: { courseId: 'second' } }),
      isEven
        ? own.call('request-access', { params: again, body: {} })
        : own.call('withdraw-request', { params: again }),
    ]);
  };
}
