import { expect, it } from 'vitest';
import { expectInStep } from '../support/consistency.ts';
import { publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { describeSchool } from '../support/school.ts';

describeSchool('A course that changes', (school) => {
  it('takes everybody in it along, as the preview has told, without anybody doing anything', async () => {
    const admin = await school().admin();
    const params = { courseId: 'changing' };
    await publish(admin, 'changing', threeChapters());
    for (const userId of ['chloe', 'chris', 'cleo']) {
      await (await school().student(userId)).call('enroll-directly', { params });
    }
    const chloe = await school().student('chloe');
    for (const chapterId of ['read', 'watch']) {
      await chloe.call('complete-chapter', { params: { ...params, chapterId } });
    }
    const attempt = { ...params, quizId: 'quiz', attemptId: 'only' };
    await chloe.call('submit-quiz-attempt', { params: attempt, body: rightAnswers });
    const chris = await school().student('chris');
    await chris.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
    await school().quiet();
    const percents = async () => {
      const { body } = await admin.call('get-admin-students', { query: params });
      return Object.fromEntries(
        body.students.map(({ userId, enrollments }) => [userId, enrollments?.[0]?.progress]),
      );
    };
    expect(await percents()).toEqual({ chloe: 100, chris: 33, cleo: 0 });

    const { chapters } = threeChapters().outline;
    const more = { chapterId: 'more', title: 'More', items: [{ kind: 'reading', itemId: 'r', title: 'R' }] };
    const outline = { chapters: [...chapters, more as (typeof chapters)[number]] };
    await admin.call('put-course', { params, body: threeChapters({ outline }) });
    const { body: preview } = await admin.call('preview-course', { params });
    expect(preview).toMatchObject({ status: 'done', learners: 3, rises: 0, falls: 2, uncompletes: 1 });
    await admin.call('set-course-status', { params, body: { status: 'published' } });
    await school().quiet();

    expect(await percents()).toEqual({ chloe: 75, chris: 25, cleo: 0 });
    const { body: profile } = await chloe.call('get-student-profile');
    expect(profile.certificates).toHaveLength(1);
    const { body: news } = await chris.call('get-notifications');
    expect(news.notifications.filter(({ kind }) => kind === 'progress_lowered')).toHaveLength(1);
    const { body: job } = await admin.call('get-job', { params: { jobId: 'recalculate-course~changing~2' } });
    expect(job.counts).toMatchObject({ changed: 3, falls: 2, uncompletes: 1 });
    await expectInStep(school());
  });
});
