import { expect } from 'vitest';
import { type LedgerEntry, type Metrics } from '../../shared/domain/contribution.ts';
import { applyToLedger, type LedgerState } from '../../shared/domain/ledger.ts';

/** Ledger and aggregates as a store holds them. */
export class LedgerStore {
  readonly ledgers = new Map<string, LedgerState>();
  readonly aggregates = new Map<string, Map<string, number>>();

  /** Applies a batch and gives the number of ledger rows written. */
  apply(entries: readonly LedgerEntry[]): number {
    const { ledgers, deltas } = applyToLedger(this.ledgers.values(), entries);
    for (const { source, sourceVersion, contribution, previous } of ledgers) {
      expect(previous).toBe(this.ledgers.get(source));
      this.ledgers.set(source, { source, sourceVersion, contribution });
    }
    for (const [aggregate, metrics] of Object.entries(deltas)) {
      const sums = this.aggregates.get(aggregate) ?? new Map<string, number>();
      this.aggregates.set(aggregate, sums);
      for (const [metric, value] of Object.entries(metrics)) {
        expect(Number.isSafeInteger(value)).toBe(true);
        expect(value).not.toBe(0);
        sums.set(metric, (sums.get(metric) ?? 0) + value);
      }
    }
    return ledgers.length;
  }

  /** Without the metrics that have come back to 0. */
  totals(): Record<string, Metrics> {
    return tidy(
      Object.fromEntries([...this.aggregates].map(([name, sums]) => [name, Object.fromEntries(sums)])),
    );
  }
}

export function tidy(aggregates: Record<string, Metrics>): Record<string, Metrics> {
  return Object.fromEntries(
    Object.entries(aggregates)
      .map(([name, metrics]): [string, Metrics] => [
        name,
        Object.fromEntries(Object.entries(metrics).filter(([, value]) => value !== 0)),
      ])
      .filter(([, metrics]) => Object.keys(metrics).length > 0),
  );
}
