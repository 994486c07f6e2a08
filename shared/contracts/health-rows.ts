import * as z from 'zod';
import { stamp } from './rows.ts';
import { healthFigures } from './sync-health.ts';
import { Timestamp } from './fields.ts';

/** The rows of the tables `measurements` and `health`, read as those of rows.ts are. */

const Lag = z.object({
  events: z.int(),
  inTime: z.int(),
  again: z.int(),
  oldest: z.number(),
  buckets: z.record(z.string(), z.int()),
});

/**
 * What was measured, by flow and stage. It has no version: it is only ever counted up by the one who writes it, or
 * counted anew from such rows.
 */
export const MeasurementRow = z.looseObject({
  slot: z.string(),
  part: z.string(),
  lags: z.record(z.string(), Lag),
  expiresAt: z.int(),
});
export type MeasurementRow = z.infer<typeof MeasurementRow>;

/** The scores as they were last measured in a minute, beside the measurements of that minute. */
export const ScoresRow = z.looseObject({
  slot: z.string(),
  part: z.string(),
  score: healthFigures.score,
  scores: healthFigures.scores,
  expiresAt: z.int(),
});
export type ScoresRow = z.infer<typeof ScoresRow>;

/** The figures as they were last measured. */
export const HealthRow = z.looseObject({
  healthId: z.string(),
  measuredAt: Timestamp,
  ...healthFigures,
  /** Of the last reconciliation, as long as no newer one is known. */
  comparison: z
    .object({ at: Timestamp, counts: z.record(z.string(), z.int()), aside: z.int().default(0) })
    .optional(),
  ...stamp,
});
export type HealthRow = z.infer<typeof HealthRow>;
