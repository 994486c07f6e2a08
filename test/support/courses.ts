import type * as z from 'zod';
import type { ApiClient } from '../../shared/client/api.ts';
import type { CourseDraft } from '../../shared/contracts/requests.ts';

export type Draft = z.input<typeof CourseDraft>;

/** A course of three chapters of equal weight: a reading, a video of 10 s, a quiz with two questions. */
export function threeChapters(change: Partial<Draft> = {}): Draft {
  return {
    title: 'Three chapters',
    access: 'open',
    outline: {
      chapters: [
        { chapterId: 'read', title: 'Read', items: [{ kind: 'reading', itemId: 'text', title: 'Text' }] },
        {
          chapterId: 'watch',
          title: 'Watch',
          items: [{ kind: 'video', itemId: 'film', title: 'Film', durationSeconds: 10 }],
        },
        {
          chapterId: 'answer',
          title: 'Answer',
          items: [
            {
              kind: 'quiz',
              itemId: 'quiz',
              title: 'Quiz',
              passMark: 50,
              marking: {
                by: 'key',
                questions: ['one', 'two'].map((questionId) => ({
                  questionId,
                  stem: `Question ${questionId}`,
                  options: [
                    { optionId: 'right', text: 'Right' },
                    { optionId: 'wrong', text: 'Wrong' },
                  ],
                  key: 'right',
                })),
              },
            },
          ],
        },
      ],
    },
    ...change,
  };
}

/** A course of one quiz that an admin marks. */
export function markedByHand(): Draft {
  return {
    title: 'Essay',
    access: 'open',
    outline: {
      chapters: [
        {
          chapterId: 'write',
          title: 'Write',
          items: [{ kind: 'quiz', itemId: 'essay', title: 'Essay', passMark: 40, marking: { by: 'hand' } }],
        },
      ],
    },
  };
}

/** A course of a reading and of practice with so many questions of the bank. */
export function practising(questions: number): Draft {
  return {
    title: 'Practice',
    access: 'open',
    outline: {
      chapters: [
        { chapterId: 'read', title: 'Read', items: [{ kind: 'reading', itemId: 'text', title: 'Text' }] },
        {
          chapterId: 'practise',
          title: 'Practise',
          items: [{ kind: 'qbank', itemId: 'drill', title: 'Drill', questions }],
        },
      ],
    },
  };
}

/** Creates a course and publishes it. */
export async function publish(admin: ApiClient, courseId: string, draft: Draft): Promise<void> {
  await admin.call('put-course', { params: { courseId }, body: draft });
  await admin.call('set-course-status', { params: { courseId }, body: { status: 'published' } });
}

/** Right answers to `threeChapters`' quiz. */
export const rightAnswers = { answers: { one: 'right', two: 'right' } };
