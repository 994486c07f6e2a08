import type * as z from 'zod';
import { createApiClient } from '../../shared/client/api.ts';
import { CourseId } from '../../shared/contracts/fields.ts';
import type { CourseDraft } from '../../shared/contracts/requests.ts';
import type { Outline } from '../../shared/domain/course.ts';
import type * as ids from '../../shared/domain/ids.ts';
import type { BankQuestionState } from '../../shared/domain/qbank-states.ts';
import type { CourseState } from '../../shared/domain/states.ts';
import type { EnrollmentSource } from '../../shared/domain/status.ts';
import { questionsOf } from '../../shared/store/questions.ts';
import { readRow, readRows } from '../../shared/store/reads.ts';
import { courseRow, outlineRow } from '../../shared/store/rows.ts';
import { existing } from '../../shared/store/study.ts';
import type { School } from '../school.ts';

type Draft = z.input<typeof CourseDraft>;

/** A course of the school that is filled, with what its learners' rows are computed from. */
export interface FilledCourse {
  readonly course: CourseState;
  /** The outlines published so far; the last is in force. */
  readonly outlines: readonly Outline[];
  /** How its learners got in. */
  readonly source: EnrollmentSource;
  readonly bank: readonly BankQuestionState[];
}

/** `times`: how often it is published, with one more chapter each time. */
const COURSES: Readonly<Record<string, Pick<Draft, 'title' | 'access' | 'price'> & { times: number }>> = {
  anatomy: { title: 'Anatomy', access: 'open', times: 1 },
  physiology: { title: 'Physiology', access: 'admin', times: 1 },
  pharmacology: { title: 'Pharmacology', access: 'paid', price: { amount: 4900, currency: 'EUR' }, times: 1 },
  // Published again when it had grown, which lowered the percentages of those who were in it.
  pathology: { title: 'Pathology', access: 'request', times: 2 },
};

const SOURCES = { open: 'direct', admin: 'admin', paid: 'payment', request: 'request' } as const;

export const FILM_SECONDS = 600;
export const PRACTICE = 4;
export const OPTIONS = ['a', 'b', 'c'] as const;

/** Options are a, b and c; a is right. */
function question(questionId: string) {
  return {
    questionId,
    stem: `What does ${questionId} ask?`,
    options: OPTIONS.map((optionId) => ({ optionId, text: `Option ${optionId}` })),
    key: 'a',
  };
}

function draftOf({ title, access, price }: Pick<Draft, 'title' | 'access' | 'price'>, times: number): Draft {
  return {
    title,
    access,
    ...(price !== undefined && { price }),
    outline: {
      chapters: [
        { chapterId: 'read', title: 'Read', items: [{ kind: 'reading', itemId: 'text', title: 'The text' }] },
        {
          chapterId: 'watch',
          title: 'Watch',
          items: [
            { kind: 'video', itemId: 'film', title: 'The film', weight: 2, durationSeconds: FILM_SECONDS },
          ],
        },
        {
          chapterId: 'answer',
          title: 'Answer',
          items: [
            {
              kind: 'quiz',
              itemId: 'quiz',
              title: 'The quiz',
              weight: 2,
              passMark: 50,
              marking: { by: 'key', questions: [question('one'), question('two')] },
            },
            { kind: 'qbank', itemId: 'drill', title: 'The drill', questions: PRACTICE },
          ],
        },
        ...Array.from({ length: times - 1 }, (_, index) => ({
          chapterId: `more-${index}`,
          title: 'More to read',
          items: [{ kind: 'reading' as const, itemId: `more-${index}`, title: 'More' }],
        })),
      ],
    },
  };
}

/** Puts the courses and their banks of so many questions through the API, and reads them as they are stored. */
export async function putCourses(school: School, questions: number): Promise<FilledCourse[]> {
  const admin = createApiClient({ url: school.url, token: await school.token('head', ['admin']) });
  const topics = ['cells', 'organs', 'drugs'];
  for (const [courseId, { times, ...course }] of Object.entries(COURSES)) {
    // What asks for practice is published only once there are questions.
    await admin.call('put-course', { params: { courseId }, body: draftOf(course, 1) });
    const bank = Array.from({ length: questions }, (_, index) => ({
      ...question(`q${String(index).padStart(3, '0')}`),
      topic: topics[index % topics.length],
      explanation: 'It is so.',
    }));
    for (let start = 0; start < bank.length; start += 100) {
      const body = { questions: bank.slice(start, start + 100) };
      await admin.call('import-questions', { params: { courseId }, body });
    }
    for (let time = 1; time <= times; time += 1) {
      await admin.call('put-course', { params: { courseId }, body: draftOf(course, time) });
      await admin.call('set-course-status', { params: { courseId }, body: { status: 'published' } });
    }
  }
  return Promise.all(Object.keys(COURSES).map((courseId) => readCourse(school, CourseId.parse(courseId))));
}

const TABLE = { courses: 'courses', qbankQuestions: 'qbankQuestions' } as const;

async function readCourse({ documents }: School, courseId: ids.CourseId): Promise<FilledCourse> {
  const course = existing(courseId, await readRow(documents, courseRow(TABLE, courseId)));
  const versions = Array.from({ length: course.outlineVersion }, (_, index) => index + 1);
  const outlines = await readRows(
    documents,
    versions.map((version) => outlineRow(TABLE, courseId, version)),
  );
  return {
    course,
    outlines: outlines.filter((outline) => outline !== undefined),
    source: SOURCES[course.access],
    bank: await questionsOf(documents, TABLE, courseId),
  };
}
