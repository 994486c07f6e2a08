import * as z from 'zod';
import { AggregateExplanation, ProgressExplanation } from './explanations.ts';
import { CourseId, UserId } from './fields.ts';
import { none, page, type Operation } from './operation.ts';

/** What tells an admin where a number comes from. */
export const explanationOperations = {
  'explain-progress': {
    method: 'GET',
    path: '/admin/students/{userId}/courses/{courseId}/explanation',
    audience: 'admin',
    summary:
      "Where a student's progress in a course comes from: what each item adds by which facts, and whether what is stored agrees",
    params: z.strictObject({ userId: UserId, courseId: CourseId }),
    query: none,
    reply: ProgressExplanation,
    errors: ['course_unknown', 'not_enrolled'],
  },
  'explain-aggregate': {
    method: 'GET',
    path: '/admin/aggregates/explanation',
    audience: 'admin',
    summary:
      'The ledger rows that an aggregate is the sum of, such as scope=school and part=total, or scope=course#ID and part=quiz#ID',
    params: none,
    query: page.extend({
      /** `school`, `course#ID`, `bank#COURSE` or `student#ID`. */
      scope: z
        .string()
        .regex(/^(school|(course|bank|student)#[A-Za-z0-9._:-]{1,64})$/, 'must be a scope')
        .default('school'),
      /** `total`, `day#2026-11-22`, `quiz#ID`, `question#ID#000001` and so on. */
      part: z
        .string()
        .regex(/^[a-z-]{1,40}(#[A-Za-z0-9._:-]{1,64}){0,2}$/, 'must be a part')
        .default('total'),
    }),
    reply: AggregateExplanation,
    errors: [],
  },
} as const satisfies Record<string, Operation>;
