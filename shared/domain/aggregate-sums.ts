import type { Contribution } from './contribution.ts';
import type { Cause } from './stamp.ts';
import type { Finding, FlowName } from './sync-flow.ts';

/** Whole numbers of any size by metric: the squares of a whole school may exceed what a double tells exactly. */
export type Amounts = ReadonlyMap<string, bigint>;

/** What aggregates add up to, by aggregate and metric. */
export class Sums {
  readonly byAggregate = new Map<string, Map<string, bigint>>();

  /** The aggregate is there from then on, even where there is nothing to add. */
  add(aggregate: string, amounts: Iterable<readonly [metric: string, amount: number | bigint]>): void {
    const sum = this.byAggregate.get(aggregate) ?? new Map<string, bigint>();
    this.byAggregate.set(aggregate, sum);
    for (const [metric, amount] of amounts) sum.set(metric, (sum.get(metric) ?? 0n) + BigInt(amount));
  }

  addContribution(contribution: Contribution): void {
    for (const [aggregate, metrics] of Object.entries(contribution)) {
      this.add(aggregate, Object.entries(metrics));
    }
  }
}

/** Attributes of a shard that are no metric. */
const TEXTS = ['updatedAt', 'causedBy', 'causedAt'] as const;
const NO_METRICS = new Set<string>([
  'scope',
  'part',
  'version',
  'cut',
  'corrected',
  'figuresByHand',
  ...TEXTS,
]);

type Attributes = Readonly<Record<string, unknown>>;

/** A metric of a shard as it counts: what is no whole number counts as the one below it, or not at all. */
function wholeOf(value: unknown): bigint | undefined {
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isFinite(value) ? BigInt(Math.floor(value)) : undefined;
}

function isWhole(value: unknown): boolean {
  return typeof value === 'bigint' || Number.isInteger(value);
}

function metricsIn(row: Attributes): [metric: string, value: unknown][] {
  return Object.entries(row).filter(([name]) => !NO_METRICS.has(name));
}

function versionOf({ version }: Attributes): number | undefined {
  return typeof version === 'number' && Number.isInteger(version) && version > 0 ? version : undefined;
}

/** The metrics of a shard as it is stored. */
export function amountsOf(row: Attributes): Amounts {
  return new Map(
    metricsIn(row).flatMap(([name, value]) => {
      const whole = wholeOf(value);
      return whole === undefined ? [] : [[name, whole]];
    }),
  );
}

/** Whether all attributes of a shard are what they should be. */
export function isSound(row: Attributes): boolean {
  return (
    versionOf(row) !== undefined &&
    TEXTS.every((name) => typeof row[name] === 'string') &&
    metricsIn(row).every(([, value]) => isWhole(value))
  );
}

/**
 * A shard that is not sound as one that is, with what counted before and nothing else. A version that is lost goes on
 * with the time in milliseconds, so that it grows.
 */
export function mendedShard(row: Attributes, now: string, cause: Cause): Attributes {
  const { causedBy, causedAt } = cause;
  const kept = Object.entries(row).filter(([name]) => NO_METRICS.has(name));
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(amountsOf(row)),
    version: (versionOf(row) ?? Date.parse(now)) + 1,
    updatedAt: now,
    causedBy,
    causedAt,
  };
}

/** `scope|part` of a shard; undefined for a row that is no shard of anything, which nobody reads. */
export function aggregateOfShard({ scope, part }: { readonly scope: string; readonly part: string }) {
  const end = /#\d+$/.exec(part)?.index;
  return end === undefined ? undefined : `${scope}|${part.slice(0, end)}`;
}

/** The flow of an aggregate: the question bank has its own. */
export function flowOfAggregate(aggregate: string): FlowName {
  return /^(bank|student)#|\|qbank-/.test(aggregate) ? 'qbank' : 'analytics';
}

/** The flow of a ledger row. */
export function flowOfSource(source: string): FlowName {
  return source.startsWith('qbank') ? 'qbank' : 'analytics';
}

/** An aggregate that is not the sum of its ledger rows. */
export interface AggregateFinding extends Finding {
  /** `scope|part`. */
  readonly aggregate: string;
  /** What it lacks, by metric; without zeros. */
  readonly lacks: Amounts;
  /** Whether attributes of its shards have to be mended. */
  readonly malformed: boolean;
}

/** Compares an aggregate with what its ledger rows add up to. Undefined where there is nothing to find. */
export function findingOf(given: {
  readonly aggregate: string;
  readonly ledger: Amounts | undefined;
  readonly shards: Amounts | undefined;
  readonly malformed: boolean;
}): AggregateFinding | undefined {
  const { aggregate, ledger, shards, malformed } = given;
  const lacks = new Map<string, bigint>();
  for (const metric of new Set([...(ledger?.keys() ?? []), ...(shards?.keys() ?? [])])) {
    const missing = (ledger?.get(metric) ?? 0n) - (shards?.get(metric) ?? 0n);
    if (missing !== 0n) lacks.set(metric, missing);
  }
  if (lacks.size === 0 && !malformed) return undefined;
  const drift = malformed
    ? 'wrong'
    : isNothing(shards)
      ? 'missing'
      : isNothing(ledger)
        ? 'orphaned'
        : 'wrong';
  return {
    flow: flowOfAggregate(aggregate),
    drift,
    reason: drift === 'missing' ? 'not_applied' : drift === 'orphaned' ? 'unsourced' : 'altered',
    subject: `aggregates#${aggregate}`,
    aggregate,
    lacks,
    malformed,
  };
}

function isNothing(amounts: Amounts | undefined): boolean {
  return amounts === undefined || [...amounts.values()].every((amount) => amount === 0n);
}
