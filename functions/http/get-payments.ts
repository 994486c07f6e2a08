import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import { PaymentId } from '../../shared/contracts/fields.ts';
import { paymentView } from '../../shared/contracts/payment-view.ts';
import type { Payments } from '../../shared/contracts/payments.ts';
import { PaymentRow } from '../../shared/contracts/rows.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { cursorAfter, decodeCursor } from '../../shared/store/cursor.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { type Named, paymentKey } from '../../shared/store/keys.ts';
import { queryRows } from '../../shared/store/pages.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = ['payments'] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

const Cursor = z.strictObject({ paymentId: PaymentId });

/**
 * The caller's payments, by payment id.
 *
 * Requests a page: one Query of payments.
 */
export function getPayments({ documents, tables }: Dependencies) {
  return ({ caller: { userId }, query }: Call<(typeof operations)['get-payments']>): Promise<Payments> =>
    // A read that finds no capacity is tried again, and refused as busy in the end.
    settle(async () => {
      const after = decodeCursor(query.cursor, Cursor);
      const page = await queryRows(documents, {
        table: tables.payments,
        schema: PaymentRow,
        partition: ['userId', userId],
        limit: query.limit,
        start: after && paymentKey(userId, after.paymentId),
      });
      return {
        payments: page.rows.map(paymentView),
        ...cursorAfter(page, ({ paymentId }) => ({ paymentId })),
      };
    });
}
