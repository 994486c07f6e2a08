import * as z from 'zod';
import { AccessRequestView } from './access-requests.ts';
import { CertificateView } from './certificates.ts';
import { CourseId, ItemId, Timestamp, UserId } from './fields.ts';
import { PaymentView } from './payments.ts';
import { CourseProgress, EnrollmentView } from './views.ts';

/** What people say about themselves. */
export const ProfileDraft = z.strictObject({
  name: z
    .string()
    .trim()
    .max(100)
    .regex(/[\p{L}\p{N}]/u, 'must have a letter or a digit')
    // Left-to-right overrides and their like would let a certificate show another name than it holds.
    .regex(/^[^\p{Cc}\u202A-\u202E\u2066-\u2069]*$/u, 'must not have control characters'),
});
export type ProfileDraft = z.infer<typeof ProfileDraft>;

/** View Student Profile: the person, what waits to be read, and the certificates, a page of them. */
export const StudentProfile = z.strictObject({
  userId: UserId,
  name: z.string().optional(),
  email: z.string().optional(),
  joinedAt: Timestamp.optional(),
  /** 100 stands for a hundred or more. */
  unreadNotifications: z.int().min(0).max(100),
  certificates: z.array(CertificateView),
  cursor: z.string().optional(),
  /** Of the person's row; 0 before there is one. */
  version: z.int(),
});
export type StudentProfile = z.infer<typeof StudentProfile>;

/** Why an admin lets an item count as complete. */
export const WaiverDraft = z.strictObject({ reason: z.string().trim().min(1).max(1000) });

export const WaiverView = z.strictObject({
  userId: UserId,
  courseId: CourseId,
  itemId: ItemId,
  waived: z.boolean(),
  reason: z.string(),
  waivedBy: UserId,
  waivedAt: Timestamp,
  version: z.int(),
});
export type WaiverView = z.infer<typeof WaiverView>;

/** View Admin Students: one page of the students. */
export const AdminStudents = z.strictObject({
  students: z.array(
    z.strictObject({
      userId: UserId,
      name: z.string().optional(),
      email: z.string().optional(),
      joinedAt: Timestamp.optional(),
      /** Left out in the results of a search: ask for the student whole. */
      enrollments: z.array(EnrollmentView).optional(),
    }),
  ),
  cursor: z.string().optional(),
});
export type AdminStudents = z.infer<typeof AdminStudents>;

/** One student whole, as admins see them: the first hundred of each list, by id. */
export const AdminStudent = z.strictObject({
  userId: UserId,
  name: z.string().optional(),
  email: z.string().optional(),
  joinedAt: Timestamp.optional(),
  enrollments: z.array(EnrollmentView),
  progress: z.array(CourseProgress),
  requests: z.array(AccessRequestView),
  waivers: z.array(WaiverView),
  payments: z.array(PaymentView),
  certificates: z.array(CertificateView),
});
export type AdminStudent = z.infer<typeof AdminStudent>;
