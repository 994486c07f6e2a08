import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { CertificatePrinter } from '../../shared/print/certificate-pdf.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { FileCall, NamedFile } from '../../shared/runtime/file-edge.ts';
import { certificateByCode } from '../../shared/store/certificates.ts';
import type { Documents } from '../../shared/store/documents.ts';
import type { Named } from '../../shared/store/keys.ts';

export const usedTables = ['certificates'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
  /** Loads what prints: only who prints waits for it, and only the first. */
  readonly printer: () => Promise<CertificatePrinter>;
}

/**
 * A certificate as a PDF, with the address that verifies it: of the API as it was called, so that it is right
 * wherever the school is.
 *
 * Requests: Query of certificates/byCode, GetItem of the certificate.
 */
export function getCertificatePdf({ documents, tables, printer }: Dependencies) {
  return async ({
    params,
    address,
  }: FileCall<(typeof operations)['get-certificate-pdf']>): Promise<NamedFile> => {
    const { code, studentName, courseTitle, completedAt, issuedAt } = await certificateByCode(
      documents,
      tables,
      params.code,
    );
    const print = await printer();
    const pdf = await print({
      code,
      studentName,
      courseTitle,
      completedAt,
      issuedAt,
      address: `${address}/certificates/${code}`,
    });
    return { name: `certificate-${code}.pdf`, content: Buffer.from(pdf).toString('base64') };
  };
}
