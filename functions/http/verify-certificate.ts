import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { VerifiedCertificate } from '../../shared/contracts/certificates.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { PublicCall } from '../../shared/runtime/http-edge.ts';
import { certificateByCode } from '../../shared/store/certificates.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';

export const usedTables = ['certificates'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * What a certificate says, to whoever has its code: the names as they were when it was issued, and no ids.
 *
 * Requests: Query of certificates/byCode, GetItem of the certificate.
 */
export function verifyCertificate({ documents, tables }: Dependencies) {
  return async ({
    params,
  }: PublicCall<(typeof operations)['verify-certificate']>): Promise<VerifiedCertificate> => {
    const row = await certificateByCode(documents, tables, params.code);
    const { code, studentName, courseTitle, completedAt, issuedAt } = row;
    return { code, studentName, courseTitle, completedAt, issuedAt };
  };
}
