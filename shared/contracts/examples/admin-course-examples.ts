import type * as z from 'zod';
import type { AdminCourse } from '../requests.ts';
import type { adminOperations } from '../admin-operations.ts';
import type { Examples } from './example.ts';

const DRAFTED: z.input<typeof AdminCourse> = {
  courseId: 'ecg',
  title: 'Reading an ECG',
  summary: 'From the first wave to the whole strip.',
  access: 'open',
  status: 'draft',
  outlineVersion: 0,
  draft: {
    chapters: [
      {
        chapterId: 'waves',
        title: 'The waves',
        items: [
          { kind: 'reading', itemId: 'waves-text', title: 'P, QRS and T', weight: 1, required: true },
          {
            kind: 'video',
            itemId: 'waves-film',
            title: 'A strip, read aloud',
            weight: 2,
            required: true,
            durationSeconds: 300,
          },
        ],
      },
    ],
  },
  version: 1,
  updatedAt: '2026-11-23T02:13:27.107Z',
};

/** What an admin does with a course. */
export const ADMIN_COURSE_EXAMPLES: Pick<
  Examples<typeof adminOperations>,
  'put-course' | 'get-course' | 'preview-course' | 'set-course-status'
> = {
  'put-course': {
    story: 'The admin drafts a course on the ECG.',
    by: 'admin',
    params: { courseId: 'ecg' },
    body: {
      title: 'Reading an ECG',
      summary: 'From the first wave to the whole strip.',
      access: 'open',
      outline: {
        chapters: [
          {
            chapterId: 'waves',
            title: 'The waves',
            items: [
              { kind: 'reading', itemId: 'waves-text', title: 'P, QRS and T' },
              {
                kind: 'video',
                itemId: 'waves-film',
                title: 'A strip, read aloud',
                durationSeconds: 300,
                weight: 2,
              },
            ],
          },
        ],
      },
      ifVersion: 0,
    },
    reply: DRAFTED,
  },
  'get-course': {
    story: 'The admin looks at the course on the ECG.',
    by: 'admin',
    params: { courseId: 'ecg' },
    reply: DRAFTED,
  },
  'preview-course': {
    story: 'The admin asks what publishing the course on the heart again would change.',
    by: 'admin',
    params: { courseId: 'heart' },
    reply: {
      courseId: 'heart',
      version: 2,
      status: 'done',
      asOf: '2026-11-23T02:13:27.582Z',
      learners: 3,
      rises: 0,
      falls: 0,
      completes: 0,
      uncompletes: 0,
      aside: 0,
    },
  },
  'set-course-status': {
    story: 'The admin publishes the course on the ECG.',
    by: 'admin',
    params: { courseId: 'ecg' },
    body: { status: 'published' },
    reply: {
      courseId: 'ecg',
      title: 'Reading an ECG',
      summary: 'From the first wave to the whole strip.',
      access: 'open',
      status: 'published',
      outlineVersion: 1,
      draft: {
        chapters: [
          {
            chapterId: 'waves',
            title: 'The waves',
            items: [
              { kind: 'reading', itemId: 'waves-text', title: 'P, QRS and T', weight: 1, required: true },
              {
                kind: 'video',
                itemId: 'waves-film',
                title: 'A strip, read aloud',
                weight: 2,
                required: true,
                durationSeconds: 300,
              },
            ],
          },
        ],
      },
      published: {
        chapters: [
          {
            chapterId: 'waves',
            title: 'The waves',
            items: [
              { kind: 'reading', itemId: 'waves-text', title: 'P, QRS and T', weight: 1, required: true },
              {
                kind: 'video',
                itemId: 'waves-film',
                title: 'A strip, read aloud',
                weight: 2,
                required: true,
                durationSeconds: 300,
              },
            ],
          },
        ],
      },
      version: 2,
      updatedAt: '2026-11-23T02:13:27.745Z',
    },
  },
};
