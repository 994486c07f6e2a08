import * as z from 'zod';
import { UserId } from '../contracts/fields.ts';
import { CertificateRow } from '../contracts/rows.ts';
import { DomainError } from '../domain/errors.ts';
import type { Documents } from './documents.ts';
import { INDEXES, type Named } from './keys.ts';
import { queryRows } from './pages.ts';
import { readRow } from './reads.ts';
import { settle } from './settle.ts';

const Listed = z.looseObject({ userId: UserId, certificate: z.string() });

/**
 * The certificate that a code proves. One that was issued a moment ago may not be found yet: the index lags behind.
 *
 * Requests: one Query of certificates/byCode and one GetItem.
 *
 * @throws DomainError certificate_unknown, busy
 */
export function certificateByCode(
  documents: Documents,
  tables: Named<'certificates'>,
  code: string,
): Promise<CertificateRow> {
  const table = tables.certificates;
  const index = INDEXES.certificatesByCode;
  // A read that finds no capacity is tried again, and refused as busy in the end.
  return settle(async () => {
    const page = await queryRows(documents, {
      table,
      index,
      schema: Listed,
      partition: ['code', code],
      limit: 1,
    });
    const [listed] = page.rows;
    const key = listed && { userId: listed.userId, certificate: listed.certificate };
    const row = key && (await readRow(documents, { table, key, schema: CertificateRow }));
    if (row !== undefined) return row;
    throw new DomainError('certificate_unknown', 'No certificate has this code', { code });
  });
}
