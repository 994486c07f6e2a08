import * as z from 'zod';
import { CourseId, statusField, Timestamp, UserId } from './fields.ts';

/** What a student says when asking for access. */
export const AccessRequestDraft = z.strictObject({ message: z.string().trim().max(1000).optional() });
export type AccessRequestDraft = z.infer<typeof AccessRequestDraft>;

/** A request as the student sees it: waiting, or rejected with why. One that was approved is an enrollment. */
export const AccessRequestView = z.strictObject({
  courseId: CourseId,
  title: z.string(),
  status: statusField('accessRequests'),
  message: z.string().optional(),
  requestedAt: Timestamp,
  reason: z.string().optional(),
  decidedAt: Timestamp.optional(),
  version: z.int(),
});
export type AccessRequestView = z.infer<typeof AccessRequestView>;

export const Rejection = z.strictObject({ reason: z.string().trim().min(1).max(1000) });

/** View Admin Requests: one page of the requests in one status, the oldest first. */
export const AdminRequests = z.strictObject({
  requests: z.array(AccessRequestView.extend({ userId: UserId, name: z.string().optional() })),
  cursor: z.string().optional(),
});
export type AdminRequests = z.infer<typeof AdminRequests>;
