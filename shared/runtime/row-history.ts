/** What a batch says of a row: as it was before the first of its records, and as it is after the last. */
export interface RowHistory<Row> {
  /** Table and key. */
  readonly identity: string;
  /** Of the first record. */
  readonly eventId: string;
  readonly before: Row | undefined;
  readonly after: Row | undefined;
}

/**
 * One history for each row, from its earliest state to its latest by version, whatever the order: a record that
 * is delivered again can come after newer ones.
 */
export function latestOf<Row extends { readonly row: { readonly version: number } }>(
  histories: readonly RowHistory<Row>[],
): RowHistory<Row>[] {
  const byRow = new Map<string, RowHistory<Row>>();
  for (const history of histories) {
    const known = byRow.get(history.identity);
    byRow.set(history.identity, known === undefined ? history : joined(known, history));
  }
  return [...byRow.values()];
}

function joined<Row extends { readonly row: { readonly version: number } }>(
  one: RowHistory<Row>,
  other: RowHistory<Row>,
): RowHistory<Row> {
  const [first, last] = reached(one) <= reached(other) ? [one, other] : [other, one];
  // The same record twice has the same states, so either will do.
  const start = (one.before?.row.version ?? 0) <= (other.before?.row.version ?? 0) ? one : other;
  return { identity: one.identity, eventId: first.eventId, before: start.before, after: last.after };
}

/** The version that a record leads to; a removed row goes one beyond its last. */
function reached<Row extends { readonly row: { readonly version: number } }>({
  before,
  after,
}: RowHistory<Row>): number {
  return after?.row.version ?? (before?.row.version ?? 0) + 1;
}
