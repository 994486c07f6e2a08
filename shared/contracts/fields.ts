import * as z from 'zod';
import { ID_PATTERN, isId, type Id } from '../domain/ids.ts';
import type * as ids from '../domain/ids.ts';
import { COURSE_STATUS_SPELLINGS, courseStatus, type CourseStatus } from '../domain/status.ts';

function id<T extends Id<string>>(): z.ZodType<T, string> {
  return z
    .string()
    .regex(ID_PATTERN, 'must be 1 to 64 letters, digits or . _ : - and start with a letter or digit')
    .transform((value, context): T => {
      if (isId<T>(value)) return value;
      context.issues.push({ code: 'custom', message: 'is not an id', input: value });
      return z.NEVER;
    });
}

export const UserId = id<ids.UserId>();
export const CourseId = id<ids.CourseId>();
export const ChapterId = id<ids.ChapterId>();
export const ItemId = id<ids.ItemId>();
export const QuestionId = id<ids.QuestionId>();
export const OptionId = id<ids.OptionId>();
export const AttemptId = id<ids.AttemptId>();
export const PlaybackId = id<ids.PlaybackId>();

/** A moment as ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const Timestamp = z.iso.datetime({ precision: 3 });

/** A day in UTC, `2026-11-22`. */
export const Day = z.iso.date();

/** Any spelling of a course status, read as the canonical one. */
export const AnyCourseStatus: z.ZodType<CourseStatus, string> = z
  .enum(COURSE_STATUS_SPELLINGS)
  .transform((spelling, context): CourseStatus => {
    const status = courseStatus(spelling);
    if (status !== undefined) return status;
    context.issues.push({ code: 'custom', message: 'is not a course status', input: spelling });
    return z.NEVER;
  });

/** A score of 0 to 100, at most two decimals. */
export const Score = z
  .number()
  .min(0)
  .max(100)
  .refine((score) => score === Math.round(score * 100) / 100, 'must have at most two decimals');

/** Whole percent. */
export const Percent = z.int().min(0).max(100);
