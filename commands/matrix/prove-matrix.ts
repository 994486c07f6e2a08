import type { Stack } from '../../infra/local/stack.ts';
import type { School } from '../school.ts';
import { adminActions, enrollmentSources, requestSources, studentActions } from './enrollment-sources.ts';
import { bankProgress, bankSources } from './bank-sources.ts';
import { openLab, type Lab } from './lab.ts';
import { proveLiveView } from './live-views.ts';
import { progressSources, quizSources, studyActions, videoSources } from './progress-sources.ts';
import { failed, type Proof } from './proof.ts';
import { prepare, type Source } from './prove-row.ts';
import { MARK, REQUIREMENT, type RequiredTable } from '../../shared/domain/requirement.ts';
import { proveTransaction } from './prove-transaction.ts';
import { proveStatuses } from './statuses.ts';
import { TRANSACTIONS } from './transactions.ts';

/** A cell of the requirement and what became of it. */
export interface ProvedCell {
  readonly section: number;
  readonly source: string;
  readonly target: string;
  readonly ok: boolean;
  readonly ms: number | null;
  readonly why: string;
}

export interface MatrixOptions {
  readonly school: School;
  /** Of this process: some cells make the wire fail. */
  readonly stack: Stack;
  /** The longest that a target may take to show something, in milliseconds; what is lost is known earlier. */
  readonly timeoutMs: number;
  /** Rows with latencies that are proved at once; more are faster, and their latencies slower. */
  readonly lanes: number;
  readonly onRow?: (done: number, rows: number) => void;
}

const SOURCES: ReadonlyMap<string, Readonly<Record<string, Source>>> = new Map([
  ['Enrollment State Sync', enrollmentSources],
  ['Progress Sync', { ...progressSources, ...bankProgress }],
  ['Request Status Sync', requestSources],
  ['Video Progress Sync', videoSources],
  ['Quiz Attempts Sync', quizSources],
  ['Q-Bank Statistics Sync', bankSources],
  ['Cross-App Sync (Student → Admin)', { ...studentActions, ...studyActions }],
  ['Cross-App Sync (Admin → Student)', adminActions],
]);

/** The sections with proofs of a kind of their own. */
const STATUSES = 8;
const LIVE_VIEWS = 9;
const TRANSACTION_SUPPORT = 10;
const UNDISTURBING = REQUIREMENT.map(({ section }) => section).filter(
  (section) => section !== STATUSES && section !== TRANSACTION_SUPPORT,
);

const UNPROVED = failed('nothing proves it');

type RowProof = Readonly<Record<string, Proof>>;

interface PreparedRow {
  readonly table: RequiredTable;
  readonly name: string;
  readonly prove: () => Promise<RowProof>;
}

/** Sources prepared at once. */
const PREPARING = 8;

/**
 * Proves every cell of the requirement on a running school. All sources are prepared before any is proved, so that
 * what one row needs is not taken for what another row does. Last come rows that disturb others: those that write to
 * the tables themselves, one after the other, and those that make the wire fail, which wait more than they work.
 */
export async function proveMatrix(options: MatrixOptions): Promise<ProvedCell[]> {
  const { school, stack, timeoutMs, lanes, onRow } = options;
  const lab = await openLab(school, timeoutMs, 'matrix', stack.pollers);
  try {
    const named = REQUIREMENT.flatMap((table) => table.rows.map(({ name }) => ({ table, name })));
    const rows = await inLanes(named, PREPARING, ({ table, name }) => prepareRow(lab, stack, table, name));
    await lab.quiet();
    const cells = new Map<PreparedRow, ProvedCell[]>();
    const proveRows = (sections: readonly number[], at: number) =>
      inLanes(
        rows.filter(({ table }) => sections.includes(table.section)),
        at,
        async (row) => {
          cells.set(row, cellsOf(row, await provedOrWhyNot(row)));
          onRow?.(cells.size, rows.length);
        },
      );
    await proveRows(UNDISTURBING, lanes);
    await Promise.all([proveRows([STATUSES], 1), proveRows([TRANSACTION_SUPPORT], rows.length)]);
    return rows.flatMap((row) => cells.get(row) ?? []);
  } finally {
    lab.close();
  }
}

/** The results in the order of the items, of which so many are under way at once. */
async function inLanes<Item, Result>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

async function prepareRow(lab: Lab, stack: Stack, table: RequiredTable, name: string): Promise<PreparedRow> {
  const row = (prove: () => Promise<RowProof>): PreparedRow => ({ table, name, prove });
  if (table.section === STATUSES) return row(() => proveStatuses(lab, name));
  if (table.section === LIVE_VIEWS) return row(() => proveLiveView(lab, name));
  if (table.section === TRANSACTION_SUPPORT) {
    return row(() => proveTransaction(lab, stack, TRANSACTIONS[name]));
  }
  const source = SOURCES.get(table.title)?.[name];
  if (source === undefined) return row(async () => ({}));
  try {
    const ready = await prepare(lab, source);
    return row(ready.prove);
  } catch (error) {
    return row(() => Promise.reject(asError(error)));
  }
}

/** What breaks a row breaks its cells, and no other row. */
async function provedOrWhyNot({ table, name, prove }: PreparedRow): Promise<RowProof> {
  try {
    return await prove();
  } catch (error) {
    const proof = failed(`it could not be done: ${asError(error).message}`);
    return Object.fromEntries(marked(table, name).map((column) => [column, proof]));
  }
}

function cellsOf({ table, name }: PreparedRow, proofs: RowProof): ProvedCell[] {
  return marked(table, name).map((target) => ({
    section: table.section,
    source: name,
    target,
    ...(proofs[target] ?? UNPROVED),
  }));
}

/** The columns of a row that have to hold. */
function marked(table: RequiredTable, name: string): string[] {
  const cells = table.rows.find((row) => row.name === name)?.cells ?? [];
  return table.columns.filter((_, index) => cells[index] === MARK);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
