import type { RowChange } from '../contracts/publish.ts';
import { patches } from './patch-row.ts';
import { keyInView, mapRows, type RowKind, type ShownRows } from './view-rows.ts';
import type { ViewData, ViewName } from './watched-views.ts';

/**
 * The view with those rows brought up to date that it shows in an older version; the very same data when there is
 * none. A change of a row that the view does not show, or shows without its version, changes nothing: for that
 * the view is read again. Versions and figures end in the newest, whatever the order and however often repeated, as long
 * as of each row the newest change is among them.
 */
export function applyChange<View extends ViewName>(
  view: View,
  data: ViewData<View>,
  changes: readonly RowChange[],
): ViewData<View> {
  const newest = new Map<string, RowChange>();
  for (const change of changes) {
    const place = `${change.table} ${keyInView(view, change.key)}`;
    if (change.version > (newest.get(place)?.version ?? -1)) newest.set(place, change);
  }
  let changed = false;
  const next = mapRows(view, data, (kind, key, row) => {
    const { table, patch, repeat } = patches[kind];
    const change = newest.get(`${table} ${key}`);
    const progress = newest.get(`studentProgress ${key}`);
    let brought: typeof row | undefined = row;
    if (change !== undefined && change.version > row.version) {
      brought = change.removed ? undefined : patch(row, change);
    }
    if (brought !== undefined && progress !== undefined) brought = repeat?.(brought, progress) ?? brought;
    changed ||= brought !== row;
    return brought;
  });
  return changed ? next : data;
}

/**
 * The view as it was read, but with each row that is shown in a newer version already as it is shown; the very
 * same data when there is none.
 */
export function keepNewest<View extends ViewName>(
  view: View,
  read: ViewData<View>,
  shown: ViewData<View>,
): ViewData<View> {
  const known: { readonly [Kind in RowKind]: Map<string, ShownRows[Kind]> } = {
    enrollment: new Map(),
    detailedEnrollment: new Map(),
    progress: new Map(),
    request: new Map(),
    listedRequest: new Map(),
  };
  mapRows(view, shown, (kind, key, row) => {
    known[kind].set(key, row);
    return row;
  });
  let kept = false;
  const next = mapRows(view, read, (kind, key, row) => {
    const newer = known[kind].get(key);
    if (newer === undefined || newer.version <= row.version) return row;
    kept = true;
    return newer;
  });
  return kept ? next : read;
}
