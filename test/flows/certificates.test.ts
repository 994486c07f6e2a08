import { describe, expect, it } from 'vitest';
import { publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { readPdf } from '../support/pdf.ts';
import { describeSchool, startSchool, type TestSchool } from '../support/school.ts';

const first = (chapters: number) => ({ chapters: threeChapters().outline.chapters.slice(0, chapters) });

/** A learner who has done the whole of `threeChapters`. */
async function completes(school: TestSchool, userId: string, courseId: string) {
  const student = await school.student(userId);
  const params = { courseId };
  await student.call('enroll-directly', { params });
  await student.call('complete-chapter', { params: { ...params, chapterId: 'read' } });
  await student.call('complete-chapter', { params: { ...params, chapterId: 'watch' } });
  await student.call('submit-quiz-attempt', {
    params: { ...params, quizId: 'quiz', attemptId: 'only' },
    body: rightAnswers,
  });
  await school.quiet();
  return student;
}

async function certificatesOf(school: TestSchool, userId: string) {
  const student = await school.student(userId);
  return (await student.call('get-student-profile')).body.certificates;
}

async function newsOf(school: TestSchool, userId: string, kind: string) {
  const student = await school.student(userId);
  const { body } = await student.call('get-notifications');
  return body.notifications.filter((notification) => notification.kind === kind);
}

describeSchool('Certificates', (school) => {
  it('are issued once a course is complete, told of, and stay as they were when it changes', async () => {
    const admin = await school().admin();
    await publish(admin, 'earned', threeChapters());
    await (await school().student('earner')).call('put-student-profile', { body: { name: 'Zoë Őry' } });
    const student = await completes(school(), 'earner', 'earned');
    const certificates = await certificatesOf(school(), 'earner');
    expect(certificates).toMatchObject([
      { courseId: 'earned', courseTitle: 'Three chapters', policy: 'completion' },
    ]);
    const [notification] = await newsOf(school(), 'earner', 'certificate_issued');
    const code = certificates[0]?.code ?? '';
    expect(notification).toMatchObject({
      courseId: 'earned',
      details: { title: 'Three chapters', code },
    });

    await student.call('put-student-profile', { body: { name: 'Somebody Else' } });
    const more = { title: 'Renamed', ...harder() };
    await publish(admin, 'earned', threeChapters(more));
    await student.call('record-video-beat', {
      params: { courseId: 'earned', videoId: 'film' },
      body: { intervals: [[0, 3]] },
    });
    await school().quiet();
    expect(await certificatesOf(school(), 'earner')).toEqual(certificates);
    expect(await newsOf(school(), 'earner', 'certificate_issued')).toHaveLength(1);
    const verified = await fetch(`${school().stack.url}/certificates/${code}`);
    expect(await verified.json()).toMatchObject({ studentName: 'Zoë Őry', courseTitle: 'Three chapters' });
  });

  it('are checked without signing in, at the address that their PDF says', async () => {
    await publish(await school().admin(), 'printed', threeChapters());
    await completes(school(), 'printer', 'printed');
    const [certificate] = await certificatesOf(school(), 'printer');
    const address = `${school().stack.url}/certificates/${certificate?.code}`;

    const pdf = await fetch(`${address}/pdf`);
    expect(pdf.headers.get('content-type')).toBe('application/pdf');
    const bytes = Buffer.from(await pdf.arrayBuffer());
    expect(bytes.toString('latin1', 0, 5)).toBe('%PDF-');
    const { lines, qr } = readPdf(bytes);
    expect(lines).toEqual(expect.arrayContaining(['printer', 'Three chapters', address]));
    expect(qr).toBe(address);

    const verified = await fetch(qr ?? '');
    expect([verified.status, await verified.json()]).toEqual([
      200,
      expect.objectContaining({ code: certificate?.code, studentName: 'printer' }),
    ]);
    const etag = pdf.headers.get('etag') ?? '';
    expect((await fetch(`${address}/pdf`, { headers: { 'if-none-match': etag } })).status).toBe(304);
    const unknown = await fetch(`${school().stack.url}/certificates/${'0'.repeat(26)}`);
    expect([unknown.status, await unknown.json()]).toEqual([
      404,
      expect.objectContaining({ code: 'certificate_unknown' }),
    ]);
  });

  it('are not issued for a course that only a part of is complete', async () => {
    await publish(await school().admin(), 'partly', threeChapters());
    const student = await school().student('starter');
    await student.call('enroll-directly', { params: { courseId: 'partly' } });
    await student.call('complete-chapter', { params: { courseId: 'partly', chapterId: 'read' } });
    await school().quiet();
    expect(await certificatesOf(school(), 'starter')).toEqual([]);
  });
});

describe('What streams conclude from progress', () => {
  it.each(['twice', 'shuffled'] as const)('is told once when the streams deliver %s', async (delivery) => {
    const school = await startSchool({ delivery, seed: 3 });
    try {
      const admin = await school.admin();
      await publish(admin, 'course', threeChapters());
      await publish(admin, 'growing', threeChapters({ outline: first(2) }));
      const learners = Array.from({ length: 8 }, (_, index) => `learner-${index}`);
      await Promise.all(learners.map((userId) => completes(school, userId, 'course')));
      await Promise.all(
        learners.map(async (userId) => {
          const student = await school.student(userId);
          await student.call('enroll-directly', { params: { courseId: 'growing' } });
          await student.call('complete-chapter', { params: { courseId: 'growing', chapterId: 'read' } });
        }),
      );
      await school.quiet();
      await publish(admin, 'growing', threeChapters());
      await Promise.all(
        learners.map(async (userId) => {
          const student = await school.student(userId);
          await student.call('record-video-beat', {
            params: { courseId: 'growing', videoId: 'film' },
            body: { intervals: [[0, 1]] },
          });
        }),
      );
      await school.quiet();
      for (const userId of learners) {
        expect(await certificatesOf(school, userId)).toHaveLength(1);
        expect(await newsOf(school, userId, 'certificate_issued')).toHaveLength(1);
        expect(await newsOf(school, userId, 'progress_lowered')).toMatchObject([
          { courseId: 'growing', details: { title: 'Three chapters', from: 50 } },
        ]);
      }
    } finally {
      await school.stack.stop();
    }
  });
});

/** Another reading, so that who had completed the course has not any more. */
function harder() {
  const { chapters } = threeChapters().outline;
  const items = [{ kind: 'reading' as const, itemId: 'extra', title: 'Extra' }];
  return { outline: { chapters: [...chapters, { chapterId: 'more', title: 'More', items }] } };
}
