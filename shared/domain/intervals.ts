/** Seconds [from, to). */
export type Interval = readonly [from: number, to: number];

/** Sorted, disjoint, none touching the next, none empty, whole milliseconds. */
export type Intervals = [from: number, to: number][];

/** Seconds as whole milliseconds: sums and comparisons of these are exact. */
export function milliseconds(seconds: number): number {
  return Math.round(seconds * 1000);
}

type Milliseconds = [from: number, to: number][];

function normalised(intervals: readonly Interval[]): Milliseconds {
  const sorted = intervals
    .map(([from, to]): [number, number] => [milliseconds(from), milliseconds(to)])
    .filter(([from, to]) => from < to)
    .sort((one, other) => one[0] - other[0]);
  const joined: Milliseconds = [];
  for (const interval of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && interval[0] <= last[1]) last[1] = Math.max(last[1], interval[1]);
    else joined.push(interval);
  }
  return joined;
}

function seconds(intervals: Milliseconds): Intervals {
  return intervals.map(([from, to]) => [from / 1000, to / 1000]);
}

/** Everything in `one` or in `other`. The arguments may overlap, touch and be in any order; backwards ones count as empty. */
export function union(one: readonly Interval[], other: readonly Interval[]): Intervals {
  return seconds(normalised([...one, ...other]));
}

/** What lies in [0, length). */
export function clip(intervals: readonly Interval[], length: number): Intervals {
  return union(
    intervals.map(([from, to]): Interval => [Math.max(0, from), Math.min(length, to)]),
    [],
  );
}

/** Seconds covered, overlaps counted once. */
export function measure(intervals: readonly Interval[]): number {
  return normalised(intervals).reduce((sum, [from, to]) => sum + (to - from), 0) / 1000;
}

/** What is in `one` and not in `other`. */
export function subtract(one: readonly Interval[], other: readonly Interval[]): Intervals {
  const holes = normalised(other);
  const left: Milliseconds = [];
  for (const [from, to] of normalised(one)) {
    let start = from;
    for (const [holeFrom, holeTo] of holes) {
      if (holeTo <= start) continue;
      if (holeFrom >= to) break;
      if (holeFrom > start) left.push([start, holeFrom]);
      start = Math.max(start, holeTo);
    }
    if (start < to) left.push([start, to]);
  }
  return seconds(left);
}

/** The first `amount` seconds of what is covered, from the start. */
export function earliest(intervals: readonly Interval[], amount: number): Intervals {
  let left = Math.floor(amount * 1000 + 1e-6);
  const kept: Milliseconds = [];
  for (const [from, to] of normalised(intervals)) {
    if (left <= 0) break;
    const end = Math.min(to, from + left);
    kept.push([from, end]);
    left -= end - from;
  }
  return seconds(kept);
}
