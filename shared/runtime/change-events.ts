import type { RowChange } from '../contracts/publish.ts';
import type { Seen } from './visible-changes.ts';

/** An event on a topic, but for the topic and the time. */
export interface ChangeEvent<View extends string> {
  readonly eventId: string;
  readonly views: View[];
  readonly rows: RowChange[];
}

/** AppSync delivers at most 240 kB to a subscriber; characters, and the values are escaped once more. */
const LARGEST_EVENT = 100_000;

/** What a topic is told of a batch: one event, or a few where it would be too large to be delivered. */
export function eventsOf<View extends string>(
  changes: readonly Seen<View>[],
  largest = LARGEST_EVENT,
): ChangeEvent<View>[] {
  const events: { eventId: string; views: Set<View>; rows: RowChange[]; size: number }[] = [];
  for (const { eventId, views, row } of changes) {
    const fitting = sizeOf(row) > largest ? { ...row, values: {} } : row;
    const size = sizeOf(fitting);
    let event = events.at(-1);
    if (event === undefined || event.size + size > largest) {
      event = { eventId, views: new Set(), rows: [], size: 0 };
      events.push(event);
    }
    for (const view of views) event.views.add(view);
    event.rows.push(fitting);
    event.size += size;
  }
  return events.map(({ eventId, views, rows }) => ({ eventId, views: [...views], rows }));
}

function sizeOf(row: RowChange): number {
  return JSON.stringify(row).length;
}
