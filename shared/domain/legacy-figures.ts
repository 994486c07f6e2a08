import type { Contribution, Metrics } from './contribution.ts';
import type { LedgerState } from './ledger.ts';
import {
  firstStamp,
  isLegacy,
  isRecord,
  keptOf,
  type LegacyRow,
  type Migrating,
  textAt,
  timeAt,
  type Unreadable,
} from './legacy-row.ts';
import type { Stamp } from './stamp.ts';

type Aggregate = Stamp & { readonly scope: string; readonly part: string };

/**
 * A row of figures that were added up by hand, in `analytics` or `qbankQuestionStatistics`: nothing says what they are
 * the sum of. The row is emptied, so that what the ledger adds is the whole of it; the figures are kept as a text,
 * which counts nowhere. It is not removed: whoever follows the table would be told of a row that cannot be read.
 */
export function migrateFigures(
  row: LegacyRow,
  given: Migrating,
): (Aggregate & { readonly figuresByHand: string }) | Unreadable | undefined {
  if (!isLegacy(row)) return undefined;
  const [scope, part] = [textAt(row, 'scope'), textAt(row, 'part')];
  if (scope === undefined || part === undefined) return { unreadable: ['scope', 'part'] };
  const figures = Object.entries(keptOf(row, 'scope', 'part')).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  const figuresByHand = JSON.stringify(Object.fromEntries(figures));
  return { scope, part, figuresByHand, ...firstStamp(timeAt(row, 'countedAt'), given) };
}

/**
 * A row of the ledger as the old school kept it for some of its counts: `counted` is the contribution now, and
 * `countedAt` its time. Without a version of its source it is of the first one, which every migrated row is; where
 * that contributes something else, the ledger's own rules put it right.
 */
export function migrateLedger(
  row: LegacyRow,
  given: Migrating,
): (LedgerState & Stamp) | Unreadable | undefined {
  if (!isLegacy(row)) return undefined;
  const source = textAt(row, 'source');
  if (source === undefined) return { unreadable: ['source'] };
  const contribution: Contribution = {};
  for (const [aggregate, metrics] of Object.entries(isRecord(row.counted) ? row.counted : {})) {
    if (!isRecord(metrics)) return { unreadable: ['counted'] };
    const whole: Metrics = {};
    for (const [metric, amount] of Object.entries(metrics)) {
      if (typeof amount !== 'number' || !Number.isInteger(amount)) return { unreadable: ['counted'] };
      whole[metric] = amount;
    }
    contribution[aggregate] = whole;
  }
  const known = isRecord(row.counted) ? 1 : 0;
  const ledger = {
    source,
    sourceVersion: known,
    contribution,
    ...firstStamp(timeAt(row, 'countedAt'), given),
  };
  return { ...keptOf(row, 'counted', 'countedAt'), ...ledger };
}
