import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Actions } from './actions.ts';
import type { MatrixKeeper } from './matrix/keep-matrix.ts';
import type { Session } from './session.ts';
import type { ViewSource } from '../../shared/client/view-source.ts';
import type { ViewUpdate } from '../../shared/client/view-watch.ts';
import type { ViewName } from '../../shared/client/watched-views.ts';

/** What pages are given: who is signed in, and what was done here. */
export interface School {
  readonly admin: Session;
  readonly student: Session | undefined;
  readonly actions: Actions;
  /** What of the requirement was seen to hold. */
  readonly matrix: MatrixKeeper;
}

/** The nine views, each kept in step whatever page is open. */
export type Views = { readonly [View in ViewName]: ViewSource<View> };

export const ViewsContext = createContext<Views | undefined>(undefined);

/**
 * The last update of one of the nine views, undefined where there is none yet. Who uses it is rendered when that view
 * changes, and not for the others.
 */
export function useLiveView<View extends ViewName>(view: View): ViewUpdate<View> | undefined {
  const views = useContext(ViewsContext);
  if (views === undefined) throw new Error('There are no views outside of the school');
  const source: ViewSource<View> = views[view];
  return useSyncExternalStore(source.subscribe, source.current);
}
