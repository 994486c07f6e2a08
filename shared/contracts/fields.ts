import * as z from 'zod';
import { ID_PATTERN, isId, type Id } from '../domain/ids.ts';
import type * as ids from '../domain/ids.ts';
import {
  type CourseStatus,
  spellingsOf,
  type Statuses,
  STATUS_VALUES,
  statusOf,
  type StatusTable,
} from '../domain/status.ts';

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
export const PaymentId = id<ids.PaymentId>();
export const TopicId = id<ids.TopicId>();
export const TestId = id<ids.TestId>();
export const AnswerId = id<ids.AnswerId>();

/** A moment as ISO 8601 in UTC with milliseconds, as `Date.prototype.toISOString` writes it. */
export const Timestamp = z.iso.datetime({ precision: 3 });

/** A day in UTC, `2026-11-22`. */
export const Day = z.iso.date();

/** Any spelling of a table's status, read as the canonical one. */
export function statusField<T extends StatusTable>(table: T): z.ZodType<Statuses[T], string>;
export function statusField(table: StatusTable): z.ZodType<Statuses[StatusTable], string> {
  return (
    z
      .enum(spellingsOf(table))
      .transform((spelling, context): Statuses[StatusTable] => {
        const status = statusOf(table, spelling);
        if (status !== undefined) return status;
        context.issues.push({ code: 'custom', message: `is no status of ${table}`, input: spelling });
        return z.NEVER;
      })
      // So that what comes back is described as the canonical spellings alone.
      .pipe(z.enum(STATUS_VALUES[table]))
  );
}

export const AnyCourseStatus: z.ZodType<CourseStatus, string> = statusField('courses');

/** `2026-11-22T09:30:00.000Z.enrolled.anatomy`: when it was, what, and about what. Sorts by time. */
export const NotificationId = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\.[a-z_]{1,40}\.[A-Za-z0-9._:-]{1,160}$/,
    'must be the id of a notification',
  );

/** Proves a certificate: 26 characters of Crockford's base 32, without letters that are mistaken for digits. */
export const CertificateCode = z
  .string()
  .regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, 'must be the 26 characters of a certificate');

/** Money in minor units (cents) of an ISO 4217 currency. */
export const Money = z.strictObject({ amount: z.int().positive(), currency: z.string().regex(/^[A-Z]{3}$/) });

/** A score of 0 to 100, at most two decimals. */
export const Score = z
  .number()
  .min(0)
  .max(100)
  .refine((score) => score === Math.round(score * 100) / 100, 'must have at most two decimals');

/** Whole percent. */
export const Percent = z.int().min(0).max(100);
