import { equal } from './equal.ts';
import { type Lag, lagOfBatch, mergedLag, NO_LAG, quantileOf } from './lag.ts';
import type { ProgressState } from './states.ts';
import { type Flow, type FlowName, FLOWS, flowsOf, SCORES } from './sync-flow.ts';
import type { JobCounts } from './job.ts';

/**
 * The health of the synchronisation: how long changes take in each flow, what fails, what was out of step when all was
 * last compared, and the scores that follow.
 */

/** How far a change has come: a row that follows from it is written, or subscribers are told. */
const STAGES = ['derived', 'published'] as const;
export type Stage = (typeof STAGES)[number];

/** A change, and the milliseconds that it took, or has taken so far. */
interface TimedChange {
  readonly flow: FlowName;
  readonly milliseconds: number;
}

/** The changes of a batch. */
export interface TimedBatch {
  readonly stage: Stage;
  readonly arrived: readonly TimedChange[];
  /** Those that failed and come again. */
  readonly again: readonly TimedChange[];
}

/** What was measured of a batch; a flow without changes is missing. */
export function lagsOf({ stage, arrived, again }: TimedBatch): Lags {
  const flows = new Set([...arrived, ...again].map(({ flow }) => flow));
  return Object.fromEntries(
    [...flows].map((flow) => {
      const of = (changes: readonly TimedChange[]) =>
        changes.filter((change) => change.flow === flow).map(({ milliseconds }) => milliseconds);
      return [lagName(flow, stage), lagOfBatch(of(arrived), of(again))];
    }),
  );
}

/** What was measured, by flow and stage: `video.derived`. */
export type Lags = Readonly<Record<string, Lag>>;

export function lagName(flow: FlowName, stage: Stage): string {
  return `${flow}.${stage}`;
}

/** Merges what several containers, or several minutes, measured. */
export function mergedLags(all: readonly Lags[]): Lags {
  const names = new Set(all.flatMap((lags) => Object.keys(lags)));
  return Object.fromEntries(
    [...names].map((name) => [name, mergedLag(all.flatMap((lags) => lags[name] ?? []))]),
  );
}

type FlowsOfTables = Readonly<Record<string, FlowName>>;

/**
 * The flow that a consumer serves with a change of a table: that of what people did, but for sums that follow from
 * progress, which are the analytics'.
 */
const CONSUMED: Readonly<Record<string, FlowsOfTables>> = {
  'project-progress': {
    chapterCompletions: 'progress',
    waivers: 'progress',
    videoProgress: 'video',
    quizAttempts: 'quiz',
    qbankQuestionAttempts: 'qbank',
  },
  'aggregate-analytics': {
    students: 'analytics',
    accessRequests: 'requests',
    payments: 'enrollment',
    enrollments: 'enrollment',
    chapterCompletions: 'analytics',
    videoProgress: 'analytics',
    quizAttempts: 'analytics',
    qbankQuestionAttempts: 'qbank',
    qbankTests: 'qbank',
    qbankRecords: 'qbank',
  },
  'react-to-progress': { studentProgress: 'certificates' },
  'notify-subscribers': {
    students: 'enrollment',
    accessRequests: 'requests',
    enrollments: 'enrollment',
    studentProgress: 'progress',
    certificates: 'certificates',
    notifications: 'notifications',
    analytics: 'analytics',
    qbankTests: 'qbank',
    qbankQuestions: 'qbank',
    qbankQuestionStatistics: 'qbank',
  },
};

/** The flow that `consumer` serves with a change of `table`, by the table's name in the code. */
export function flowOf(consumer: string, table: string): FlowName | undefined {
  return CONSUMED[consumer]?.[table];
}

/** What moved a learner's progress between two states of it; several things at once are progress alike. */
export function flowOfProgress(before: ProgressState | undefined, after: ProgressState): FlowName {
  const moved: FlowName[] = [];
  if (!equal(before?.watchedVideos ?? {}, after.watchedVideos)) moved.push('video');
  if (!equal(before?.quizAttempts ?? {}, after.quizAttempts)) moved.push('quiz');
  if (!equal(before?.answeredQuestions, after.answeredQuestions)) moved.push('qbank');
  const [only, ...others] = moved;
  return before === undefined || only === undefined || others.length > 0 ? 'progress' : only;
}

/**
 * The flow of a record that was set aside, by the id it is kept under: the table's name in the database, which may
 * have that of a stage in front, the record, the consumer.
 */
export function flowOfFailure(failureId: string): FlowName | undefined {
  const parts = failureId.split('#');
  const [consumer = '', [table = '']] = [parts.at(-1), parts];
  const named = table.split(/[^A-Za-z]/).map((part) => flowOf(consumer, part));
  return named.find((flow) => flow !== undefined);
}

/** What was found out of step when all was last compared. */
export interface Comparison {
  readonly at: string;
  readonly counts: JobCounts;
  /** People who could not be compared, as one of their rows cannot be read. */
  readonly aside: number;
}

/** All that the figures are made of. */
export interface Measured {
  /** What was measured in the last quarter of an hour, and in the last day. */
  readonly minutes: Lags;
  readonly day: Lags;
  /** What was measured in this minute and the one before, for what is waiting at present. */
  readonly now: Lags;
  /** The ids of the failures that wait, and whether there are more. */
  readonly aside: { readonly failureIds: readonly string[]; readonly more: boolean };
  /** Undefined where nothing was ever compared. */
  readonly comparison: Comparison | undefined;
}

/** Of some time, and in milliseconds; null where nothing arrived. */
export interface LagFigures {
  readonly events: number;
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface FlowHealth {
  readonly name: FlowName;
  readonly derived: { readonly minutes: LagFigures; readonly day: LagFigures };
  readonly published: { readonly minutes: LagFigures; readonly day: LagFigures };
  /** Deliveries that failed in the last minute or two and come again, and how old the oldest of the last batches was. */
  readonly waiting: { readonly retrying: number; readonly oldest: number };
  readonly setAside: number;
  /** What was last found out of step, and when; null where nothing was ever compared. */
  readonly drift: (Omit<Flow, 'name'> & { readonly at: string }) | null;
  readonly score: number | null;
}

export interface SyncHealth {
  readonly flows: readonly FlowHealth[];
  /** The requirement's. */
  readonly scores: readonly { readonly name: string; readonly score: number | null }[];
  readonly score: number | null;
  /** All records that wait to be redriven or dropped, those of no flow too, and whether there are more. */
  readonly setAside: { readonly waiting: number; readonly more: boolean };
}

/** The figures that follow from what was measured. */
export function healthOf(measured: Measured): SyncHealth {
  const { aside, comparison } = measured;
  const compared = comparison === undefined ? [] : flowsOf(comparison.counts);
  const ofAside = aside.failureIds.map(flowOfFailure);
  const scored = (names: readonly FlowName[]) =>
    scoreFrom(
      compared.filter(({ name }) => names.includes(name)),
      comparison?.aside ?? 0,
      mergedLag(names.flatMap((name) => STAGES.map((stage) => lagOf(measured.day, name, stage)))),
    );
  return {
    flows: FLOWS.map((name) => {
      const stages = (stage: Stage) => ({
        minutes: figuresOf(lagOf(measured.minutes, name, stage)),
        day: figuresOf(lagOf(measured.day, name, stage)),
      });
      const present = mergedLag(STAGES.map((stage) => lagOf(measured.now, name, stage)));
      const flow = compared.find((each) => each.name === name);
      return {
        name,
        derived: stages('derived'),
        published: stages('published'),
        waiting: { retrying: present.again, oldest: Math.round(present.oldest) },
        setAside: ofAside.filter((each) => each === name).length,
        drift: comparison === undefined || flow === undefined ? null : driftOf(flow, comparison.at),
        score: scored([name]),
      };
    }),
    scores: SCORES.map(({ name, flows }) => ({ name, score: scored(flows) })),
    score: scored(FLOWS),
    setAside: { waiting: aside.failureIds.length, more: aside.more },
  };
}

/** What was measured in some time of the flows in which something arrived. */
export function figuresOfMinute(lags: Lags) {
  return FLOWS.map((name) => ({
    name,
    derived: figuresOf(lagOf(lags, name, 'derived')),
    published: figuresOf(lagOf(lags, name, 'published')),
  })).filter(({ derived, published }) => derived.events + published.events > 0);
}

/** Before anything was measured. */
export const NOTHING_MEASURED: SyncHealth = healthOf({
  minutes: {},
  day: {},
  now: {},
  aside: { failureIds: [], more: false },
  comparison: undefined,
});

/**
 * The score of flows, in whole percent: the part of the values that were in step when all had last been compared and
 * repaired, times the part of the last day's changes that arrived within a second (at the derived rows, and at the
 * subscribers). What was never compared, or did not move, counts by the other part alone; null where nothing was
 * measured at all. Who could not be compared is taken for one value out of step of each flow.
 *
 * Rounded to the nearest percent, so that one late change in a thousand is not taken for a fault; but a single value
 * out of step keeps it under 100.
 */
export function scoreFrom(
  compared: readonly Flow[],
  aside: number,
  arrived: Pick<Lag, 'events' | 'inTime'>,
): number | null {
  const unknown = compared.length * aside;
  const checked = compared.reduce((sum, flow) => sum + flow.checked, unknown);
  const left = compared.reduce((sum, flow) => sum + leftOf(flow), unknown);
  if (checked === 0 && arrived.events === 0) return null;
  const inStep = checked === 0 ? 1 : Math.max(0, checked - left) / checked;
  const inTime = arrived.events === 0 ? 1 : arrived.inTime / arrived.events;
  return Math.min(left > 0 ? 99 : 100, Math.round(100 * inStep * inTime));
}

/** How many values of a flow are out of step still. */
function leftOf({ missing, wrong, orphaned, repaired }: Flow): number {
  return Math.max(0, missing + wrong + orphaned - repaired);
}

function lagOf(lags: Lags, flow: FlowName, stage: Stage): Lag {
  return lags[lagName(flow, stage)] ?? NO_LAG;
}

function figuresOf(lag: Lag): LagFigures {
  const rounded = (share: number) => {
    const milliseconds = quantileOf(lag, share);
    return milliseconds === null ? null : Math.round(milliseconds);
  };
  return { events: lag.events, p50: rounded(0.5), p99: rounded(0.99) };
}

function driftOf({ checked, missing, wrong, orphaned, repaired }: Flow, at: string): FlowHealth['drift'] {
  return { checked, missing, wrong, orphaned, repaired, at };
}
