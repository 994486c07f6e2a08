import * as z from 'zod';
import { CertificateCode, CourseId, Timestamp } from './fields.ts';

/** A certificate as its owner sees it. */
export const CertificateView = z.strictObject({
  courseId: CourseId,
  courseTitle: z.string(),
  policy: z.string(),
  code: CertificateCode,
  completedAt: Timestamp,
  issuedAt: Timestamp,
});
export type CertificateView = z.infer<typeof CertificateView>;

/** What anyone who has the code learns: that it is genuine, and whose it is. */
export const VerifiedCertificate = z.strictObject({
  code: CertificateCode,
  studentName: z.string(),
  courseTitle: z.string(),
  completedAt: Timestamp,
  issuedAt: Timestamp,
});
export type VerifiedCertificate = z.infer<typeof VerifiedCertificate>;

/** The parameters of what concerns one certificate; a code is taken in lower case and with spaces or dashes too. */
export const certificate = z.strictObject({
  code: z
    .string()
    .max(60)
    .transform((text) => text.toUpperCase().replace(/[\s-]/g, ''))
    .pipe(CertificateCode),
});
