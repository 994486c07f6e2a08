import * as z from 'zod';
import { FLOWS } from '../domain/sync-flow.ts';
import { Timestamp } from './fields.ts';

/** The metrics of each flow, which have its name as their dimension `Flow`, of the last 15 minutes. */
export const HEALTH_METRICS = [
  'DerivedP50',
  'DerivedP99',
  'PublishedP50',
  'PublishedP99',
  'Events',
  'Waiting',
  'SetAside',
  'Drift',
  'Score',
] as const;
export type HealthMetric = (typeof HEALTH_METRICS)[number];

/** What the dimension `Flow` of those metrics can be. */
export const METERED_FLOWS = FLOWS;
/** Of all flows together there are `Score` and `SetAside`. */
export const ALL_FLOWS = 'all';

/** Of some time; milliseconds, null where nothing arrived. */
const LagFigures = z.strictObject({
  events: z.int(),
  p50: z.int().nullable(),
  p99: z.int().nullable(),
});

/** Over the last 15 minutes; and over the last day, which is the hour that runs and the 23 before it. */
const StageLag = z.strictObject({ minutes: LagFigures, day: LagFigures });

const score = z.int().min(0).max(100).nullable();

const FlowHealth = z.strictObject({
  name: z.enum(FLOWS),
  /** From what was written to the rows that follow from it. */
  derived: StageLag,
  /** From what a person did to the subscribers. */
  published: StageLag,
  waiting: z.strictObject({
    /** Deliveries that failed in the last minute or two and come again. */
    retrying: z.int(),
    /** Milliseconds that the oldest change of the last batches had waited. */
    oldest: z.int(),
  }),
  /** Records that wait to be redriven or dropped. */
  setAside: z.int(),
  /** What the last reconciliation found, and when it began; null where none has come to its end. */
  drift: z
    .strictObject({
      checked: z.int(),
      missing: z.int(),
      wrong: z.int(),
      orphaned: z.int(),
      repaired: z.int(),
      at: Timestamp,
    })
    .nullable(),
  score,
});

const figures = {
  flows: z.array(FlowHealth),
  /** The requirement's scores, and the one over all; null where nothing was measured. */
  scores: z.array(z.strictObject({ name: z.string(), score })),
  score,
  /** Of all flows and of none, such as jobs; `more` where there are too many to count. */
  setAside: z.strictObject({ waiting: z.int(), more: z.boolean() }),
};

/** How many minutes back it is known how each one was. */
export const MOST_MINUTES = 180;

/** How one minute was. */
const HealthMinute = z.strictObject({
  /** Its beginning. */
  at: Timestamp,
  /** The flows in which something arrived in it. */
  flows: z.array(z.strictObject({ name: z.enum(FLOWS), derived: LagFigures, published: LagFigures })),
  /** As they were last measured in it; null where they were not. */
  score,
  scores: figures.scores,
});
export type HealthMinute = z.infer<typeof HealthMinute>;

/** How well all views are kept in step, as measured every minute; `measuredAt` is null before the first time. */
export const SyncHealth = z.strictObject({
  measuredAt: Timestamp.nullable(),
  ...figures,
  /** The last minutes, as many as were asked for, oldest first; one that nobody measured is missing. */
  history: z.array(HealthMinute).optional(),
});
export type SyncHealth = z.infer<typeof SyncHealth>;

/** The figures as they are stored. */
export const healthFigures = figures;
