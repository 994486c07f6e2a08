import { expect, it } from 'vitest';
import { markedByHand, publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { expectInStep } from '../support/consistency.ts';
import { describeSchool } from '../support/school.ts';

describeSchool('Progress', (school) => {
  it('moves with a chapter, a video and a quiz, in every view of student and admin alike', async () => {
    const admin = await school().admin();
    const student = await school().student('mover');
    const params = { courseId: 'moving' };
    await publish(admin, 'moving', threeChapters());
    await student.call('enroll-directly', { params });

    const seen = async () => {
      await school().quiet();
      const [dashboard, courses, progress, detail, students, analytics] = await Promise.all([
        student.call('get-student-dashboard'),
        student.call('get-student-courses'),
        student.call('get-student-progress'),
        student.call('get-student-course-detail', { params }),
        admin.call('get-admin-students', { query: params }),
        admin.call('get-admin-analytics', { query: params }),
      ]);
      return [
        dashboard.body.enrollments[0]?.progress,
        courses.body.courses.find((course) => course.courseId === 'moving')?.enrollment?.progress,
        progress.body.courses[0]?.totalProgress,
        detail.body.totalProgress,
        students.body.students[0]?.enrollments?.[0]?.progress,
        analytics.body.totals.meanProgress,
      ];
    };

    expect(await seen()).toEqual([0, 0, 0, 0, 0, 0]);
    await student.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
    expect(await seen()).toEqual([33, 33, 33, 33, 33, 33]);
    await student.call('record-video-beat', {
      params: { ...params, videoId: 'film' },
      body: { intervals: [[0, 5]] },
    });
    expect(await seen()).toEqual([50, 50, 50, 50, 50, 50]);
    await student.call('record-video-beat', {
      params: { ...params, videoId: 'film' },
      body: { intervals: [[5, 9]] },
    });
    expect(await seen()).toEqual([66, 66, 66, 66, 66, 66]);
    await student.call('submit-quiz-attempt', {
      params: { ...params, quizId: 'quiz', attemptId: 'a' },
      body: rightAnswers,
    });
    expect(await seen()).toEqual([100, 100, 100, 100, 100, 100]);

    const { body } = await student.call('get-student-dashboard');
    expect(body.enrollments[0]).toMatchObject({ status: 'completed', completedAt: expect.any(String) });
    await expectInStep(school());
  });

  it('counts a quiz marked by hand once it is marked, and takes a lowered mark back', async () => {
    const admin = await school().admin();
    const student = await school().student('essayist');
    const attempt = { courseId: 'essay', quizId: 'essay', attemptId: 'mine' };
    const mark = { ...attempt, userId: 'essayist' };
    await publish(admin, 'essay', markedByHand());
    await student.call('enroll-directly', { params: { courseId: 'essay' } });
    const handedIn = await student.call('submit-quiz-attempt', { params: attempt, body: {} });
    expect(handedIn.body).toMatchObject({ number: 1, score: null, passed: null });

    const totals = async () => {
      await school().quiet();
      const { body } = await admin.call('get-admin-analytics', { query: { courseId: 'essay' } });
      return { progress: body.totals.meanProgress, ...body.totals.quizzes };
    };
    expect(await totals()).toMatchObject({ progress: 0, attempts: 1, scored: 0, meanScore: null, passes: 0 });
    const marked = await admin.call('mark-quiz-attempt', { params: mark, body: { score: 72 } });
    expect(await totals()).toMatchObject({ progress: 100, attempts: 1, scored: 1, meanScore: 72, passes: 1 });
    await admin.call('mark-quiz-attempt', {
      params: mark,
      body: { score: 12, ifVersion: marked.body.version },
    });
    expect(await totals()).toMatchObject({ progress: 0, attempts: 1, scored: 1, meanScore: 12, passes: 0 });
    await expectInStep(school());
  });
});
