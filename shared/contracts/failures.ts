import * as z from 'zod';
import { SETTLEMENTS } from '../domain/failure.ts';
import { Timestamp } from './fields.ts';

/** A failure's id as the API gives it: what it is of may hold anything. */
export const FailureId = z.string().regex(/^[A-Za-z0-9_-]{2,1400}$/, 'must be the id of a failure');

/** A record that a consumer could not process, without its content. */
export const FailureView = z.strictObject({
  failureId: FailureId,
  table: z.string(),
  consumer: z.string(),
  reason: z.string(),
  setAsideAt: Timestamp,
  status: z.enum(['waiting', ...SETTLEMENTS]),
  settledAt: Timestamp.optional(),
  settledBy: z.string().optional(),
  /** Why it was dropped. */
  note: z.string().optional(),
  version: z.int(),
});
export type FailureView = z.infer<typeof FailureView>;

/** Those that wait, the newest first; a page may be short, or empty, and the list ends where `cursor` is missing. */
export const Failures = z.strictObject({ failures: z.array(FailureView), cursor: z.string().optional() });
export type Failures = z.infer<typeof Failures>;

/** With the whole record, which may hold personal data; nothing is left of that once it is settled. */
export const FailureDetail = FailureView.extend({ record: z.unknown() });
export type FailureDetail = z.infer<typeof FailureDetail>;

/** What became of a page of failures. */
export const Redriven = z.strictObject({
  redriven: z.array(FailureView),
  /** Those that stay, with why: `row_gone`, `row_malformed`, `failure_not_redrivable`, `busy`. */
  left: z.array(FailureView.extend({ code: z.string(), because: z.string() })),
  cursor: z.string().optional(),
});
export type Redriven = z.infer<typeof Redriven>;

export const DropReason = z.strictObject({ reason: z.string().trim().min(1).max(500) });
