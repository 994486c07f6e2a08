import type { Contribution, LedgerEntry } from './contribution.ts';
import { equal, ownEntry } from './equal.ts';
import { coalesce, type LedgerChange, type LedgerState } from './ledger.ts';
import type { Cause } from './stamp.ts';
import type { Check, Finding, FlowName } from './sync-flow.ts';

/** A ledger row as it is stored. */
type Stored = LedgerState & Cause;

/** What ledger rows are out of step, and the rows that set them right, each pinned to what was read. */
export interface LedgerCheck<L extends Stored> extends Check {
  readonly repair: readonly LedgerChange<L>[];
}

/**
 * All ledger rows of a user beside what the user's source rows say to the ledger. They were read after the ledger, so
 * that a ledger row tells of no version that the source has not reached; and what the sources came to say a moment ago
 * may be on its way.
 *
 * @param given.entries what all source rows say
 * @param given.settled what those of them say that were not written a moment ago
 */
export function checkLedger<L extends Stored>(given: {
  readonly ledgers: readonly L[];
  readonly entries: readonly LedgerEntry[];
  readonly settled: readonly LedgerEntry[];
}): LedgerCheck<L> {
  const ledgers = new Map(given.ledgers.map((ledger) => [ledger.source, ledger]));
  const settled = new Map(coalesce(given.settled).map((entry) => [entry.source, entry]));
  const full = new Map(coalesce(given.entries).map((entry) => [entry.source, entry]));
  const checked = { analytics: 0, qbank: 0 };
  const findings: Finding[] = [];
  const repair: LedgerChange<L>[] = [];
  for (const source of new Set([...ledgers.keys(), ...full.keys()])) {
    const flow = flowOf(source);
    const stored = ledgers.get(source);
    const entry = full.get(source);
    if (saysNothing(stored?.contribution) && saysNothing(entry?.contribution) && !isAhead(stored, entry))
      continue;
    checked[flow] += 1;
    const found = entry === undefined ? ORPHANED : drift(stored, entry, settled.get(source));
    if (found === undefined) continue;
    findings.push({ flow, ...found, subject: `ledger#${source}` });
    repair.push(restored(source, stored, entry));
  }
  return { checked, findings, repair };
}

function flowOf(source: string): FlowName & ('analytics' | 'qbank') {
  return source.startsWith('qbank') ? 'qbank' : 'analytics';
}

function saysNothing(contribution: Contribution | undefined): boolean {
  return contribution === undefined || Object.keys(contribution).length === 0;
}

/** A row that claims a version which its source has not reached would keep everything out until it has. */
function isAhead(stored: Stored | undefined, entry: LedgerEntry | undefined): boolean {
  return stored !== undefined && entry !== undefined && stored.sourceVersion > entry.sourceVersion;
}

type Found = Pick<Finding, 'drift' | 'reason'>;

const ORPHANED: Found = { drift: 'orphaned', reason: 'unsourced' };

/** `settled`: what the source says without what it said a moment ago; it may stand at anything between the two. */
function drift(
  stored: Stored | undefined,
  entry: LedgerEntry,
  settled: LedgerEntry | undefined,
): Found | undefined {
  const current: Contribution = stored?.contribution ?? {};
  const isNews = settled === undefined || settled.sourceVersion < entry.sourceVersion;
  if (!isAhead(stored, entry)) {
    if (equal(current, entry.contribution)) return undefined;
    if (entry.merge === 'join') {
      if (reaches(current, settled?.contribution ?? {}) && reaches(entry.contribution, current))
        return undefined;
    } else if (isNews && (stored?.sourceVersion ?? 0) < entry.sourceVersion) return undefined;
  }
  if (stored === undefined) return { drift: 'missing', reason: 'not_applied' };
  const behind = stored.sourceVersion < entry.sourceVersion;
  return { drift: 'wrong', reason: behind ? 'not_applied' : 'altered' };
}

/** Whether one contribution has at least what the other has, metric by metric. */
function reaches(one: Contribution, other: Contribution): boolean {
  return Object.entries(other).every(([aggregate, metrics]) =>
    Object.entries(metrics).every(
      ([metric, value]) => (ownEntry(ownEntry(one, aggregate) ?? {}, metric) ?? 0) >= value,
    ),
  );
}

/** What is said by nothing contributes nothing, and stays as a row, whose version keeps late news of it out. */
function restored<L extends Stored>(
  source: string,
  stored: L | undefined,
  entry: LedgerEntry | undefined,
): LedgerChange<L> {
  const { sourceVersion, contribution, causedBy, causedAt } = entry ?? {
    sourceVersion: stored?.sourceVersion ?? 0,
    contribution: {},
    causedBy: stored?.causedBy ?? source,
    causedAt: stored?.causedAt ?? '',
  };
  return { source, sourceVersion, contribution, causedBy, causedAt, previous: stored };
}
