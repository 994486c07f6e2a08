import type { RowChange } from '../../shared/contracts/publish.ts';
import type { Lab, Learner } from './lab.ts';
import { attempt, failed, proved, type Proof } from './proof.ts';

/** Where a change has to arrive. */
export interface Target {
  /** Whether it shows the new value: by its row, or over HTTP. */
  readonly shows: (learner: Learner, lab: Lab) => Promise<boolean>;
  /** Of a view: whom an event has to tell of it, and by a row of which tables. */
  readonly told?: {
    readonly topic: 'student' | 'admins';
    readonly view: string;
    readonly by: readonly string[];
  };
}

/** Something that somebody does, and where it has to arrive. */
export interface Source {
  /** Brings a learner to where it can be done. */
  readonly given: (lab: Lab) => Promise<Learner>;
  readonly does: (learner: Learner, lab: Lab) => Promise<unknown>;
  /** By column; a column that is left out is not proved yet. */
  readonly targets: Readonly<Record<string, Target>>;
}

/** A source whose learner is ready. */
export interface ReadySource {
  prove(): Promise<Readonly<Record<string, Proof>>>;
}

const PAUSE_MS = 10;

/**
 * Prepares a source. Its proof does it once and watches all targets: each must not show the new value before,
 * and show it after; where it is a view, a subscriber must have been told.
 */
export async function prepare(lab: Lab, source: Source): Promise<ReadySource> {
  const learner = await source.given(lab);
  const targets = Object.entries(source.targets);
  return {
    async prove() {
      const early = new Set<string>();
      for (const [column, target] of targets) {
        if (await target.shows(learner, lab)) early.add(column);
      }
      const begun = performance.now();
      await source.does(learner, lab);
      const done = performance.now();
      const proofs = await Promise.all(
        targets.map(async ([column, target]): Promise<[string, Proof]> => [
          column,
          early.has(column)
            ? failed('it showed the new value before anything was done')
            : await attempt(() => watch(lab, learner, target, begun, done)),
        ]),
      );
      return Object.fromEntries(proofs);
    },
  };
}

async function watch(
  lab: Lab,
  learner: Learner,
  target: Target,
  begun: number,
  done: number,
): Promise<Proof> {
  const seen = shownAt(lab, learner, target);
  if (target.told === undefined) {
    const at = await seen;
    return at === undefined
      ? failed('the table does not have the new value')
      : proved('in the table', since(done, at));
  }
  const { topic, view, by } = target.told;
  const events = topic === 'admins' ? lab.adminEvents : learner.events;
  const about = (row: RowChange) =>
    by.includes(row.table) && (row.key.includes(learner.courseId) || row.key.includes(learner.userId));
  const [at, toldAt] = await Promise.all([seen, events.told(view, about, begun, lab.timeoutMs)]);
  if (at === undefined) return failed('the view does not show the new value over HTTP');
  if (toldAt === undefined) return failed('the view shows it over HTTP, but no subscriber was told');
  return proved('over HTTP and by subscription', since(done, Math.max(at, toldAt)));
}

async function shownAt(lab: Lab, learner: Learner, { shows }: Target): Promise<number | undefined> {
  const end = performance.now() + lab.timeoutMs;
  for (;;) {
    if (await shows(learner, lab)) return performance.now();
    if (performance.now() > end) return undefined;
    await new Promise((resolve) => {
      setTimeout(resolve, PAUSE_MS);
    });
  }
}

/** An event may overtake the reply; then it was there at once. */
function since(done: number, at: number): number {
  return Math.max(0, at - done);
}
