import type { RowChange } from '../../../shared/contracts/publish.ts';
import { requiredTarget, viewNamed, type RequiredTarget } from '../../../shared/domain/required-targets.ts';
import { MARK, REQUIREMENT, type RequiredTable } from '../../../shared/domain/requirement.ts';
import type { ViewName } from '../../../shared/client/watched-views.ts';

/** Which cells of the requirement were seen to hold, by what was done and what arrived. Times are in milliseconds. */

/** Something that was done here and took effect. */
export interface Deed {
  /** The rows of the requirement that it is. */
  readonly names: readonly string[];
  /** What the rows that it changed say they were caused by. */
  readonly requestId: string;
  readonly startedAt: number;
  readonly repliedAt: number;
}

/** A row that an event told a view of. */
export interface Arrival {
  readonly view: ViewName;
  readonly row: RowChange;
  readonly at: number;
  /** When the view came to show it: with the event, or once it was read again. Missing until then. */
  readonly shownAt?: number;
}

/** A cell that was seen to hold; the latencies are zero where an event overtook the reply. */
export interface SeenCell {
  readonly id: string;
  readonly startedAt: number;
  readonly afterClick: number;
  readonly afterReply: number;
}

export function cellId({ title }: Pick<RequiredTable, 'title'>, row: string, column: string): string {
  return `${title}: ${row} → ${column}`;
}

/**
 * Two rows have one name for what two people do: a student who enters an open course, and an admin who lets one in. Each
 * is told by another name of the deed.
 */
const DISTINCT: ReadonlyMap<string, string> = new Map([
  ['Request Status Sync: Direct Enroll', 'Direct Enrollment'],
  ['Cross-App Sync (Admin → Student): Direct Enroll', 'Admin Enrollment'],
]);

function isRow({ title }: RequiredTable, row: string, { names }: Deed): boolean {
  return names.includes(DISTINCT.get(`${title}: ${row}`) ?? row);
}

/** The cells that a deed fills, by all that arrived since. */
export function cellsOf(deed: Deed, arrivals: readonly Arrival[]): SeenCell[] {
  const own = causedBy(deed, arrivals);
  return REQUIREMENT.flatMap((table) =>
    table.rows
      .filter(({ name }) => isRow(table, name, deed))
      .flatMap(({ name, cells }) =>
        table.columns.flatMap((column, index) => {
          const at = cells[index] === MARK ? seenAt(requiredTarget(table, column), deed, own) : undefined;
          return at === undefined ? [] : [seen(cellId(table, name, column), deed, at)];
        }),
      ),
  );
}

/**
 * The rows that a deed changed. One that is gone says who wrote it last, not who removed it: a request that went when
 * its enrollment came is the deed's, and so are the sums that say since then that they are of that request.
 */
function causedBy({ requestId, startedAt }: Deed, arrivals: readonly Arrival[]): Arrival[] {
  const caused = arrivals.filter(({ row }) => row.causedBy === requestId && !row.removed);
  const entered = new Set(caused.filter(({ row }) => row.table === 'enrollments').map(({ row }) => row.key));
  const since = arrivals.filter(({ at }) => at >= startedAt);
  const gone = since.filter(
    ({ row }) => row.removed && row.table === 'accessRequests' && entered.has(row.key),
  );
  const asking = new Set(gone.map(({ row }) => row.causedBy));
  const sums = since.filter(({ row }) => row.table === 'analytics' && asking.has(row.causedBy));
  return [...caused, ...gone, ...sums];
}

/** When a target first had what the deed did; undefined where it has not. */
function seenAt(target: RequiredTarget, { repliedAt }: Deed, own: readonly Arrival[]): number | undefined {
  switch (target.by) {
    case 'event':
      return first(
        own.filter(({ row }) => row.table === target.table && tells(row, target.value)).map(toldAt),
      );
    case 'view':
      return first(
        own
          .filter(({ view, row }) => view === target.view && target.tables.includes(row.table))
          // To be told is not to show it.
          .flatMap(({ shownAt }) => (shownAt === undefined ? [] : [shownAt])),
      );
    case 'reply':
      return repliedAt;
    case 'watch':
    case 'none':
      return undefined;
  }
}

const toldAt = ({ at }: Arrival): number => at;

function first(times: readonly number[]): number | undefined {
  return times.length === 0 ? undefined : Math.min(...times);
}

function tells({ removed, values }: RowChange, beginning: string): boolean {
  return removed || Object.keys(values).some((name) => name.startsWith(beginning));
}

function seen(id: string, { startedAt, repliedAt }: Deed, at: number): SeenCell {
  const since = (from: number): number => Math.max(0, at - from);
  return { id, startedAt, afterClick: since(startedAt), afterReply: since(repliedAt) };
}

/** What is known of how a view is kept. */
export interface Watched {
  readonly loaded: boolean;
  readonly pushed: boolean;
  readonly live: boolean;
}

/** The cells of the section about how views are kept that hold now. */
export function watchedCells(views: ReadonlyMap<ViewName, Watched>): string[] {
  return REQUIREMENT.flatMap((table) =>
    table.rows.flatMap(({ name, cells }) => {
      const view = viewNamed(name);
      const watched = view && views.get(view);
      if (watched === undefined) return [];
      return table.columns.flatMap((column, index) => {
        const target = requiredTarget(table, column);
        const holds = cells[index] === MARK && target.by === 'watch' && watched[target.what];
        return holds ? [cellId(table, name, column)] : [];
      });
    }),
  );
}

/** The cells that have to hold and that whoever follows the school can see. */
export const VISIBLE_CELLS: ReadonlySet<string> = new Set(
  REQUIREMENT.flatMap((table) =>
    table.rows.flatMap(({ name, cells }) =>
      table.columns.flatMap((column, index) =>
        cells[index] === MARK && requiredTarget(table, column).by !== 'none'
          ? [cellId(table, name, column)]
          : [],
      ),
    ),
  ),
);

/** All cells that have to hold. */
export const REQUIRED_CELLS: number = REQUIREMENT.flatMap(({ rows }) =>
  rows.flatMap(({ cells }) => cells),
).filter((cell) => cell === MARK).length;
