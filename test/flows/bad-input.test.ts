import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { markedByHand, publish, threeChapters } from '../support/courses.ts';
import { useSchool } from '../support/school.ts';
import { snapshot } from '../support/snapshot.ts';

const Problem = z.looseObject({ details: z.record(z.string(), z.unknown()) });

interface Refusal {
  readonly rule: string;
  readonly as: 'student' | 'admin' | 'stranger' | 'nobody';
  readonly request: readonly [method: string, path: string, body?: string];
  readonly status: number;
  readonly code: string;
  /** The field that the details must name, with its part of the request. */
  readonly names?: string;
}

const beats = '/me/courses/bad/videos/film/beats';
const attempts = '/me/courses/bad/quizzes/quiz/attempts';

const refusals: readonly Refusal[] = [
  {
    rule: 'an unknown course',
    as: 'student',
    request: ['PUT', '/me/enrollments/none'],
    status: 404,
    code: 'course_unknown',
  },
  {
    rule: 'a course that is not published',
    as: 'student',
    request: ['PUT', '/me/enrollments/unpublished'],
    status: 409,
    code: 'course_not_published',
  },
  {
    rule: 'a course that only an admin lets in',
    as: 'student',
    request: ['PUT', '/me/enrollments/closed'],
    status: 403,
    code: 'course_closed',
  },
  {
    rule: 'an id with a separator of keys',
    as: 'student',
    request: ['PUT', '/me/enrollments/a%23b'],
    status: 400,
    code: 'invalid_request',
    names: 'path.courseId',
  },
  {
    rule: 'somebody who is not enrolled',
    as: 'stranger',
    request: ['POST', beats, '{"intervals":[[0,1]]}'],
    status: 409,
    code: 'not_enrolled',
  },
  {
    rule: 'an unknown chapter',
    as: 'student',
    request: ['PUT', '/me/courses/bad/chapters/none/completion'],
    status: 404,
    code: 'chapter_unknown',
  },
  {
    rule: 'an unknown video',
    as: 'student',
    request: ['POST', '/me/courses/bad/videos/none/beats', '{"intervals":[[0,1]]}'],
    status: 404,
    code: 'item_unknown',
  },
  {
    rule: 'a quiz that is a video',
    as: 'student',
    request: ['PUT', '/me/courses/bad/quizzes/film/attempts/a', '{}'],
    status: 404,
    code: 'item_unknown',
  },
  {
    rule: 'an interval that runs backwards',
    as: 'student',
    request: ['POST', beats, '{"intervals":[[5,2]]}'],
    status: 422,
    code: 'interval_invalid',
    names: 'body.intervals.0',
  },
  {
    rule: 'an interval outside the video',
    as: 'student',
    request: ['POST', beats, '{"intervals":[[5,25]]}'],
    status: 422,
    code: 'interval_invalid',
    names: 'body.intervals.0.1',
  },
  {
    rule: 'a number that is too large to be one',
    as: 'student',
    request: ['POST', beats, '{"intervals":[[0,1e999]]}'],
    status: 400,
    code: 'invalid_request',
    names: 'body.intervals.0.1',
  },
  {
    rule: 'NaN',
    as: 'student',
    request: ['POST', beats, '{"intervals":[[0,NaN]]}'],
    status: 400,
    code: 'invalid_request',
    names: 'body',
  },
  {
    rule: 'a negative position',
    as: 'student',
    request: ['POST', beats, '{"positionSeconds":-1}'],
    status: 400,
    code: 'invalid_request',
    names: 'body.positionSeconds',
  },
  {
    rule: 'a beat that says nothing',
    as: 'student',
    request: ['POST', beats, '{}'],
    status: 400,
    code: 'invalid_request',
    names: 'body.intervals',
  },
  {
    rule: 'a beat for somebody else',
    as: 'student',
    request: ['POST', beats, '{"intervals":[[0,1]],"userId":"other"}'],
    status: 400,
    code: 'invalid_request',
    names: 'body.userId',
  },
  {
    rule: "a progress of the sender's own choosing",
    as: 'student',
    request: ['POST', beats, '{"intervals":[[0,1]],"progress":100}'],
    status: 400,
    code: 'invalid_request',
    names: 'body.progress',
  },
  {
    rule: 'a body that is not JSON',
    as: 'student',
    request: ['POST', beats, '{'],
    status: 400,
    code: 'invalid_request',
    names: 'body',
  },
  {
    rule: 'a body over the limit',
    as: 'student',
    request: ['POST', beats, JSON.stringify({ playbackId: 'x'.repeat(300_000) })],
    status: 413,
    code: 'body_too_large',
  },
  {
    rule: 'an answer to an unknown question',
    as: 'student',
    request: ['PUT', `${attempts}/a`, '{"answers":{"three":"right"}}'],
    status: 422,
    code: 'answers_invalid',
    names: 'body.answers.three',
  },
  {
    rule: 'an option that the question has not',
    as: 'student',
    request: ['PUT', `${attempts}/a`, '{"answers":{"one":"maybe"}}'],
    status: 422,
    code: 'answers_invalid',
    names: 'body.answers.one',
  },
  {
    rule: "an admin's command by a student",
    as: 'student',
    request: ['PUT', '/admin/courses/bad/status', '{"status":"archived"}'],
    status: 403,
    code: 'forbidden',
  },
  {
    rule: 'an unknown status',
    as: 'admin',
    request: ['PUT', '/admin/courses/bad/status', '{"status":"PUBLISHED!"}'],
    status: 400,
    code: 'invalid_request',
    names: 'body.status',
  },
  {
    rule: 'an unknown kind of item',
    as: 'admin',
    request: [
      'PUT',
      '/admin/courses/new',
      JSON.stringify({
        title: 'T',
        access: 'open',
        outline: {
          chapters: [{ chapterId: 'c', title: 'C', items: [{ kind: 'game', itemId: 'i', title: 'I' }] }],
        },
      }),
    ],
    status: 400,
    code: 'invalid_request',
    names: 'body.outline.chapters.0.items.0.kind',
  },
  {
    rule: 'a score above 100',
    as: 'admin',
    request: ['PUT', '/admin/courses/hand/quizzes/essay/students/student/attempts/a/mark', '{"score":101}'],
    status: 400,
    code: 'invalid_request',
    names: 'body.score',
  },
  {
    rule: 'a mark for an attempt that is not there',
    as: 'admin',
    request: ['PUT', '/admin/courses/hand/quizzes/essay/students/student/attempts/a/mark', '{"score":50}'],
    status: 404,
    code: 'attempt_unknown',
  },
  {
    rule: 'a mark for a quiz that is graded by its keys',
    as: 'admin',
    request: ['PUT', '/admin/courses/bad/quizzes/quiz/students/student/attempts/a/mark', '{"score":50}'],
    status: 409,
    code: 'not_marked_by_hand',
  },
  {
    rule: 'a cursor that is none',
    as: 'admin',
    request: ['GET', '/admin/students?cursor=%7B%7D'],
    status: 400,
    code: 'invalid_request',
    names: 'query.cursor',
  },
  {
    rule: 'a limit that is no number',
    as: 'student',
    request: ['GET', '/me/courses?limit=all'],
    status: 400,
    code: 'invalid_request',
    names: 'query.limit',
  },
  {
    rule: 'a query that no view takes',
    as: 'student',
    request: ['GET', '/me/dashboard?userId=other'],
    status: 400,
    code: 'invalid_request',
    names: 'query.userId',
  },
];

describe('Bad input', () => {
  const school = useSchool();

  beforeAll(async () => {
    const admin = await school().admin();
    await publish(admin, 'bad', threeChapters());
    await publish(admin, 'hand', markedByHand());
    await publish(admin, 'closed', threeChapters({ access: 'admin' }));
    await admin.call('put-course', { params: { courseId: 'unpublished' }, body: threeChapters() });
    const student = await school().student('student');
    await student.call('enroll-directly', { params: { courseId: 'bad' } });
    // They write as well.
    await school().stack.schedules.stop();
    await school().quiet();
  });

  it.each(refusals)('refuses $rule, writes nothing and leaks nothing', async (refusal) => {
    const { documents, token, url, quiet } = school();
    const [method, path, body] = refusal.request;
    const bearer = await token(refusal.as, refusal.as === 'admin' ? ['admin'] : ['student']);
    const before = await snapshot(documents);
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      ...(body !== undefined && { body }),
    });
    const text = await response.text();
    const problem = Problem.parse(JSON.parse(text));
    expect(problem).toMatchObject({ status: refusal.status, code: refusal.code });
    expect(response.status).toBe(refusal.status);
    expect(response.headers.get('content-type')).toMatch('application/problem+json');
    if (refusal.names !== undefined) expect(Object.keys(problem.details)).toContain(refusal.names);
    expect(text).not.toMatch(/\n +at |node_modules|index\.mjs|Zod|arn:|ConditionalCheck/);
    await quiet();
    expect(await snapshot(documents)).toEqual(before);
  });

  it('answers nothing without a token, or with one that is forged', async () => {
    const { url, token } = school();
    const forged = (await token('student')).replace(/.{8}$/, 'AAAAAAAA');
    const attempts: Record<string, string>[] = [
      {},
      { authorization: `Bearer ${forged}` },
      { authorization: 'Bearer nonsense' },
    ];
    for (const headers of attempts) {
      const response = await fetch(`${url}/me/dashboard`, { headers });
      expect(response.status).toBe(401);
    }
  });
});
