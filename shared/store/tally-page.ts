import * as z from 'zod';
import { type AggregateStage, keptUntil, ROWS_OF_STEP } from './aggregate-stage.ts';
import type { JobTask } from './jobs.ts';
import { scanRows } from './pages.ts';
import { LEDGER_LANES } from './reconcile-stages.ts';
import { claimedEnd, claimEnd, type PageEnd, type StepOfJob } from './tallies.ts';

/** By segment, behind those of the ledger. */
const LISTS: Readonly<
  Record<number, { readonly table: 'analytics' | 'qbankQuestionStatistics'; readonly lane?: undefined }>
> = {
  [LEDGER_LANES]: { table: 'analytics' },
  [LEDGER_LANES + 1]: { table: 'qbankQuestionStatistics' },
};

export const Row = z.looseObject({});
export type Row = z.infer<typeof Row>;

interface Page {
  readonly rows: readonly Row[];
  readonly end: PageEnd;
}

/** The page of a step, which is the same whoever takes it: rows that are new since are none of its concern. */
export async function pageOf(
  { documents, tables, options: { now, rowsOfStep = ROWS_OF_STEP } }: AggregateStage,
  { cursor, segment }: JobTask,
  step: StepOfJob,
): Promise<Page> {
  const { step: _step, ...after } = cursor ?? {};
  const list = LISTS[segment] ?? { table: 'ledger', lane: { lane: segment, lanes: LEDGER_LANES } };
  const claimed = await claimedEnd(documents, tables, step);
  const rows: Row[] = [];
  let start: Readonly<Record<string, unknown>> | undefined = cursor === undefined ? undefined : after;
  do {
    const page = await scanRows(documents, {
      table: tables[list.table],
      schema: Row,
      limit: Math.min(rowsOfStep, 1000),
      start,
      consistent: true,
      ...(list.lane !== undefined && { lane: list.lane }),
    });
    rows.push(...page.rows);
    start = page.next;
    const last = claimed?.end ? rows.findIndex((row) => isAt(row, claimed.end)) : -1;
    if (claimed !== undefined && last >= 0) return { rows: rows.slice(0, last + 1), end: claimed.end };
  } while (
    start !== undefined &&
    (claimed === undefined ? rows.length < rowsOfStep : rows.length < 4 * rowsOfStep)
  );
  if (claimed !== undefined) {
    // Nothing is ever deleted. To add up more than the page would count it twice.
    if (claimed.end !== null || start !== undefined) throw new Error('The end of the page is gone');
    return { rows, end: null };
  }
  const end = start === undefined ? null : PagePosition.parse(start);
  await claimEnd(documents, tables, step, end, keptUntil(now()));
  return { rows, end };
}

const PagePosition = z.record(z.string(), z.string());

function isAt(row: Row, end: PageEnd): boolean {
  return end !== null && Object.entries(end).every(([name, value]) => row[name] === value);
}
