import { setTimeout as sleep } from 'node:timers/promises';
import { isAbout, type Lab, type Learner } from './lab.ts';
import { attempt, failed, proved, type Proof } from './proof.ts';
import type { TooLate } from './too-late.ts';

/** Where a change has to arrive. */
export interface Target {
  /** Whether it shows the new value: by its row, or over HTTP. */
  readonly shows: (learner: Learner, lab: Lab) => Promise<boolean>;
  /** Whether it shows the old value, where not to show the new one does not say so. */
  readonly showed?: (learner: Learner, lab: Lab) => Promise<boolean>;
  /** Of a view: whom an event has to tell of it, by a row of each of these tables. */
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

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

/**
 * Prepares a source. Its proof does it once and watches all targets: each must not show the new value before,
 * and show it after; where it is a view, a subscriber must have been told.
 */
export async function prepare(lab: Lab, source: Source): Promise<ReadySource> {
  const learner = await source.given(lab);
  const targets = Object.entries(source.targets);
  return {
    async prove() {
      const unfit = new Map<string, Proof>();
      for (const [column, target] of targets) {
        const why = await whyUnfit(lab, learner, target);
        if (why !== undefined) unfit.set(column, failed(why));
      }
      const begun = performance.now();
      await source.does(learner, lab);
      const watching: Watching = { lab, learner, begun, done: performance.now(), tooLate: lab.tooLate() };
      try {
        const proofs = await Promise.all(
          targets.map(async ([column, target]): Promise<[string, Proof]> => [
            column,
            unfit.get(column) ?? (await attempt(() => watch(watching, target))),
          ]),
        );
        return Object.fromEntries(proofs);
      } finally {
        watching.tooLate.end();
      }
    },
  };
}

/** Why a target would prove nothing, looked at before anything is done. */
async function whyUnfit(lab: Lab, learner: Learner, target: Target): Promise<string | undefined> {
  if (await target.shows(learner, lab)) return 'it showed the new value before anything was done';
  if ((await target.showed?.(learner, lab)) === false) return 'it did not show the old value';
  return undefined;
}

interface Watching {
  readonly lab: Lab;
  readonly learner: Learner;
  /** When the source began and had its reply, by `performance.now()`. */
  readonly begun: number;
  readonly done: number;
  readonly tooLate: TooLate;
}

async function watch(watching: Watching, target: Target): Promise<Proof> {
  const { lab, learner, begun, done, tooLate } = watching;
  const seen = shownAt(watching, target);
  if (target.told === undefined) {
    const at = await seen;
    return at === undefined
      ? failed('the table does not have the new value')
      : proved('in the table', since(done, at));
  }
  const { topic, view, by } = target.told;
  const events = topic === 'admins' ? lab.adminEvents : learner.events;
  const told = by.map((table) =>
    events.told(view, (row) => row.table === table && isAbout(learner, row), begun, tooLate),
  );
  const [at, ...toldAt] = await Promise.all([seen, ...told]);
  if (at === undefined) return failed('the view does not show the new value over HTTP');
  const untold = by.filter((_, index) => toldAt[index] === undefined);
  if (untold.length > 0) {
    return failed(`the view shows it over HTTP, but no subscriber was told of ${untold.join(', ')}`);
  }
  const last = Math.max(at, ...toldAt.map((each) => each ?? 0));
  return proved('over HTTP and by subscription', since(done, last));
}

async function shownAt({ lab, learner, tooLate }: Watching, { shows }: Target): Promise<number | undefined> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 1.5)) {
    // Before the look, so that there is one look after it is too late.
    const isLast = tooLate.isHere();
    if (await shows(learner, lab)) return performance.now();
    if (isLast) return undefined;
    await sleep(pause);
  }
}

/** An event may overtake the reply; then it was there at once. */
function since(done: number, at: number): number {
  return Math.max(0, at - done);
}
