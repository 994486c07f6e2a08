import { readFile } from 'node:fs/promises';
import { operations } from '../../shared/contracts/api.ts';
import type { CertificatePrinter } from '../../shared/print/certificate-pdf.ts';
import { systemClock } from '../../shared/runtime/clock.ts';
import { readEnvironment, tableNames } from '../../shared/runtime/environment.ts';
import { createFileHandler } from '../../shared/runtime/file-edge.ts';
import { createLog } from '../../shared/runtime/logger.ts';
import { createDocuments } from '../../shared/store/documents.ts';
import { environment, getCertificatePdf, usedTables } from './get-certificate-pdf.ts';

let printer: Promise<CertificatePrinter> | undefined;

/** Once for a function that stays warm; again where it failed. */
function printerOnce(): Promise<CertificatePrinter> {
  printer ??= loadPrinter().catch((error: unknown) => {
    printer = undefined;
    throw error;
  });
  return printer;
}

/** What prints outweighs all else, so it is a file of its own, and so is the font (`lazy` and `files` in infra/system.ts). */
async function loadPrinter(): Promise<CertificatePrinter> {
  const [{ createCertificatePrinter }, font] = await Promise.all([
    import('../../shared/print/certificate-pdf.ts'),
    readFile(new URL('EBGaramond_400Regular.ttf', import.meta.url)),
  ]);
  return createCertificatePrinter(font);
}

export const handler = createFileHandler(
  operations['get-certificate-pdf'],
  getCertificatePdf({
    documents: createDocuments(),
    tables: tableNames(readEnvironment(environment, process.env), usedTables),
    printer: printerOnce,
  }),
  { logger: createLog('get-certificate-pdf'), clock: systemClock },
);
