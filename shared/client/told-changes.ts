import type { RowChange } from '../contracts/publish.ts';

/** What was told of rows: of each its newest change. */
export interface ToldChanges {
  /** Remembers those that are news and gives them: not what comes again, or after something newer. */
  take(rows: readonly RowChange[]): RowChange[];
  all(): RowChange[];
}

/** Enough for what is told while one read is under way. */
const MOST_CHANGES = 1000;

export function toldChanges(): ToldChanges {
  // By table and key, the least recently told first.
  const changes = new Map<string, RowChange>();
  const placeOf = ({ table, key }: RowChange): string => `${table} ${key}`;
  return {
    take(rows) {
      const news = rows.filter((row) => row.version > (changes.get(placeOf(row))?.version ?? -1));
      for (const row of news) {
        changes.delete(placeOf(row));
        changes.set(placeOf(row), row);
      }
      for (const place of changes.keys()) {
        if (changes.size <= MOST_CHANGES) break;
        changes.delete(place);
      }
      return news;
    },
    all: () => [...changes.values()],
  };
}
