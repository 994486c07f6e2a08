import * as z from 'zod';
import type { operations } from '../../shared/contracts/api.ts';
import type { AggregateExplanation } from '../../shared/contracts/explanations.ts';
import { AnalyticsRow } from '../../shared/contracts/rows.ts';
import { explainAggregate as explain } from '../../shared/domain/explanation.ts';
import { tableVariables } from '../../shared/runtime/environment.ts';
import type { Call } from '../../shared/runtime/http-edge.ts';
import { sumShards } from '../../shared/store/aggregates.ts';
import type { Documents } from '../../shared/store/documents.ts';
import { aggregateTable, type Named } from '../../shared/store/keys.ts';
import { ledgerPage } from '../../shared/store/ledger-pages.ts';
import { queryAllRows } from '../../shared/store/pages.ts';
import { settle } from '../../shared/store/settle.ts';

export const usedTables = [
  'ledger',
  'analytics',
  'qbankQuestionStatistics',
  'qbankTests',
  'qbankMeetings',
] as const;
export const environment = z.object(tableVariables(usedTables));

interface Dependencies {
  readonly documents: Documents;
  readonly tables: Named<(typeof usedTables)[number]>;
}

/**
 * The ledger rows that an aggregate is the sum of.
 *
 * Requests a page: Query of the aggregate's shards, and those of `ledgerPage`.
 */
export function explainAggregate({ documents, tables }: Dependencies) {
  return ({
    query: { scope, part, limit, cursor },
  }: Call<(typeof operations)['explain-aggregate']>): Promise<AggregateExplanation> =>
    settle(async () => {
      const aggregate = `${scope}|${part}`;
      const [shards, page] = await Promise.all([
        queryAllRows(documents, {
          table: tables[aggregateTable(aggregate)],
          schema: AnalyticsRow,
          partition: ['scope', scope],
          sort: { attribute: 'part', beginsWith: `${part}#` },
        }),
        ledgerPage(documents, tables, { aggregate, limit, cursor }),
      ]);
      return {
        scope,
        part,
        metrics: sumShards(shards),
        ...explain(aggregate, page.rows),
        ...(page.cursor !== undefined && { cursor: page.cursor }),
      };
    });
}
