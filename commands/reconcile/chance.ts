import { seededRandom } from '../../infra/local/streams/stream-clock.ts';

/** Choices that depend on a seed only. */
export interface Chance {
  /** A whole number from 0, less than `below`. */
  readonly draw: (below: number) => number;
  /** Whether something that happens in so many of a hundred cases happens. */
  readonly hits: (percent: number) => boolean;
  readonly pick: <T>(from: readonly [T, ...T[]]) => T;
  /** So many of a list, in any order; all of a shorter one. */
  readonly some: <T>(of: readonly T[], count: number) => T[];
}

/** @param about what is chosen: each thing has choices of its own, so that one more of one moves no other */
export function chanceOf(seed: number, about: string): Chance {
  const random = seededRandom(
    [...about].reduce((mix, letter) => Math.imul(mix, 31) + letter.charCodeAt(0), seed),
  );
  const draw = (below: number) => Math.floor(random() * below);
  return {
    draw,
    hits: (percent) => random() * 100 < percent,
    pick: ([first, ...rest]) => rest[draw(rest.length + 1) - 1] ?? first,
    some: (of, count) => {
      const left = [...of];
      const drawn: (typeof left)[number][] = [];
      while (drawn.length < count && left.length > 0) {
        const at = draw(left.length);
        const [last] = left.splice(-1);
        if (last === undefined) break;
        // The place of what is drawn is taken by the last one: nothing has to move up.
        const chosen = at === left.length ? last : left[at];
        if (at < left.length) left[at] = last;
        if (chosen !== undefined) drawn.push(chosen);
      }
      return drawn;
    },
  };
}
