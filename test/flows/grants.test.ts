import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, inject, it } from 'vitest';
import type { AuthorizedAccess } from '../../infra/local/dynamodb/authorize.ts';
import { principalsOf } from '../../infra/local/iam/principals.ts';
import { readTemplate } from '../../infra/local/template/template.ts';
import { markedByHand, publish, rightAnswers, threeChapters } from '../support/courses.ts';
import { startSchool, type TestSchool } from '../support/school.ts';

type Access = Pick<AuthorizedAccess, 'functionName' | 'action' | 'resource'>;

const textOf = ({ functionName, action, resource }: Access) => `${functionName} ${action} ${resource}`;
const isOfTableOrIndex = (resource: string) => /:table\/[^/]+(\/index\/[^/]+)?$/.test(resource);

/** What the roles of the template allow on tables and indexes. */
function grantedBy(assembly: string): string[] {
  return [...principalsOf(readTemplate({ assembly })).values()].flatMap(({ functionName, statements }) =>
    statements.flatMap(({ Action = [], Resource = [] }) =>
      Action.flatMap((action) =>
        Resource.filter(isOfTableOrIndex).map((resource) => textOf({ functionName, action, resource })),
      ),
    ),
  );
}

/** Every operation, so that each function does all that it ever does with the database. */
async function useEverything(school: TestSchool): Promise<void> {
  const admin = await school.admin();
  const student = await school.student('ada');
  const course = { courseId: 'all' };
  const essay = { courseId: 'essay', quizId: 'essay', attemptId: 'first' };

  await admin.call('describe-api');
  await publish(admin, course.courseId, threeChapters());
  // Once published, a course has an outline in force for these to read.
  await admin.call('put-course', { params: course, body: threeChapters({ title: 'Another title' }) });
  await admin.call('set-course-status', { params: course, body: { status: 'published' } });
  await admin.call('get-course', { params: course });
  await publish(admin, essay.courseId, markedByHand());

  await student.call('enroll-directly', { params: course });
  await admin.call('enroll-student', { params: { userId: 'ada', courseId: essay.courseId } });
  await admin.call('enroll-student', { params: { ...course, userId: 'ben' } });
  await student.call('complete-chapter', { params: { ...course, chapterId: 'read' } });
  const film = { params: { ...course, videoId: 'film' } };
  await student.call('record-video-beat', { ...film, body: { intervals: [[0, 5]] } });
  const attempt = { ...course, quizId: 'quiz', attemptId: 'first' };
  await student.call('submit-quiz-attempt', { params: attempt, body: rightAnswers });
  await student.call('submit-quiz-attempt', { params: essay, body: {} });
  await admin.call('mark-quiz-attempt', { params: { ...essay, userId: 'ada' }, body: { score: 50 } });
  await school.quiet();

  await student.call('get-student-dashboard');
  await student.call('get-student-courses');
  await student.call('get-student-progress');
  await student.call('get-student-course-detail', { params: course });
  await admin.call('get-admin-dashboard');
  await admin.call('get-admin-analytics', { query: course });
  await admin.call('get-admin-students');
  await admin.call('get-admin-students', { query: course });

  await student.call('unenroll', { params: course });
  await admin.call('unenroll-student', { params: { ...course, userId: 'ben' } });

  await putMalformed('chapterCompletions', { userId: 'ada', completion: 'all#watch' });
  await putMalformed('enrollments', { userId: 'ada', courseId: 'malformed' });
  await school.quiet();

  function putMalformed(table: string, key: Readonly<Record<string, string>>) {
    return school.documents.send(new PutCommand({ TableName: table, Item: key }));
  }
}

describe('The roles of the functions', () => {
  it('allow exactly what the functions do on tables and indexes', async () => {
    const school = await startSchool();
    try {
      const asked = new Map<string, AuthorizedAccess>();
      school.stack.gate.onAccess((access) => asked.set(textOf(access), access));
      const outcome = await useEverything(school).catch((error: unknown) => error);

      expect([...asked.values()].filter((access) => !access.allowed).map(textOf)).toEqual([]);
      expect(outcome).toBeUndefined();
      const used = [...asked.values()].filter((access) => isOfTableOrIndex(access.resource)).map(textOf);
      expect(used.sort()).toEqual(grantedBy(inject('assembly')).sort());
    } finally {
      await school.stack.stop();
    }
  }, 120_000);
});
