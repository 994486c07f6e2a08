import { type LagMeter, createLagMeter } from '../../shared/store/lag-meter.ts';
import type { Database } from './database.ts';

/** Measures as a container does that was just started, and fails where it cannot write. */
export function lagMeter(
  { documents, tables }: Pick<Database, 'documents' | 'tables'>,
  clock: () => Date,
  container = 'test#1',
): LagMeter {
  const onFailure = (error: unknown) => {
    throw error;
  };
  return createLagMeter(documents, tables, { container, clock, onFailure });
}
