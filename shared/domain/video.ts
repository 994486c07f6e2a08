import { equal, ownEntry } from './equal.ts';
import { DomainError } from './errors.ts';
import {
  clip,
  earliest,
  measure,
  milliseconds,
  subtract,
  union,
  type Interval,
  type Intervals,
} from './intervals.ts';

/** The share of a video that has to be played for it to be complete. */
export const VIDEO_COMPLETE_AT = 0.9;

/** The fastest a player plays. */
const LARGEST_RATE = 2;
/** Seconds that clocks, networks and buffers may blur. */
const SLACK_SECONDS = 15;
/** Players report ends that lie a little after the video's. */
const OVERSHOOT_SECONDS = 1;
const MOST_PIECES = 500;
const MOST_PLAYHEADS = 4;
const ONLY_PLAYBACK = 'default';

export type Playhead = { readonly positionSeconds: number; readonly at: string };

/** What a learner's row about a video remembers. */
export interface VideoMemory {
  readonly intervals: readonly Interval[];
  readonly positionSeconds: number;
  readonly lastBeatAt: string;
  readonly playheads: Readonly<Record<string, Playhead>>;
  readonly days: readonly string[];
  /** What is left of the slack; a row without it has all of it. */
  readonly slackSeconds?: unknown;
}

export interface Beat {
  readonly intervals?: readonly Interval[] | undefined;
  readonly positionSeconds?: number | undefined;
  readonly playbackId?: string | undefined;
}

export interface AcceptedBeat {
  readonly intervals: Intervals;
  readonly positionSeconds: number;
  readonly playheads: Record<string, Playhead>;
  readonly lastBeatAt: string;
  readonly days: string[];
  readonly slackSeconds: number;
  /** Seconds of the claim that could not have been played. Not part of the row. */
  readonly cutSeconds: number;
  /** False where the row already says all of this: nothing is to be written. Not part of the row. */
  readonly changed: boolean;
}

/** The video's length in whole milliseconds; never 0, so that it can be divided by. */
function lengthOf(durationSeconds: number): number {
  return Math.max(1, milliseconds(durationSeconds));
}

/** The part of the video that `seconds` are, 0 to 1. */
export function videoFraction(seconds: number, durationSeconds: number): number {
  return Math.min(1, Math.max(0, milliseconds(seconds) / lengthOf(durationSeconds)));
}

/** Whether so many seconds complete the video. */
export function videoComplete(seconds: number, durationSeconds: number): boolean {
  return milliseconds(seconds) >= Math.ceil(lengthOf(durationSeconds) * VIDEO_COMPLETE_AT - 1e-6);
}

/** Whole percent as shown: 100 only when complete. */
export function videoPercent(seconds: number, durationSeconds: number): number {
  if (videoComplete(seconds, durationSeconds)) return 100;
  return Math.min(99, Math.floor(100 * videoFraction(seconds, durationSeconds) + 1e-9));
}

/** Seconds of the video that the intervals cover, by the length that the outline gives it. */
export function watchedSeconds(intervals: readonly Interval[], durationSeconds: number): number {
  return measure(clip(intervals, lengthOf(durationSeconds) / 1000));
}

function refuse(field: string, message: string): never {
  throw new DomainError('interval_invalid', message, { field });
}

function checkedPosition(position: number, length: number, field: string): number {
  if (!Number.isFinite(position) || position < 0) refuse(field, 'A position is a number of seconds from 0.');
  if (position > length + OVERSHOOT_SECONDS) refuse(field, 'The position lies beyond the end of the video.');
  return milliseconds(Math.min(position, length)) / 1000;
}

function checkedIntervals(intervals: readonly Interval[], length: number): Intervals {
  const checked = intervals.map(([from, to], index): Interval => {
    const start = checkedPosition(from, length, `intervals.${index}.0`);
    const end = checkedPosition(to, length, `intervals.${index}.1`);
    if (from > to) refuse(`intervals.${index}`, 'An interval cannot end before it starts.');
    return [start, end];
  });
  return union(checked, []);
}

function secondsBetween(earlier: string, later: string): number {
  return Math.max(0, (Date.parse(later) - Date.parse(earlier)) / 1000);
}

/** What a player that tells only its position has played since it told it last: nothing if it has jumped. */
function playedTo(position: number, playhead: Playhead | undefined, now: string): Intervals {
  if (playhead === undefined || position <= playhead.positionSeconds) return [];
  const most = secondsBetween(playhead.at, now) * LARGEST_RATE + SLACK_SECONDS;
  return position - playhead.positionSeconds <= most ? [[playhead.positionSeconds, position]] : [];
}

function movePlayhead(
  playheads: Readonly<Record<string, Playhead>>,
  playbackId: string,
  positionSeconds: number,
  now: string,
): Record<string, Playhead> {
  const current = ownEntry(playheads, playbackId);
  // A resent beat must not count as news, but a player that stands still for long must not be taken for
  // one that has been playing: its next step would be believed.
  const resent =
    current?.positionSeconds === positionSeconds && secondsBetween(current.at, now) <= SLACK_SECONDS;
  if (resent) return { ...playheads };
  const others = Object.entries(playheads)
    .filter(([id]) => id !== playbackId)
    .sort(([, one], [, other]) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0))
    .slice(0, MOST_PLAYHEADS - 1);
  return Object.fromEntries([...others, [playbackId, { positionSeconds, at: now }]]);
}

function remainingSlack(memory: VideoMemory | undefined): number {
  const slack = memory?.slackSeconds;
  return typeof slack === 'number' ? Math.min(SLACK_SECONDS, Math.max(0, slack)) : SLACK_SECONDS;
}

/** Whether the beat that left the row like this may have been this one: both end where the player stands. */
export function endsWhere(row: Pick<VideoMemory, 'positionSeconds'>, beat: Beat): boolean {
  const told = beat.positionSeconds ?? beat.intervals?.at(-1)?.[1];
  if (told === undefined) return true;
  const beyond = milliseconds(told) - milliseconds(row.positionSeconds);
  return beyond >= 0 && beyond <= OVERSHOOT_SECONDS * 1000;
}

/**
 * What a beat makes of the row of a learner's video. `durationSeconds` is the outline's, never the client's.
 *
 * Seconds that are new may not outrun the time since the last beat of any device (before the first one, since
 * enrolling) at the largest rate; the slack on top comes back only with time, so that many quick beats are
 * worth no more than one. What exceeds is cut from the end.
 *
 * Throws DomainError interval_invalid (details.field names the part) and video_too_fragmented.
 */
export function acceptBeat(
  row: VideoMemory | undefined,
  beat: Beat,
  context: { readonly durationSeconds: number; readonly enrolledAt: string; readonly now: string },
): AcceptedBeat {
  const { now } = context;
  const length = lengthOf(context.durationSeconds) / 1000;
  const playbackId = beat.playbackId ?? ONLY_PLAYBACK;
  const known = union(row?.intervals ?? [], []);
  const playheads = row?.playheads ?? {};

  const told =
    beat.positionSeconds === undefined
      ? undefined
      : checkedPosition(beat.positionSeconds, length, 'positionSeconds');
  const claim =
    beat.intervals !== undefined
      ? checkedIntervals(beat.intervals, length)
      : told === undefined
        ? []
        : playedTo(told, ownEntry(playheads, playbackId), now);
  const lastTo = beat.intervals?.at(-1)?.[1];
  const position = told ?? (lastTo === undefined ? undefined : Math.min(milliseconds(lastTo) / 1000, length));

  const fresh = subtract(claim, known);
  const allowed =
    secondsBetween(row?.lastBeatAt ?? context.enrolledAt, now) * LARGEST_RATE + remainingSlack(row);
  const credited = earliest(fresh, allowed);
  const cut = subtract(fresh, credited);
  const intervals = union(known, credited);
  if (intervals.length > MOST_PIECES) {
    throw new DomainError('video_too_fragmented', 'The video was watched in too many pieces to keep.', {
      field: 'intervals',
      most: MOST_PIECES,
    });
  }

  const moved =
    position === undefined ? { ...playheads } : movePlayhead(playheads, playbackId, position, now);
  const previousPosition = row?.positionSeconds ?? 0;
  const played = subtract(claim, cut).length > 0;
  const stepped = position !== undefined && ownEntry(playheads, playbackId)?.positionSeconds !== position;
  const today = now.slice(0, 10);
  const days = [...(row?.days ?? [])];
  if ((played || stepped) && !days.includes(today)) days.push(today);
  days.sort();

  const next = { intervals, positionSeconds: position ?? previousPosition, playheads: moved, days };
  const before = {
    intervals: row?.intervals ?? [],
    positionSeconds: previousPosition,
    playheads,
    days: row?.days ?? [],
  };
  const changed = !equal(next, before);
  const cutSeconds = measure(cut);
  if (!changed) {
    return {
      ...next,
      lastBeatAt: row?.lastBeatAt ?? now,
      slackSeconds: remainingSlack(row),
      cutSeconds,
      changed,
    };
  }
  const slackSeconds = Math.min(SLACK_SECONDS, milliseconds(Math.max(0, allowed - measure(credited))) / 1000);
  const lastBeatAt = row !== undefined && row.lastBeatAt > now ? row.lastBeatAt : now;
  return { ...next, lastBeatAt, slackSeconds, cutSeconds, changed };
}
