import type { Contribution } from './contribution.ts';

/**
 * A cut through the traffic that goes into ledger and aggregates: every transaction lies wholly before it or wholly
 * after, so that both can be added up as they were at the cut while they change. Every ledger row and every shard
 * says under which cut it was last written. Whoever is the first to change one after the cut keeps what it was.
 */
export interface Cut {
  /** Six digits, so that it is no metric of a shard, and texts compare as the numbers do. */
  readonly number: string;
  /** Whether something is still to be added up as it was at the cut. Nothing is kept of a closed one. */
  readonly open: boolean;
}

/** Before the first cut. */
export const NO_CUT: Cut = { number: '000000', open: false };

export function cutAfter({ number }: Cut): string {
  return String(Number(number) + 1).padStart(NO_CUT.number.length, '0');
}

/** What a row says of the cut that it was last written under; rows from before any cut say nothing. */
export function cutNumber(cut: unknown): string {
  return typeof cut === 'string' && /^\d{6}$/.test(cut) ? cut : NO_CUT.number;
}

interface Coloured {
  readonly cut?: unknown;
  readonly contribution: Contribution;
  readonly atCut?: Contribution | undefined;
}

/**
 * What a ledger row says of the cut when it changes. Undefined where the row is of a newer cut than the writer
 * knows of: he has to begin anew.
 */
export function colouredBy(
  { number, open }: Cut,
  previous: Coloured | undefined,
): { readonly cut: string | undefined; readonly atCut: Contribution | undefined } | undefined {
  const before = cutNumber(previous?.cut);
  if (before > number) return undefined;
  if (!open) return { cut: undefined, atCut: undefined };
  const atCut = before === number ? previous?.atCut : previous?.contribution;
  return { cut: number, atCut: Object.keys(atCut ?? {}).length > 0 ? atCut : undefined };
}

/** What a ledger row contributed at the cut `number`; undefined where it is of a newer cut, and nobody can tell. */
export function contributedAt(number: string, row: Coloured): Contribution | undefined {
  const written = cutNumber(row.cut);
  if (written > number) return undefined;
  return written === number ? (row.atCut ?? {}) : row.contribution;
}
