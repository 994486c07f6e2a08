import type { CertificateState } from '../domain/states.ts';
import type { CertificateView } from './certificates.ts';

/** A certificate as its owner and the admins see it. */
export function certificateView(row: CertificateState): CertificateView {
  const { courseId, courseTitle, policy, code, completedAt, issuedAt } = row;
  return { courseId, courseTitle, policy, code, completedAt, issuedAt };
}
